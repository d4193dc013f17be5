import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openFlowTable } from '@weir/capture-agent';
import type { FlowRowBatch, Incident } from '@weir/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryIo } from '../memory-io.js';
import { runFlowTable } from '../pipeline-flow-table.js';
import { run } from '../run.js';

let folder: string;
let scan: string;

/** A scan of 200 ports between ordinary connections. */
const TABLE = [
  'timestamp,src_ip,dst_ip,src_port,dst_port,protocol,packets_sent,packets_received,bytes_sent,bytes_received,flags',
  ...Array.from({ length: 200 }, (_, i) => {
    const time = (1_715_763_600 + i / 40).toFixed(3);
    const good = `${time},10.0.0.5,192.0.2.9,${40_000 + i},443,tcp,9,8,1500,9000,SAF`;
    return `${time},10.0.0.9,10.0.0.80,50000,${i + 1},tcp,1,1,60,54,SRA\n${good}`;
  }),
  '',
].join('\n');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-table-'));
  scan = file('scan.csv', TABLE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function weir(...argv: string[]) {
  const io = createMemoryIo();
  const code = await run(argv, io);
  return { code, ...io.written };
}

const kinds = (stdout: string) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as Incident).kind);

describe('weir analyze with a flow table', () => {
  it('finds what is in it, and tells of rows rather than packets', async () => {
    const { code, stdout } = await weir('analyze', scan);
    expect(code).toBe(0);
    expect(stdout).toMatch(/port-scan: 10\.0\.0\.9 scans the ports of 10\.0\.0\.80/);
    expect(stdout).toContain('400 rows in');
    expect(stdout).toContain('Sensor local: 0 rows late, 0 skipped.');
  });

  it('knows a table by its content, whatever its name, and compressed', async () => {
    for (const path of [file('scan.txt', TABLE), file('flows', gzipSync(TABLE))])
      expect(kinds((await weir('analyze', '--json', path)).stdout)).toEqual(['port-scan']);
  });

  it('gives byte-identical incidents for any batch size', async () => {
    const whole = await weir('analyze', '--json', scan);
    expect((await weir('analyze', '--json', '--batch', '1', scan)).stdout).toBe(whole.stdout);
    expect((await weir('analyze', '--json', '--batch', '77', scan)).stdout).toBe(whole.stdout);
  });

  it('writes flow records of the rows', async () => {
    const flows = join(folder, 'f.jsonl');
    await weir('analyze', '--json', scan, '--flows', flows);
    const lines = readFileSync(flows, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(400);
    expect(lines[0]).toMatchObject({ outcome: 'rejected', originatorPackets: 1, responderBytes: 54 });
  });

  it('stops at a bad row with file, line and column, or counts it on request', async () => {
    const path = file('bad.csv', TABLE.replace('10.0.0.80', 'nowhere'));
    const stopped = await weir('analyze', path);
    expect(stopped.code).toBe(2);
    expect(stopped.stderr).toMatch(
      /bad\.csv", line 2: column "dst_ip" holds "nowhere", expected an IPv4 or IPv6 address/,
    );
    const { code, stdout } = await weir('analyze', path, '--skip-bad-rows');
    expect(code).toBe(0);
    expect(stdout).toContain('1 skipped');
    expect(stdout).toMatch(/Warning: Row skipped in line 2: column "dst_ip"/);
  });

  it('refuses options that do not go with a table, and table options without one', async () => {
    expect((await weir('analyze', scan, '--speed', '10x')).stderr).toMatch(
      /Pace a flow table with --delay and --batch/,
    );
    expect((await weir('analyze', '--delay', '1')).stderr).toMatch(/--delay.* are for flow tables/);
    expect((await weir('analyze', scan, '--sensor', 'A B')).stderr).toMatch(/--sensor cannot be "A B"/);
  });

  it('says what is missing from a table that cannot be replayed', async () => {
    const { code, stderr } = await weir('analyze', file('few.csv', 'src_ip,dst_ip\n1,2\n'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/few\.csv" as a flow table: line 1 has no column for the originatorPort/);
  });
});

describe('a paced flow table', () => {
  async function paced(stopAfter = Number.POSITIVE_INFINITY) {
    const pauses: number[] = [];
    const rows: number[] = [];
    const stop = new AbortController();
    const sleepMs = async (ms: number) => {
      if (pauses.push(ms) === stopAfter) stop.abort();
    };
    const table = await openFlowTable(scan);
    const run = { table, sensor: 'a', partitions: 1, allowedLatenessMs: 1000, maxBatchRows: 100, delayMs: 100 };
    const take = (batch: FlowRowBatch) => void rows.push(batch.rows.count);
    const { packets } = await runFlowTable({ ...run, sleepMs, stop: stop.signal }, take);
    return { pauses, rows, packets };
  }

  it('sends a hundred rows each tenth of a second', async () => {
    expect(await paced()).toEqual({ pauses: [100, 100, 100, 100], rows: [100, 100, 100, 100, 0], packets: 400 });
  });

  it('ends with what was sent when it is stopped', async () => {
    expect(await paced(2)).toEqual({ pauses: [100, 100], rows: [100, 100, 0], packets: 200 });
  });
});
