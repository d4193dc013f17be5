import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRawPackets } from '@weir/capture-agent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from '../pipeline.js';
import { writeTraffic } from '../traffic/index.js';
import { median } from './measure.js';
import { cpuSecondsIn } from './peers.js';
import { createRepeatedSource } from './repeated-source.js';
import { detectorShare, packetsPerCpuSecond, peerTable, stageTable, withoutReading } from './report.js';
import { writeCapture } from './write-capture.js';

let folder: string;
let path: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-bench-test-'));
  path = join(folder, 'a.pcap');
  const chunks: Buffer[] = [];
  await writeTraffic({ kind: 'benign', durationS: 5, hosts: 2 }, (chunk) => void chunks.push(Buffer.from(chunk)));
  writeFileSync(path, Buffer.concat(chunks));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function packetsOf(file: string, repeat: number) {
  const packets: { timeUs: number; capturedBytes: number; wireBytes: number; first: number }[] = [];
  const source = createRepeatedSource(file, repeat);
  await source.open();
  for await (const { bytes, count, timeUs, offset, capturedBytes, wireBytes } of blocksOf(
    source,
    createRawPackets(100),
  )) {
    for (let i = 0; i < count; i++) {
      packets.push({
        timeUs: timeUs[i]!,
        capturedBytes: capturedBytes[i]!,
        wireBytes: wireBytes[i]!,
        first: bytes[offset[i]!]!,
      });
    }
  }
  await source.close();
  return packets;
}

describe('a repeated capture', () => {
  it('has every packet each time, later by whole seconds and more than a minute', async () => {
    const once = await packetsOf(path, 1);
    const thrice = await packetsOf(path, 3);
    expect(thrice).toHaveLength(3 * once.length);
    const shiftUs = thrice[once.length]!.timeUs - once[0]!.timeUs;
    expect(shiftUs % 1e6).toBe(0);
    expect(thrice[once.length]!.timeUs - once.at(-1)!.timeUs).toBeGreaterThanOrEqual(60e6);
    expect(thrice[2 * once.length]!.timeUs - once[0]!.timeUs).toBe(2 * shiftUs);
  });

  it('is the same when written to a file for other programs', async () => {
    const copy = join(folder, 'copy.pcap');
    const count = await writeCapture(createRepeatedSource(path, 2), copy);
    const copied = await packetsOf(copy, 1);
    expect(copied).toHaveLength(count);
    expect(copied).toEqual(await packetsOf(path, 2));
  });
});

describe('measurements', () => {
  const read = { packets: 1000, cpuSeconds: 1, peakBytes: 1e6, incidents: 0 };
  const whole = { ...read, cpuSeconds: 5, peakBytes: 2e6 };

  it('take the median', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });

  it('tell how much of the whole the detectors take', () => {
    expect(detectorShare({ count: { ...read, cpuSeconds: 3 }, whole })).toBe(0.4);
    expect(detectorShare({ count: whole, whole: read })).toBe(0);
  });

  it('are packets per CPU-second, with and without reading', () => {
    expect([packetsPerCpuSecond(whole), withoutReading(whole, read)]).toEqual([200, 250]);
    expect(withoutReading(read, read)).toBe(0);
  });

  it('read the times of bash, whatever stands before them', () => {
    expect(cpuSecondsIn('1.50 0.25\n')).toBe(1.75);
    expect(cpuSecondsIn('warning: x\n0.1 0.2\n')).toBeCloseTo(0.3);
    expect(cpuSecondsIn('nothing')).toBeNaN();
  });

  it('show peers that are missing or failed as such, and ratios for the others', () => {
    const results = {
      read,
      decode: read,
      flow: { ...read, cpuSeconds: 2 },
      records: { ...read, cpuSeconds: 4 },
      count: { ...read, cpuSeconds: 4 },
      whole,
    };
    const table = peerTable(
      [
        { kind: 'missing', name: 'argus' },
        { kind: 'failed', name: 'ndpiReader', reason: 'exit code 1' },
        { kind: 'measured', name: 'softflowd', packets: 1000, cpuSeconds: 4 },
      ],
      results,
    );
    expect(table).toMatch(/argus +not installed/);
    expect(table).toMatch(/ndpiReader +failed: exit code 1/);
    expect(table).toMatch(/softflowd +250 +2\.00 +1\.00 +0\.80/);
    expect(stageTable(results)).toMatch(/detect \(whole\) +200 +250 +2 MB/);
  });
});
