import { finish } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { REGISTERS, RELATIVE_ERROR, sketchAdd, sketchEstimate, sketchMerge } from './hyper-log-log.js';

/** Estimate of `count` distinct elements: `element(0)`, `element(1)` and so on. */
function estimateOf(count: number, element: (i: number) => number): number {
  const registers = new Uint8Array(REGISTERS);
  for (let i = 0; i < count; i++) sketchAdd(registers, 0, element(i));
  return sketchEstimate(registers, 0);
}

/** Root mean square of the relative error, and its mean, over 50 disjoint sets. */
function errorsAt(count: number, element: (i: number) => number): { rms: number; mean: number } {
  const errors = Array.from({ length: 50 }, (_, run) => {
    return estimateOf(count, (i) => element(run * count + i)) / count - 1;
  });
  const mean = errors.reduce((sum, e) => sum + e, 0) / errors.length;
  return { mean, rms: Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length) };
}

describe('HyperLogLog', () => {
  it('documents the error that its registers give', () => {
    expect(RELATIVE_ERROR).toBeCloseTo(1.04 / Math.sqrt(REGISTERS), 4);
  });

  it.each([65, 200, 1_000, 3_000, 10_000, 50_000])('estimates %i elements within the documented error', (count) => {
    const { rms, mean } = errorsAt(count, (i) => finish(i));
    // 50 runs: the rms itself has a spread of a tenth, the mean one of a seventh of the error.
    expect(rms).toBeLessThan(RELATIVE_ERROR * 1.3);
    expect(Math.abs(mean)).toBeLessThan(RELATIVE_ERROR * 0.5);
  });

  it.each([
    ['successive numbers', (i: number) => i],
    ['multiples of 2^16', (i: number) => Math.imul(i, 65536) + (i >>> 16)],
    ['multiples of 1024', (i: number) => Math.imul(i, 1024)],
  ])('is not fooled by poorly mixed elements: %s', (_, element) => {
    expect(errorsAt(1_000, element).rms).toBeLessThan(RELATIVE_ERROR * 1.4);
  });

  it('estimates a million elements within three errors', () => {
    expect(Math.abs(estimateOf(1_000_000, finish) / 1e6 - 1)).toBeLessThan(3 * RELATIVE_ERROR);
  });

  it('needs no correction where registers begin to be full', () => {
    const count = 3e9;
    // Registers drawn from their distribution: P(rank ≤ k) = exp(−count / registers / 2^k), cut at 23.
    const registers = Uint8Array.from({ length: REGISTERS }, (_, i) => {
      const uniform = (finish(i + 1) + 0.5) / 2 ** 32;
      return Math.min(23, Math.max(0, Math.ceil(Math.log2(count / REGISTERS / -Math.log(uniform)))));
    });
    expect(registers.filter((rank) => rank === 23).length).toBeGreaterThan(REGISTERS / 4);
    expect(Math.abs(sketchEstimate(registers, 0) / count - 1)).toBeLessThan(3 * RELATIVE_ERROR);
  });

  it('is 0 for no elements and finite for registers that are all full', () => {
    expect(sketchEstimate(new Uint8Array(REGISTERS), 0)).toBe(0);
    expect(sketchEstimate(new Uint8Array(REGISTERS).fill(23), 0)).toBe(2 ** 32);
  });

  it('merges to the sketch of the whole, and touches no neighbour', () => {
    const registers = new Uint8Array(REGISTERS * 3);
    const whole = new Uint8Array(REGISTERS);
    for (let i = 0; i < 3_000; i++) {
      sketchAdd(registers, i % 2 ? REGISTERS : 0, i);
      sketchAdd(whole, 0, i);
    }
    sketchMerge(registers, REGISTERS, { registers, at: 0 });
    expect(registers.subarray(REGISTERS, REGISTERS * 2)).toEqual(whole);
    expect(registers.subarray(REGISTERS * 2).every((r) => r === 0)).toBe(true);
  });
});
