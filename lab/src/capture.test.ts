import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { applyJumps } from './capture.js';

const folder = mkdtempSync(join(tmpdir(), 'weir-lab-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A pcap file with one packet at each of the times (µs), of the given length. */
function writePcap(name: string, timesUs: readonly number[], lengthBytes: number): string {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  const records = timesUs.map((timeUs) => {
    const record = Buffer.alloc(16 + lengthBytes, 7);
    record.writeUInt32LE(Math.floor(timeUs / 1e6), 0);
    record.writeUInt32LE(timeUs % 1e6, 4);
    record.writeUInt32LE(lengthBytes, 8);
    return record;
  });
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([header, ...records]));
  return path;
}

function timesUs(path: string, lengthBytes: number): number[] {
  const bytes = readFileSync(path);
  const times: number[] = [];
  for (let at = 24; at < bytes.length; at += 16 + lengthBytes)
    times.push(bytes.readUInt32LE(at) * 1e6 + bytes.readUInt32LE(at + 4));
  return times;
}

describe('a capture', () => {
  it('gets event time for real time, packet by packet', () => {
    const path = writePcap('jump.pcap', [1_000_001, 2_500_000, 3_999_999], 60);
    expect(
      applyJumps(path, [
        { fromMs: 2000, aheadMs: 10_000 },
        { fromMs: 3000, aheadMs: 20_500 },
      ]),
    ).toBe(3);
    expect(timesUs(path, 60)).toEqual([1_000_001, 12_500_000, 24_499_999]);
  });

  it('is rewritten across the blocks it is read in', () => {
    const times = Array.from({ length: 3000 }, (_, index) => 5_000_000 + index * 1000);
    const path = writePcap('long.pcap', times, 999);
    expect(applyJumps(path, [{ fromMs: 0, aheadMs: 1000 }])).toBe(3000);
    expect(timesUs(path, 999)).toEqual(times.map((time) => time + 1_000_000));
  });

  it('is left alone without jumps, and refused when it is something else', () => {
    const path = writePcap('same.pcap', [1_000_000], 60);
    const before = readFileSync(path);
    expect(applyJumps(path, [])).toBe(1);
    expect(readFileSync(path).equals(before)).toBe(true);
    writeFileSync(path, 'something else entirely');
    expect(() => applyJumps(path, [])).toThrow('not a little-endian pcap');
  });
});
