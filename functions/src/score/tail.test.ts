import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrationOf, tailOf } from './tail.js';
import { factoryThreshold, thresholdFor } from './threshold.js';

const quantiles: [number, number][] = [
  [0, 0],
  [0.5, 1],
  [0.9, 2],
];

describe('a tail probability', () => {
  it('is what the quantiles say inside the sample', () => {
    const tail = tailOf({ rows: 100, quantiles });
    expect([-1, 0, 0.5, 1, 1.5, 2, 9].map((score) => tail.probability(score))).toEqual(
      [1, 1, 0.75, 0.5, 0.3, 0.1, 0.1].map((p) => expect.closeTo(p, 12)),
    );
  });

  it('is what the fitted tail says above its threshold, and no less than three decades beyond the sample', () => {
    const exponential = tailOf({ rows: 100, quantiles, tail: { threshold: 2, shape: 0, scale: 1, share: 0.1 } });
    expect(exponential.probability(3)).toBeCloseTo(0.1 * Math.exp(-1), 12);
    expect(exponential.probability(1e6)).toBe(1e-5);
    const heavy = tailOf({ rows: 100, quantiles, tail: { threshold: 2, shape: 0.5, scale: 1, share: 0.1 } });
    expect(heavy.probability(4)).toBeCloseTo(0.1 * 2 ** -2, 12);
    const bounded = tailOf({ rows: 100, quantiles, tail: { threshold: 2, shape: -0.5, scale: 1, share: 0.1 } });
    expect(bounded.probability(5)).toBe(1e-5);
  });

  it('of a sample falls as the score rises, and says of its own rows how rare they are', () => {
    const scores = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 50, maxLength: 300 });
    fc.assert(
      fc.property(
        scores,
        fc.double({ min: -6, max: 6, noNaN: true }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (sample, at, more) => {
          const tail = tailOf(calibrationOf(Float64Array.from(sample)));
          expect(tail.probability(at + more)).toBeLessThanOrEqual(tail.probability(at) + 1e-12);
          const largest = Math.max(...sample);
          const atLeast = sample.filter((score) => score >= largest).length;
          expect(tail.probability(largest)).toBeLessThanOrEqual((atLeast + 1) / (sample.length + 1) + 1e-9);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('of rows that are alike is that of all of them together', () => {
    const sample = Float64Array.from({ length: 1000 }, (_, k) => (k < 10 ? 7 : k / 1000));
    expect(tailOf(calibrationOf(sample)).probability(7)).toBeGreaterThan(9.9 / 1000);
    expect(tailOf(calibrationOf(sample)).probability(7)).toBeLessThan(12 / 1000);
    expect(tailOf(calibrationOf(sample)).probability(7.5)).toBeLessThan(1 / 1000);
  });
});

describe('a threshold', () => {
  const cells = { observedDays: 2, strangest: [4, 3.5, 3, 2.5, 2] };

  it('lets as many cells pass as the budget has for the observed time', () => {
    for (const [alarmsPerDay, passing] of [
      [0.5, 1],
      [1, 2],
      [1.4, 2],
      [2, 4],
    ] as const) {
      const threshold = thresholdFor(cells, { alarmsPerDay });
      expect(cells.strangest.filter((value) => value > threshold).length).toBe(passing);
    }
  });

  it('goes beyond what was seen by as many decades as the budget falls short of it, up to three', () => {
    expect(thresholdFor(cells, { alarmsPerDay: 0.05 })).toBeCloseTo(5, 9);
    expect(thresholdFor(cells, { alarmsPerDay: 1e-9 })).toBe(7);
  });

  it('is the score that was asked for, where one was', () => {
    expect(thresholdFor(cells, { alarmsPerDay: 5, scoreThreshold: 0.999 })).toBeCloseTo(3, 9);
    const calibration = { rows: 1000, quantiles, cells };
    expect(factoryThreshold(calibration, { alarmsPerDay: 5, scoreThreshold: 0.999 })).toBeCloseTo(3, 9);
  });

  it('asks for more where this network is not learned yet', () => {
    const calibration = { rows: 20_000, quantiles, cells };
    const alarms = { alarmsPerDay: 1 };
    expect(factoryThreshold(calibration, alarms)).toBeCloseTo(thresholdFor(cells, alarms) + 1 + 1, 9);
  });
});
