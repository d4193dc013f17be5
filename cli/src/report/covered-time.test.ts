import { createRawPackets, type PacketSource } from '@weir/capture-agent';
import { describe, expect, it } from 'vitest';
import { TimedSource } from './covered-time.js';

/** A source of blocks with the given times, µs. */
function sourceOf(blocks: readonly number[][]): PacketSource {
  const left = [...blocks];
  return {
    name: 'a.pcap',
    kind: 'file',
    open: async () => undefined,
    read: async (block) => {
      const times = left.shift();
      block.count = times?.length ?? 0;
      block.timeUs.set(times ?? []);
      return times !== undefined;
    },
    counters: () => ({ packetsDroppedByKernel: 0, packetsDroppedByInterface: 0, warnings: [] }),
    progress: () => undefined,
    close: async () => undefined,
  };
}

async function coveredBy(blocks: readonly number[][]) {
  const source = new TimedSource(sourceOf(blocks));
  const block = createRawPackets(8);
  while (await source.read(block));
  return source.covered;
}

describe('TimedSource', () => {
  it('covers the time from the earliest packet to the latest, in whatever order they come', async () => {
    expect(await coveredBy([[5_000, 3_000], [], [9_000, 4_000]])).toEqual({ firstUs: 3_000, lastUs: 9_000 });
    expect(await coveredBy([[7]])).toEqual({ firstUs: 7, lastUs: 7 });
  });

  it('covers nothing without a packet', async () => {
    expect(await coveredBy([[], []])).toBeUndefined();
  });
});
