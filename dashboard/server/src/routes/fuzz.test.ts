import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestDashboard } from '../dashboard.fixture.js';
import { anIncident } from '../events.fixture.js';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
}

/** What an attacker sends in place of a word, a number, a list. */
const HOSTILE = [
  '', '../../../../etc/passwd', '..%2f..%2f', '%00', '\0', '<script>alert(1)</script>', `'; DROP TABLE incidents; --`,
  '#{7*7}', '-1', '1e999', 'NaN', '9'.repeat(400), 'x'.repeat(5000), '[]', '{}', 'null', '__proto__', '\u202e',
  '%c0%ae%c0%ae/', '*', '%', '_', '"', '\\', '2147483648', '0x10',
]; // biome-ignore format: a list to read
/** What an attacker asks for to leave the place of the resource. */
const HOSTILE_PATHS = [
  '....//....//etc/passwd', '..\\..\\windows\\win.ini', '/etc/passwd%00.json', 'file:///etc/passwd', '%ed%a0%80', '1;2', ' ',
  '\r\nset-cookie: a=b',
]; // biome-ignore format: a list to read
const HOSTILE_JSON = [
  null,
  true,
  -1,
  1e308,
  '',
  'x'.repeat(5000),
  [],
  {},
  [[]],
  { $gt: '' },
  '<img src=x onerror=alert(1)>',
  '\0',
];

let test: TestDashboard;
let operations: [method: string, path: string, operation: Operation][];
const unexpected: string[] = [];

beforeAll(async () => {
  test = await TestDashboard.start({ requestsPerMinute: 1e7 });
  await test.followLink();
  test.bus.push({ kind: 'incident', incident: anIncident() });
  await test.settle();
  const { paths } = (await test.call('GET', 'openapi.json')).json();
  operations = Object.entries(paths as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [method.toUpperCase(), path, operation] as [string, string, Operation],
    ),
  );
});
afterAll(() => test.stop());

/** Sends a request and notes any answer that is a defect. Each comes from an address of its own, past the limits. */
let sent = 0;
async function send(method: string, url: string, options: { payload?: string | Buffer; type?: string } = {}) {
  const remoteAddress = `10.3.${(sent >> 8) & 255}.${sent++ & 255}`;
  const answer = await test.raw({
    method: method as 'GET',
    url,
    remoteAddress,
    headers: { 'x-weir-csrf': test.csrf, ...(options.type === undefined ? {} : { 'content-type': options.type }) },
    ...(options.payload === undefined ? {} : { payload: options.payload }),
  });
  if (answer.statusCode === 429) unexpected.push(`limited: ${method} ${url}`);
  if (answer.statusCode >= 500)
    unexpected.push(`${answer.statusCode} ${method} ${url.slice(0, 120)} ${answer.body.slice(0, 200)}`);
  const isJson = String(answer.headers['content-type'] ?? '').startsWith('application/json');
  if (answer.statusCode >= 400 && !(isJson && answer.json().message.length > 0))
    unexpected.push(`no message: ${method} ${url}`);
  if (/text\/html/.test(String(answer.headers['content-type'] ?? '')) && answer.statusCode !== 503)
    unexpected.push(`HTML: ${url}`);
  return answer;
}

const fill = (path: string, word: string) => path.replace(/\{[^}]+\}/g, encodeURIComponent(word));
const endsSession = (method: string, path: string) => method === 'DELETE' && path.endsWith('/session');

describe('every route of the OpenAPI document', () => {
  it('answers hostile paths with a clear refusal', async () => {
    for (const [method, path] of operations.filter(([, path]) => path.includes('{'))) {
      for (const word of [...HOSTILE, ...HOSTILE_PATHS]) await send(method, fill(path, word));
    }
    expect(unexpected).toEqual([]);
  });

  it('answers hostile queries with a clear refusal', async () => {
    for (const [method, path, { parameters = [] }] of operations.filter(([method]) => method === 'GET')) {
      for (const { name } of parameters.filter((parameter) => parameter.in === 'query')) {
        for (const word of HOSTILE) await send(method, `${fill(path, 'x')}?${name}=${encodeURIComponent(word)}`);
        await send(method, `${fill(path, 'x')}?${name}=1&${name}=2&${name}[a]=3`);
      }
      await send(method, `${fill(path, 'x')}?__proto__=1&unknown=2`);
    }
    expect(unexpected).toEqual([]);
  });

  it('answers hostile bodies with a clear refusal', async () => {
    for (const [method, path, { requestBody }] of operations) {
      const schema = requestBody?.content['application/json']?.schema;
      if (!schema || endsSession(method, path)) continue;
      const url = fill(path, 'scan-1');
      for (const text of ['{', '', '"', '[', '{"__proto__":{"a":1}}', `${'['.repeat(20_000)}`, 'x'.repeat(70_000)]) {
        await send(method, url, { payload: text, type: 'application/json' });
      }
      await send(method, url, { payload: '<a/>', type: 'application/xml' });
      for (const value of HOSTILE_JSON)
        await send(method, url, { payload: JSON.stringify(value), type: 'application/json' });
      const shapes = schema.anyOf ?? [schema];
      for (const { properties = {} } of shapes) {
        for (const name of Object.keys(properties)) {
          for (const value of HOSTILE_JSON) {
            const body = Object.fromEntries(Object.keys(properties).map((each) => [each, each === name ? value : 'x']));
            await send(method, url, { payload: JSON.stringify(body), type: 'application/json' });
          }
        }
      }
    }
    expect(unexpected).toEqual([]);
  });

  it('refuses uploads that are no uploads', async () => {
    const type = 'multipart/form-data; boundary=edge';
    const part = (name: string, content: string) =>
      `--edge\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n${content}\r\n--edge--\r\n`;
    const bodies = [
      '', '--edge', '--edge--\r\n', '--edge\r\n\r\n', part('a.pcap', ''), part('../../../etc/cron.d/x', '').slice(0, -10),
      `--edge\r\nContent-Disposition: form-data; name="${'x'.repeat(100_000)}"\r\n\r\n1\r\n--edge--\r\n`,
      `${'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'.repeat(100)}--edge--\r\n`, part('a.pcap', 'x'.repeat(2_000_000)),
    ]; // biome-ignore format: bodies in few lines
    for (const payload of bodies) {
      const { statusCode } = await send('POST', '/api/v1/analyses', { payload, type });
      expect([400, 413, 415]).toContain(statusCode);
    }
    for (const odd of [
      'multipart/form-data',
      'multipart/form-data; boundary=',
      'application/octet-stream',
      'text/plain',
    ]) {
      const { statusCode } = await send('POST', '/api/v1/analyses', { payload: 'x', type: odd });
      expect([400, 415]).toContain(statusCode);
    }
    expect(unexpected).toEqual([]);
  });

  it('never unpacks a compressed request', async () => {
    const payload = gzipSync(Buffer.alloc(50_000_000));
    const answer = await test.raw({
      method: 'POST', url: '/api/v1/session', payload, remoteAddress: '10.4.4.4',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', 'x-weir-csrf': test.csrf },
    }); // biome-ignore format: short
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
  });

  it('serves no file outside of the page', async () => {
    for (const path of [
      '/../package.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/.env',
      '/assets/../../package.json',
      '/assets/..%2f..%2f..%2fetc/passwd',
      '/assets/%252e%252e/%252e%252e/etc/passwd',
      '/..\\..\\package.json',
      '/%00/etc/passwd',
      '/api/v1/../../../../etc/passwd',
      '/api/v1/export/..%2f..%2fetc%2fpasswd',
      '/api/v1/generations/..%2f..%2fetc%2fpasswd/file',
      '//etc/passwd',
    ]) {
      const answer = await test.raw({ method: 'GET', url: path });
      expect(answer.body).not.toMatch(/root:|"dependencies"/);
      expect([400, 404]).toContain(answer.statusCode);
    }
  });

  it('gives out what a network says as data, never as markup', async () => {
    const html = '<img src=x onerror=alert(1)>.example.org';
    const words = { title: html, summary: html, entity: html, domain: html, counterfactual: html, advice: [html] };
    const flow = { ...anIncident().flows[0]!, communityId: html };
    test.bus.push({ kind: 'incident', incident: anIncident({ id: 'hostile', ...words, flows: [flow] }) });
    await test.settle();
    for (const path of [
      'incidents',
      'incidents/hostile',
      'overview',
      'traffic',
      'topology',
      'export/incidents?format=json',
    ]) {
      const answer = await test.call('GET', path);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
    const csv = await test.call('GET', 'export/incidents?format=csv');
    expect(csv.headers['content-disposition']).toMatch(/^attachment/);
    expect(csv.headers['content-type']).toMatch(/^text\/csv/);
  });

  it('left no error behind, and history as it was', async () => {
    expect(test.errors).toEqual([]);
    expect((await test.call('GET', 'incidents')).json().total).toBe(2);
  });
});
