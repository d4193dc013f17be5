import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type BuiltPacket, buildPcap } from './build-capture.js';
import { createCaptureFileSource } from './capture-file.js';
import { createPacedReplay, type PacedReplayOptions } from './paced-replay.js';
import { createRawPackets } from './source.js';

/** Packets at these capture seconds, numbered in their first byte. */
function packetsAt(...seconds: number[]): BuiltPacket[] {
  return seconds.map((second, i) => ({ timeUs: 1_700_000_000_000_000 + second * 1e6, bytes: Uint8Array.of(i) }));
}

/** When, in clock ms since the start, each packet came out, and how many blocks were empty. */
async function replay(packets: BuiltPacket[], options: Omit<PacedReplayOptions, 'clock'>, workMs = 0, capacity = 100) {
  let now = 5_000_000;
  const clock = {
    nowMs: () => now,
    sleepMs: async (ms: number) => {
      expect(ms).toBeGreaterThan(0);
      now += ms;
    },
  };
  const file = createCaptureFileSource({ path: '-', standardInput: Readable.from([buildPcap(packets)]) });
  const source = createPacedReplay(file, { ...options, clock });
  const block = createRawPackets(capacity);
  const released: [number, number][] = [];
  let emptyBlocks = 0;
  await source.open();
  while (await source.read(block)) {
    if (block.count === 0) emptyBlocks++;
    for (let i = 0; i < block.count; i++) released.push([block.bytes[block.offset[i]!]!, now - 5_000_000]);
    now += workMs;
  }
  await source.close();
  return { released, emptyBlocks };
}

describe('paced replay', () => {
  it.each([
    [1, 2000],
    [10, 200],
    [0.5, 4000],
  ])('at %dx releases a packet of two seconds later after %d ms', async (speed, afterMs) => {
    const { released } = await replay(packetsAt(0, 2), { speed });
    expect(released).toEqual([
      [0, 0],
      [1, afterMs],
    ]);
  });

  it('releases packets that are due together in one block, and never ahead of their time', async () => {
    const { released } = await replay(packetsAt(0, 0.0001, 0.5, 0.5, 0.7), { speed: 1 });
    expect(released).toEqual([
      [0, 0],
      [1, 1],
      [2, 500],
      [3, 500],
      [4, 700],
    ]);
  });

  it('keeps the order of packets whose time goes back', async () => {
    const { released } = await replay(packetsAt(0, 3, 1, 4), { speed: 1 });
    expect(released).toEqual([
      [0, 0],
      [1, 3000],
      [2, 3000],
      [3, 4000],
    ]);
  });

  it('ticks with empty blocks through a silence', async () => {
    const { released, emptyBlocks } = await replay(packetsAt(0, 10), { speed: 1, tickMs: 1000 });
    expect(released[1]).toEqual([1, 10_000]);
    expect(emptyBlocks).toBe(9);
  });

  it('catches up without waiting after a reader was slow', async () => {
    const { released } = await replay(packetsAt(0, 1, 2, 3), { speed: 1 }, 2500);
    expect(released).toEqual([
      [0, 0],
      [1, 2500],
      [2, 2500],
      [3, 5000],
    ]);
  });

  it('gives the same packets in the same order at any speed and block size', async () => {
    const packets = packetsAt(...Array.from({ length: 50 }, (_, i) => (i * i) % 37));
    const order = async (speed: number | 'max', capacity: number) =>
      (await replay(packets, { speed }, 0, capacity)).released.map(([number]) => number);
    const expected = packets.map((_, i) => i);
    for (const speed of [0.1, 1, 1000, 'max'] as const) {
      expect(await order(speed, 1)).toEqual(expected);
      expect(await order(speed, 64)).toEqual(expected);
    }
  });

  it('refuses a speed that is not above 0', () => {
    const source = createCaptureFileSource({ path: 'x' });
    for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => createPacedReplay(source, { speed })).toThrow(/replay speed of .* not possible.*"max"/);
    }
  });
});
