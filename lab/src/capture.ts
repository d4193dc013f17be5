import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { eventTimeMs, type Jump } from './event-clock.js';

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MICROSECOND_MAGIC = 0xa1b2c3d4;
/** Headers are read this many bytes at a time; a record of the sensor is at most its snap length. */
const BLOCK_BYTES = 1 << 20;

/** First and last packet (Unix epoch, s) and how many there are. */
export interface PacketSpan {
  readonly startS: number;
  readonly endS: number;
  readonly packets: number;
}

/**
 * Rewrites the packet times of a pcap file from real time to event time, in place. The file is in microseconds and in
 * this machine's byte order, as tcpdump writes it. Returns how many packets it holds.
 */
export function applyJumps(path: string, jumps: readonly Jump[]): number {
  const file = openSync(path, 'r+');
  try {
    return rewriteTimes(file, jumps);
  } finally {
    closeSync(file);
  }
}

function rewriteTimes(file: number, jumps: readonly Jump[]): number {
  const endAt = fstatSync(file).size;
  const block = Buffer.alloc(BLOCK_BYTES);
  let packets = 0;
  let at = FILE_HEADER_BYTES;
  readSync(file, block, 0, 4, 0);
  if (block.readUInt32LE(0) !== MICROSECOND_MAGIC)
    throw new Error('the capture is not a little-endian pcap file in microseconds');
  while (at + RECORD_HEADER_BYTES <= endAt) {
    const length = readSync(file, block, 0, BLOCK_BYTES, at);
    const { used, count } = rewriteBlock(block.subarray(0, length), jumps);
    if (count === 0) break;
    if (jumps.length > 0) writeSync(file, block, 0, used, at);
    at += used;
    packets += count;
  }
  return packets;
}

/** Rewrites the whole records at the start of a block. */
function rewriteBlock(block: Buffer, jumps: readonly Jump[]): { used: number; count: number } {
  let used = 0;
  let count = 0;
  while (used + RECORD_HEADER_BYTES <= block.length) {
    const next = used + RECORD_HEADER_BYTES + block.readUInt32LE(used + 8);
    if (next > block.length) break;
    const realUs = block.readUInt32LE(used) * 1e6 + block.readUInt32LE(used + 4);
    const eventUs = Math.round(eventTimeMs(jumps, realUs / 1000) * 1000);
    block.writeUInt32LE(Math.floor(eventUs / 1e6), used);
    block.writeUInt32LE(eventUs % 1e6, used + 4);
    used = next;
    count += 1;
  }
  return { used, count };
}

/** The packets of a capture that fit a filter of tcpdump, between two times of the capture (s). */
export function spanOf(path: string, filter: string, between: { fromS: number; toS: number }): PacketSpan | undefined {
  const printed = execFileSync('tcpdump', ['-r', path, '-nn', '-tt', '-q', filter], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const times = printed
    .split('\n')
    .map((line) => Number.parseFloat(line))
    .filter((timeS) => timeS >= between.fromS && timeS <= between.toS);
  if (times.length === 0) return undefined;
  return { startS: times[0]!, endS: times.at(-1)!, packets: times.length };
}
