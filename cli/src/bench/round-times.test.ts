import type { SensorBatch } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { RoundTimes } from './round-times.js';

const batchOf = (partition: number, watermarkS: number) => ({ header: { partition, watermarkS } }) as SensorBatch;

describe('the times of rounds', () => {
  it('tell when the round began that brought a moment', () => {
    const times = new RoundTimes(1000);
    for (const [round, watermarkS] of [5, 5, 9].entries())
      for (const partition of [0, 1]) times.note(batchOf(partition, watermarkS), 1250 + round * 250);
    expect(times.reached(5000)).toBe(1000);
    expect(times.reached(5001)).toBe(1500);
    expect(times.reached(9000)).toBe(1500);
    expect(times.reached(9001)).toBeUndefined();
  });
});
