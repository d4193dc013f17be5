import { describe, expect, it } from 'vitest';
import { createRawPackets, type RawPackets } from '../sources/index.js';
import { CaptureTicks } from './capture-ticks.js';

/** Cuts packets at these ms, in blocks of `blockPackets`, and gives the times of each round. */
function roundsOf(timesMs: readonly number[], blockPackets: number): number[][] {
  const rounds: number[][] = [[]];
  const ticks = new CaptureTicks(
    {
      push: (raw: RawPackets) => rounds.at(-1)!.push(...raw.timeUs.subarray(0, raw.count)),
      flush: () => void rounds.push([]),
    },
    250_000,
  );
  for (let from = 0; from < timesMs.length; from += blockPackets) {
    const block = createRawPackets(blockPackets);
    block.count = Math.min(blockPackets, timesMs.length - from);
    for (let i = 0; i < block.count; i++) block.timeUs[i] = timesMs[from + i]! * 1000;
    ticks.push(block);
  }
  return rounds.map((round) => round.map((timeUs) => timeUs / 1000));
}

const TIMES_MS = [0, 100, 200, 260, 400, 500, 520, 3000, 3001, 2999, 90_000_000, 3100, 3200, 3600];

describe('CaptureTicks', () => {
  it('ends a round when the time of the packets has moved on by a tick', () => {
    expect(roundsOf(TIMES_MS, 100)).toEqual([
      [0, 100, 200],
      [260, 400, 500],
      [520],
      [3000, 3001, 2999],
      [90_000_000],
      [3100, 3200],
      [3600],
    ]);
  });

  it.each([1, 2, 3, 5, 13])('cuts alike when packets come in blocks of %d', (blockPackets) => {
    expect(roundsOf(TIMES_MS, blockPackets)).toEqual(roundsOf(TIMES_MS, 100));
  });
});
