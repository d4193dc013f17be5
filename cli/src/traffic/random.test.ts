import { describe, expect, it } from 'vitest';
import { naturalExp, naturalLog, Random } from './random.js';

describe('random numbers', () => {
  it('the same seed and name repeat, and another name differs', () => {
    const draw = (seed: number, name: string) => Array.from(new Random(seed, name).bytes(16)).join();
    expect(draw(7, 'web')).toBe(draw(7, 'web'));
    expect(draw(7, 'web')).not.toBe(draw(7, 'dns'));
    expect(draw(7, 'web')).not.toBe(draw(8, 'web'));
  });

  it('the logarithm and the exponential agree with the engine to twelve digits', () => {
    for (const x of [1e-9, 0.01, 0.5, 1, 1.4999, 3, 1e6, 1e12]) {
      expect(naturalLog(x)).toBeCloseTo(Math.log(x), 11);
      expect(naturalExp(naturalLog(x)) / x).toBeCloseTo(1, 11);
    }
  });

  it('uniform numbers fill their range evenly', () => {
    const random = new Random(1, 'even');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i += 1) counts[random.between(0, 9)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(9600);
    expect(Math.max(...counts)).toBeLessThan(10_400);
  });

  it('a lognormal has its median and a Pareto its bounds', () => {
    const random = new Random(2, 'sizes');
    const sizes = Array.from({ length: 20_001 }, () => random.logNormal(100, 1)).sort((a, b) => a - b);
    expect(sizes[10_000]).toBeGreaterThan(95);
    expect(sizes[10_000]).toBeLessThan(105);
    const tails = Array.from({ length: 20_000 }, () => random.pareto(10, 1.1, 5000));
    expect(Math.min(...tails)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...tails)).toBe(5000);
  });
});
