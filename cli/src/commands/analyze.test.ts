import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Incident } from '@weir/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryIo } from '../memory-io.js';
import { run } from '../run.js';
import { writeTraffic } from '../traffic/index.js';

let folder: string;
let scan: string;
let benign: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-analyze-'));
  scan = join(folder, 'scan.pcap');
  benign = join(folder, 'benign.pcap');
  writeFileSync(scan, await capture({ kind: 'port-scan', background: false }));
  writeFileSync(benign, await capture({ kind: 'benign', durationS: 20, hosts: 3 }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function capture(options: Parameters<typeof writeTraffic>[0]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await writeTraffic(options, (chunk) => void chunks.push(Buffer.from(chunk)));
  return Buffer.concat(chunks);
}

async function weir(...argv: string[]) {
  const io = createMemoryIo();
  const code = await run(argv, io);
  return { code, ...io.written };
}

const incidentsIn = (stdout: string) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Incident);

describe('weir analyze', () => {
  it('prints nothing but closed incidents with --json', async () => {
    const { code, stdout, stderr } = await weir('analyze', scan, '--json');
    const incidents = incidentsIn(stdout);
    expect(incidents.map(({ kind, state }) => ({ kind, state }))).toContainEqual({
      kind: 'port-scan',
      state: 'closed',
    });
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('gives byte-identical incidents for any batch size', async () => {
    const whole = await weir('analyze', scan, '--json', '--batch', '100000');
    const single = await weir('analyze', scan, '--json', '--batch', '1');
    expect(single.stdout).toBe(whole.stdout);
  });

  it('exits with 1 only when asked to and when an incident is severe enough', async () => {
    const [first] = incidentsIn((await weir('analyze', scan, '--json')).stdout);
    expect((await weir('analyze', scan, '--json', '--fail-on', first!.severity)).code).toBe(1);
    expect((await weir('analyze', benign, '--json', '--fail-on', 'critical')).code).toBe(0);
  });

  it('tells a person who did what, why it matters and what to do', async () => {
    const { stdout } = await weir('analyze', scan);
    expect(stdout).toMatch(/port-scan: /);
    expect(stdout).toMatch(/evidence +measured +normal +threshold +unit/);
    expect(stdout).toMatch(/Do next: /);
    expect(stdout).toMatch(/[\d,]+ packets of \d+ s .* UTC\), read in /);
    expect(stdout).toMatch(/Sensor local: 0 packets dropped before Weir saw them/);
    expect(stdout).not.toContain('\u001b');
  });

  it('says so when it finds nothing', async () => {
    expect((await weir('analyze', benign)).stdout).toContain('No incidents in');
  });

  it('writes incidents, flows and windows to the files named', async () => {
    const [csv, flows, windows] = ['i.csv', 'f.jsonl', 'w.jsonl'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await weir('analyze', scan, '--json', '--csv', csv, '--flows', flows, '--windows', windows);
    expect(readFileSync(csv, 'utf8')).toMatch(/^id,kind,severity,.*\r\n.*port-scan/);
    const [flow] = readFileSync(flows, 'utf8')
      .split('\n')
      .map((line) => line && JSON.parse(line));
    expect(flow).toMatchObject({
      sensor: 'local',
      communityId: expect.stringMatching(/^1:/),
      packets: expect.any(Number),
    });
    expect(JSON.parse(readFileSync(windows, 'utf8').split('\n')[0]!)).toHaveProperty('scope');
  });

  it('refuses a wrong result file before it reads anything', async () => {
    const { code, stdout, stderr } = await weir('analyze', scan, '--csv', join(folder, 'missing', 'i.csv'));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/its folder does not exist. Choose another file with --csv/);
  });

  it('names file and setting when the configuration is wrong', async () => {
    const config = join(folder, 'weir.json');
    writeFileSync(config, JSON.stringify({ allowedLatenessMs: 'soon' }));
    const { code, stderr } = await weir('analyze', scan, '--config', config);
    expect(code).toBe(2);
    expect(stderr).toMatch(/weir\.json": allowedLatenessMs is "soon"/);
    writeFileSync(config, '{');
    expect((await weir('analyze', scan, '--config', config)).stderr).toMatch(/is not JSON/);
  });

  it('prints a summary of what was read when it is stopped', async () => {
    const io = createMemoryIo({ stop: AbortSignal.abort() });
    expect(await run(['analyze', scan], io)).toBe(0);
    expect(io.written.stdout).toContain('0 packets in 0 s');
  });

  it('logs to a file on request, as JSON lines', async () => {
    const log = join(folder, 'weir.log');
    await weir('analyze', scan, '--json', '--quiet', '--log-file', log);
    const lines = readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toMatchObject({ level: 'info', message: 'input ended', source: scan });
  });
});

describe('weir agent', () => {
  it('ends with one line that counts every packet', async () => {
    const { code, stdout } = await weir('agent', scan, '--sensor', 'gate');
    const last = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
    expect(last).toMatchObject({ sensor: 'gate', packetsDroppedByKernel: 0 });
    expect(last.packetsCaptured).toBeGreaterThan(1000);
    expect(code).toBe(0);
  });
});
