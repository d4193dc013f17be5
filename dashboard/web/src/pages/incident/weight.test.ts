import type { Evidence } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { byWeight, shown, timesThreshold, weight } from './weight.js';

const evidence = (parts: Partial<Evidence>): Evidence => ({ measure: 'ports', unit: 'port', value: 505, ...parts });

describe('the weight of evidence', () => {
  it('is how many times the threshold was passed', () => {
    expect(weight(evidence({ normal: 2, threshold: 50 }))).toBeCloseTo(10.1);
    expect(timesThreshold(evidence({ normal: 2, threshold: 50 }))).toBe('10 × the threshold');
    expect(timesThreshold(evidence({ value: 120, threshold: 50 }))).toBe('2.4 × the threshold');
  });

  it('turns round where few is what matters', () => {
    expect(weight(evidence({ value: 1, normal: 100, threshold: 10 }))).toBe(10);
  });

  it('says nothing where the threshold was not reached or there is none', () => {
    expect(timesThreshold(evidence({ value: 3, threshold: 50 }))).toBeUndefined();
    expect(timesThreshold(evidence({}))).toBeUndefined();
  });

  it('does not divide by a threshold of none', () => {
    expect(timesThreshold(evidence({ threshold: 0 }))).toBe('beyond a threshold of none');
    expect(weight(evidence({ value: 0, threshold: 0 }))).toBe(0);
  });

  it('is shown in per cent where it is a share', () => {
    expect(shown(evidence({ measure: 'share of flows', unit: '1' }), 0.994)).toBe('99.4 %');
    expect(shown(evidence({ unit: '1' }), 3)).toBe('3');
    expect(shown(evidence({}), undefined)).toBe('—');
  });

  it('orders what mattered first, and keeps the order of the rest', () => {
    const list = [
      evidence({ measure: 'a' }),
      evidence({ measure: 'b', threshold: 100 }),
      evidence({ measure: 'c' }),
      evidence({ measure: 'd', threshold: 1 }),
    ];
    expect(byWeight(list).map(({ measure }) => measure)).toEqual(['d', 'b', 'a', 'c']);
  });
});
