import { describe, expect, it } from 'vitest';
import { Seldom } from './log.js';

describe('what repeats', () => {
  it('is told once an interval for each subject, also after the clock was set back', () => {
    let nowMs = 1e6;
    const seldom = new Seldom(1000, () => nowMs);
    const told = (atMs: number, subject: string) => {
      nowMs = atMs;
      return seldom.allows(subject);
    };
    expect([told(1e6, 'a'), told(1e6 + 999, 'a'), told(1e6 + 999, 'b'), told(1e6 + 1000, 'a')]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect([told(5000, 'a'), told(5500, 'a')]).toEqual([true, false]);
  });
});
