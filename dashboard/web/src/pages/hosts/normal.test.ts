import { describe, expect, it } from 'vitest';
import { verdict } from './normal.js';

describe('what is usual for a host', () => {
  const normal = { measure: 'packets', unit: 'packet', median: 10, p95: 50, max: 900 } as const;
  it.each([
    [10, 'usual'],
    [50, 'usual'],
    [51, 'high for it'],
    [900, 'its highest'],
  ])('%d packets are %s', (latest, words) => expect(verdict({ ...normal, latest })).toBe(words));

  it('is not the highest when all windows are alike', () => {
    expect(verdict({ ...normal, median: 7, p95: 7, max: 7, latest: 7 })).toBe('usual');
  });
});
