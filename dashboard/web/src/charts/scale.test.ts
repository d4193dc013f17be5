import { describe, expect, it } from 'vitest';
import { decades, evidenceScale, logPlace } from './scale.js';

describe('places on a logarithmic axis', () => {
  it('make equal ratios equal distances', () => {
    expect(logPlace(10, 1, 100)).toBeCloseTo(0.5);
    expect(logPlace(0, 1, 100)).toBe(0);
    expect(logPlace(1e9, 1, 100)).toBe(1);
  });

  it('stand in the middle when there is no axis', () => expect(logPlace(5, 5, 5)).toBe(0.5));

  it('are marked at powers of ten, not at too many', () => {
    expect(decades(0.5, 2000, 10)).toEqual([1, 10, 100, 1000]);
    expect(decades(1, 1e9, 5)).toEqual([1, 100, 1e4, 1e6, 1e8]);
  });
});

describe('evidence on one axis', () => {
  it('keeps the order of measured, threshold and normal', () => {
    const scale = evidenceScale(505, 2, 30);
    expect(scale.isLogarithmic).toBe(true);
    expect(scale.normal!).toBeLessThan(scale.threshold!);
    expect(scale.threshold!).toBeLessThan(scale.value);
  });

  it('shows shares as they are', () => {
    const scale = evidenceScale(0.9, 0.45, 0.6);
    expect(scale.isLogarithmic).toBe(false);
    expect(scale.value / scale.normal!).toBeCloseTo(2);
  });

  it('takes nothing and zero', () => {
    expect(evidenceScale(0)).toEqual({ value: 0, normal: undefined, threshold: undefined, isLogarithmic: false });
    expect(evidenceScale(0, 0, 5).value).toBe(0);
  });

  it('takes what fell below: few where many are normal', () => {
    const scale = evidenceScale(1, 100, 10);
    expect(scale.value).toBeLessThan(scale.threshold!);
    expect(scale.threshold!).toBeLessThan(scale.normal!);
  });
});
