import type { PacketSource, RawPackets } from '@weir/capture-agent';
import { describe, expect, it } from 'vitest';
import { createSteadySource } from './steady-source.js';

/** Blocks of these sizes, each of which takes `readMs` to read; gives the times at which they were handed on. */
async function handedOnAt(sizes: readonly number[], readMs = 0): Promise<number[]> {
  let nowMs = 1000;
  const left = [...sizes];
  const source = {
    read: async (block: RawPackets) => {
      const count = left.shift();
      nowMs += readMs;
      if (count === undefined) return false;
      block.count = count;
      return true;
    },
  } as unknown as PacketSource;
  const clock = {
    nowMs: () => nowMs,
    sleepMs: async (ms: number) => {
      nowMs += ms;
    },
  };
  const steady = createSteadySource(source, 1000, clock);
  const times: number[] = [];
  const block = { count: 0 } as RawPackets;
  while (await steady.read(block)) times.push(nowMs - 1000);
  return times;
}

describe('a steady source', () => {
  it('hands each block on when its last packet is due', async () => {
    expect(await handedOnAt([100, 50, 0, 250])).toEqual([100, 150, 150, 400]);
  });

  it('catches up with what reading held up', async () => {
    expect(await handedOnAt([10, 10, 200], 30)).toEqual([30, 60, 220]);
  });
});
