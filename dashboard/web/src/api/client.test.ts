import { API_BASE } from '@weir/contracts/dashboard-api';
import { describe, expect, it, vi } from 'vitest';
import { ApiClient, ApiFailure, apiPath } from './client.js';

const answer = (status: number, body: unknown) =>
  vi.fn(async () => new Response(status === 204 ? null : JSON.stringify(body), { status })) as unknown as typeof fetch;

describe('paths of the API', () => {
  it('encode what they are about', () => {
    expect(apiPath(['hosts', '2001:db8::1/../x'])).toBe('/api/v1/hosts/2001%3Adb8%3A%3A1%2F..%2Fx');
  });

  it('repeat lists and leave out what is empty', () => {
    expect(apiPath(['incidents'], { severity: ['high', 'low'], text: '', page: 2, kind: undefined })).toBe(
      '/api/v1/incidents?severity=high&severity=low&page=2',
    );
  });
});

describe('the client', () => {
  it('sends the token of the session with changes only', async () => {
    const fetcher = answer(200, {});
    const client = new ApiClient(fetcher);
    client.csrfToken = 'secret';
    await client.get('/x');
    await client.post('/x', { a: 1 });
    const [[, got], [, posted]] = vi.mocked(fetcher).mock.calls as unknown as [unknown, RequestInit][];
    expect(new Headers(got!.headers).has('x-weir-csrf')).toBe(false);
    expect(new Headers(posted!.headers).get('x-weir-csrf')).toBe('secret');
    expect(posted!.body).toBe('{"a":1}');
  });

  it('throws what the server says of a refusal', async () => {
    const client = new ApiClient(answer(409, { message: 'no: because' }));
    await expect(client.get('/x')).rejects.toEqual(new ApiFailure(409, 'no: because'));
  });

  it('tells that the session is over, but not when asked who is there', async () => {
    const client = new ApiClient(answer(401, { message: 'log in' }));
    client.onSignedOut = vi.fn();
    await expect(client.get(`${API_BASE}/session`)).rejects.toThrow();
    expect(client.onSignedOut).not.toHaveBeenCalled();
    await expect(client.get(`${API_BASE}/flows`)).rejects.toThrow();
    expect(client.onSignedOut).toHaveBeenCalledOnce();
  });

  it('says so when no answer comes', async () => {
    const client = new ApiClient(async () => {
      throw new TypeError('fetch failed');
    });
    await expect(client.get('/x')).rejects.toMatchObject({ statusCode: 0 });
  });
});
