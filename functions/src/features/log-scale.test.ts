import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextRestatement, scoreOf } from './log-scale.js';

describe('score', () => {
  it.each([
    [0, 0],
    [-1, 0],
    [Number.NaN, 0],
    [0.001, 0],
    [0.1, 0.3],
    [1, 0.5],
    [2, 0.5602],
    [10, 0.7],
    [100, 0.9],
    [316.3, 1],
    [1e9, 1],
    [Number.POSITIVE_INFINITY, 1],
  ])('of magnitude %d is %d', (magnitude, score) => {
    expect(scoreOf(magnitude)).toBe(score);
  });

  it('never falls as the magnitude grows', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        expect(scoreOf(Math.min(a, b))).toBeLessThanOrEqual(scoreOf(Math.max(a, b)));
      }),
    );
  });
});

describe('next restatement', () => {
  it.each([
    [0, 1],
    [0.3, 1],
    [1, 2],
    [1.99, 2],
    [2, 4],
    [1000, 1024],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])('after magnitude %d comes at %d', (magnitude, next) => {
    expect(nextRestatement(magnitude)).toBe(next);
  });

  it('lies above the magnitude, by no more than a factor of two from 1 on', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e300, noNaN: true }), (magnitude) => {
        expect(nextRestatement(magnitude)).toBeGreaterThan(magnitude);
        expect(nextRestatement(magnitude)).toBeLessThanOrEqual(2 * magnitude);
      }),
    );
  });
});
