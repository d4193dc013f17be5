import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { DEFAULT_DETECTION_CONFIG } from '@weir/functions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO } from '../commands/analyze.js';
import { createMemoryIo, type MemoryIo } from '../memory-io.js';
import { detectionConfigOf } from '../rules/with-rules.js';
import { run } from '../run.js';
import { analyseFile, type FileWork } from './analyse-file.js';
import { type GenerationRequest, generateFile } from './generate-file.js';
import { parseListen } from './options.js';
import { createAnalyser } from './work-processes.js';

const folder = mkdtempSync(join(tmpdir(), 'weir-cli-dashboard-'));
const never = new AbortController().signal;
afterAll(() => rmSync(folder, { recursive: true }));

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + 45_000;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error('what was waited for did not come within 45 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a run with the dashboard', () => {
  const stop = new AbortController();
  let io: MemoryIo;
  let ended: Promise<number>;
  let base: string;
  let headers: Record<string, string>;

  beforeAll(async () => {
    io = { ...createMemoryIo({ stop: stop.signal }), elapsedMs: () => performance.now(), nowMs: () => Date.now() };
    const asked = ['--listen', '127.0.0.1:0', '--speed', 'max', '--fail-on', 'low', '--dashboard', DEMO.path];
    ended = run(['start', ...asked], io);
    await until(() => /token=\S+/.test(io.written.stderr));
    const link = /http:\S+/.exec(io.written.stderr)![0];
    base = link.slice(0, link.indexOf('/start'));
    const { headers: answered } = await fetch(link, { redirect: 'manual' });
    headers = { cookie: answered.get('set-cookie')!.split(';')[0]! };
  });
  afterAll(async () => {
    stop.abort();
    // It found what --fail-on asks for.
    expect(await ended).toBe(1);
  });

  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  const get = async (path: string): Promise<any> => (await fetch(`${base}/api/v1/${path}`, { headers })).json();

  it('finds and prints what weir analyze finds, and the dashboard has the same', async () => {
    await until(() => io.written.stderr.includes('The input has ended'));
    const plain = createMemoryIo();
    await run(['analyze', '--json', DEMO.path], plain);
    const printed = plain.written.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(printed.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['port-scan', 'password-guessing', 'syn-flood', 'dns-tunnel', 'high-entropy-payload']),
    );
    await until(async () => (await get('health')).store.rows.incidents === printed.length);
    expect((await get('incidents?state=closed')).total).toBe(printed.length);
    for (const incident of printed) expect((await get(`incidents/${incident.id}`)).incident).toEqual(incident);
    expect(io.written.stdout).toContain(`${printed.length} incidents in`);
  });

  it('keeps traffic, hosts, flows and health, and says that the input has ended', async () => {
    expect((await get('hosts')).total).toBeGreaterThan(20);
    expect((await get('flows')).total).toBeGreaterThan(1000);
    expect((await get('traffic?stepS=10')).points.length).toBeGreaterThan(40);
    expect((await get('topology')).edges.length).toBeGreaterThan(20);
    expect((await get('sensors')).items[0]).toMatchObject({
      name: 'local',
      state: 'ended',
      health: { packetsCaptured: 28_371 },
    });
    expect((await get('overview')).health.status).toBe('ended');
    expect((await get('settings')).items.length).toBeGreaterThan(20);
  });

  it('says what cannot work here, and why', async () => {
    const { capabilities } = await get('capabilities');
    const reasons = Object.fromEntries(capabilities.map((c: { name: string; reason?: string }) => [c.name, c.reason]));
    expect(reasons['capture-filter']).toContain('--interface');
    expect(reasons.models).toBeDefined();
    expect(reasons.analyse).toBeUndefined();
  });
});

describe('a run without any input', () => {
  it('replays the bundled capture, and tells of it from its first seconds on', async () => {
    const stop = new AbortController();
    const io = {
      ...createMemoryIo({ stop: stop.signal }),
      elapsedMs: () => performance.now(),
      nowMs: () => Date.now(),
    };
    const ended = run(['start', '--listen', '127.0.0.1:0'], io);
    await until(() => /token=\S+/.test(io.written.stderr));
    const link = /http:\S+/.exec(io.written.stderr)![0];
    const { headers } = await fetch(link, { redirect: 'manual' });
    const cookie = headers.get('set-cookie')!.split(';')[0]!;
    const health = async () => {
      const answer = await fetch(link.replace(/start.*/, 'api/v1/sensors'), { headers: { cookie } });
      return ((await answer.json()) as { items: { health: { packetsCaptured: number } }[] }).items[0]?.health;
    };
    await until(async () => ((await health())?.packetsCaptured ?? 0) > 0);
    stop.abort();
    expect(await ended).toBe(0);
  });
});

/** A look into a file with the settings that count where nothing is said. */
const look = (path: string, onProgress: FileWork['onProgress'] = () => undefined) =>
  analyseFile(path, { config: DEFAULT_DETECTION_CONFIG, stop: never, onProgress });

describe('the analysis of a file', () => {
  it('gives incidents, an even picture of the flows, and their distributions', async () => {
    const shares: number[] = [];
    const result = await look(DEMO.path, ({ share }) => shares.push(share));
    expect(result.incidents.length).toBeGreaterThanOrEqual(5);
    expect(result.incidents[0]!.severity).toBe('high');
    expect(result.packets).toBe(28_371);
    expect(result.scatter.length).toBeLessThanOrEqual(2000);
    expect(result.scatter.some(({ isAnomalous }) => isAnomalous)).toBe(true);
    for (const { normal, anomalous, edges } of result.distributions) {
      expect(edges).toHaveLength(normal.length + 1);
      const sum = [...normal, ...anomalous].reduce((a, b) => a + b, 0);
      expect(sum).toBe(result.flows);
    }
    expect(shares.at(-1)).toBe(1);
  });

  it('judges by the rules of the run', async () => {
    const rules = fileURLToPath(new URL('../../../docs/examples/rules.yaml', import.meta.url));
    const config = await detectionConfigOf({ rules });
    const { incidents } = await analyseFile(DEMO.path, { config, stop: never, onProgress: () => undefined });
    const kinds = incidents.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['listed', 'rule']));
    expect(kinds).not.toContain('port-scan');
  });

  it('is given the files of the settings, to read them in its own process', async () => {
    const program = join(folder, 'echo.mjs');
    writeFileSync(program, `process.send({ kind: 'refused', message: process.argv[2] }, () => process.disconnect());`);
    const { analyse } = createAnalyser({ rules: 'rules.yaml' }, program);
    const order = { path: '/upload', fileName: 'a.pcap', stop: never, onProgress: () => undefined };
    await expect(analyse(order)).rejects.toThrow('"path":"a.pcap","files":{"rules":"rules.yaml"}');
  });

  it('says what is wrong with a file that is no capture', async () => {
    const path = join(folder, 'broken.pcap');
    writeFileSync(path, 'this is no capture');
    await expect(look(path)).rejects.toThrow(/broken\.pcap/);
  });
});

describe('a small file that unpacks to a large one', () => {
  const LARGE_BYTES = 64 << 20;
  const HEAD = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
  const longRecord = Buffer.from('0100000000000000f0fffffff0ffffff', 'hex');

  it.each([
    ['line.csv', Buffer.alloc(LARGE_BYTES, 'a'), /line 1/],
    ['columns.csv', Buffer.concat([Buffer.from('src_ip,dst_ip'), Buffer.alloc(LARGE_BYTES, ',')]), /line 1/],
    ['longest-packet.pcap', Buffer.concat([HEAD, longRecord, Buffer.alloc(LARGE_BYTES)]), undefined],
    ['twice.pcap', gzipSync(Buffer.alloc(LARGE_BYTES)), /compressed/],
  ])('%s: is told by name or read as far as it goes, with little memory', async (name, content, refusal) => {
    const path = join(folder, `${name}.gz`);
    writeFileSync(path, gzipSync(content));
    const before = process.memoryUsage().rss;
    const analysed = look(path);
    if (refusal) await expect(analysed, name).rejects.toThrow(refusal);
    else expect((await analysed).warnings.join()).toMatch(/damaged/);
    expect(process.memoryUsage().rss - before).toBeLessThan(LARGE_BYTES);
  });
});

describe('sample data', () => {
  const request: GenerationRequest = { startMs: 1.7e12, durationS: 60, attacks: ['port-scan'], format: 'csv', seed: 7 };
  const make = async (change: Partial<GenerationRequest> = {}) => {
    const files = { data: join(folder, 'data'), truth: join(folder, 'truth') };
    await generateFile({ ...request, ...change }, files);
    return { data: readFileSync(files.data), truth: readFileSync(files.truth, 'utf8') };
  };

  it('as CSV has a label on each flow', async () => {
    const { data, truth } = await make();
    const [header, ...lines] = data.toString().trim().split('\n');
    expect(header!.trim().endsWith(',label')).toBe(true);
    const label = truth.split('\n')[1]!.split(',')[2]!;
    const labels = new Set(lines.map((line) => line.trim().split(',').at(-1)));
    expect([...labels].sort()).toEqual(['benign', label].sort());
  });

  it('as capture is the same for the same seed, and holds what was asked for', async () => {
    const [one, two] = [(await make({ format: 'pcap' })).data, (await make({ format: 'pcap' })).data];
    expect(one.equals(two)).toBe(true);
    expect((await make({ format: 'pcap', attacks: [] })).truth.trim().split('\n')).toHaveLength(1);
  });
});

describe('a port that is taken', () => {
  it('is told with the remedy, and nothing is left behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const history = join(folder, 'taken.duckdb');
    const line = ['start', '--listen', `127.0.0.1:${port}`, '--login', '--history', history];
    const io = createMemoryIo();
    expect(await run(line, io)).toBe(2);
    expect(io.written.stderr).toContain(
      `cannot listen on 127.0.0.1:${port}: another program listens there. Choose another with --listen.`,
    );
    expect(io.written.stderr).not.toContain('password');
    taken.close();
    const stop = new AbortController();
    const again = createMemoryIo({ stop: stop.signal });
    const ended = run(line, again);
    await until(() => again.written.stderr.includes('Dashboard: http'));
    expect(again.written.stderr).toMatch(/First login: admin, password \S{23}/);
    stop.abort();
    expect(await ended).toBe(0);
  });
});

describe('--listen', () => {
  it.each([
    ['8080', { host: '127.0.0.1', port: 8080 }],
    ['0.0.0.0:1', { host: '0.0.0.0', port: 1 }],
    ['[::1]:443', { host: '::1', port: 443 }],
  ])('reads %s', (text, address) => expect(parseListen(text)).toEqual(address));

  it.each(['', 'x', ':1:2', '1.2.3.4:99999', '::1:80'])('refuses %j', (text) => {
    expect(() => parseListen(text)).toThrow(/--listen/);
  });
});
