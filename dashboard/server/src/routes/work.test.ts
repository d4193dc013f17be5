import { connect } from 'node:net';
import { Value } from '@sinclair/typebox/value';
import * as api from '@weir/contracts/dashboard-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestDashboard, until } from '../dashboard.fixture.js';
import { MORNING_MS } from '../events.fixture.js';

let test: TestDashboard;
beforeAll(async () => {
  test = await TestDashboard.start();
  await test.followLink();
});
afterAll(() => test.stop());

const get = async (path: string) => (await test.call('GET', path)).json();

describe('work on files', () => {
  it('looks into an upload and reports on it', async () => {
    const answer = await upload('a<b>.pcap', 'bytes');
    expect(answer.statusCode).toBe(202);
    const { id } = answer.json();
    await until(async () => (await get(`analyses/${id}`)).analysis.status === 'done');
    expect([...Value.Errors(api.AnalysisDetail, await get(`analyses/${id}`))]).toEqual([]);
    expect((await test.call('GET', `analyses/${id}/report.csv`)).body).toContain('severity,kind');
    const html = await test.call('GET', `analyses/${id}/report.html`);
    expect(html.body).toContain('a&lt;b&gt;.pcap');
    expect(html.headers['content-security-policy']).toContain('sandbox');
    expect((await test.call('DELETE', `analyses/${id}`)).statusCode).toBe(204);
    expect((await test.call('GET', `analyses/${id}`)).statusCode).toBe(404);
  });

  it('says what is wrong with an upload that is broken, empty, too large or none', async () => {
    const { id } = (await upload('broken.pcap', 'x')).json();
    await until(async () => (await get(`analyses/${id}`)).analysis.status === 'failed');
    expect((await get(`analyses/${id}`)).analysis.message).toBe('It is no capture.');
    expect((await upload('empty.pcap', '')).statusCode).toBe(400);
    expect((await upload('large.pcap', 'x'.repeat(1_100_000))).statusCode).toBe(413);
    expect((await test.call('POST', 'analyses', { file: 1 })).statusCode).toBe(415);
  });

  it('refuses two gigabytes by what the request says of itself, before they are sent', async () => {
    const port = Number(new URL(test.dashboard.url).port);
    const head = [
      'POST /api/v1/analyses HTTP/1.1', 'host: 127.0.0.1', `cookie: ${test.cookie}`, `x-weir-csrf: ${test.csrf}`,
      'content-type: multipart/form-data; boundary=edge', 'content-length: 2147483648', '', '--edge',
      'content-disposition: form-data; name="file"; filename="a"', '', 'x',
    ]; // biome-ignore format: a list to read
    const socket = connect(port, '127.0.0.1');
    socket.write(head.join('\r\n'));
    let answer = '';
    socket.on('data', (text) => (answer += text));
    await until(() => answer.includes('}'));
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('raise --upload-limit');
    expect(test.errors).toEqual([]);
  });

  it('bears clients that leave in the middle of an upload or a download', async () => {
    const { url } = test.dashboard;
    const head = [
      'POST /api/v1/analyses HTTP/1.1', 'host: 127.0.0.1', `cookie: ${test.cookie}`, `x-weir-csrf: ${test.csrf}`,
      'content-type: multipart/form-data; boundary=edge', 'content-length: 500000', '', '--edge',
      'content-disposition: form-data; name="file"; filename="a"', '', 'x'.repeat(1000),
    ]; // biome-ignore format: a list to read
    const kept = (await get('analyses')).items.length;
    for (const text of [
      head.join('\r\n'),
      `GET /api/v1/export/flows HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: ${test.cookie}\r\n\r\n`,
    ]) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      await new Promise<void>((resolve) => socket.write(text, () => resolve()));
      socket.resetAndDestroy();
    }
    await until(async () => (await test.call('GET', 'version')).statusCode === 200);
    expect((await get('analyses')).items.length).toBe(kept);
    expect(test.errors).toEqual([]);
  });

  it('makes sample data and gives it out with its labels', async () => {
    const request = { startMs: MORNING_MS, durationS: 60, attacks: ['port-scan'], format: 'pcap' };
    const { id } = (await test.call('POST', 'generations', request)).json();
    await until(async () => (await get(`generations/${id}`)).status === 'done');
    expect((await test.call('GET', `generations/${id}/file`)).body).toBe('data');
    expect((await test.call('GET', `generations/${id}/truth`)).body).toBe('truth');
    expect((await test.call('POST', 'generations', { ...request, attacks: ['x'] })).statusCode).toBe(422);
  });

  it('has nothing to complain of', () => {
    expect(test.errors).toEqual([]);
  });
});

function upload(fileName: string, content: string) {
  const payload = `--edge\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"\r\n\r\n${content}\r\n--edge--\r\n`;
  return test.raw({
    method: 'POST',
    url: '/api/v1/analyses',
    payload,
    headers: { 'content-type': 'multipart/form-data; boundary=edge', 'x-weir-csrf': test.csrf },
  });
}
