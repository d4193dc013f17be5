import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleDeviation, share } from './moments.js';

function deviationOf(samples: readonly number[]): number {
  const sum = samples.reduce((total, x) => total + x, 0);
  const squareSum = samples.reduce((total, x) => total + x * x, 0);
  return sampleDeviation(samples.length, sum, squareSum);
}

describe('sample deviation', () => {
  it('gives the worked example: 2 4 4 4 5 5 7 9 deviate by √(32 / 7)', () => {
    expect(deviationOf([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
  });

  it('equals the deviation taken around the mean', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e5, max: 1e5 }), { minLength: 2 }), (samples) => {
        const mean = samples.reduce((total, x) => total + x, 0) / samples.length;
        const squares = samples.reduce((total, x) => total + (x - mean) ** 2, 0);
        expect(deviationOf(samples)).toBeCloseTo(Math.sqrt(squares / (samples.length - 1)), 3);
      }),
    );
  });

  it('is 0 below two samples and where rounding would go below 0', () => {
    expect(deviationOf([])).toBe(0);
    expect(deviationOf([7])).toBe(0);
    expect(sampleDeviation(3, 0.3, 0.0299)).toBe(0);
  });
});

describe('share', () => {
  it('is the quotient, and 0 of nothing', () => {
    expect(share(1, 4)).toBe(0.25);
    expect(share(0, 0)).toBe(0);
    expect(share(3, 0)).toBe(0);
  });
});
