import { describe, expect, it } from 'vitest';
import { parseSpeed } from './speed.js';

describe('parseSpeed', () => {
  it('reads factors with or without x, and max', () => {
    expect(['1x', '10x', '0.5x', '60', 'max'].map(parseSpeed)).toEqual([1, 10, 0.5, 60, 'max']);
  });

  it.each(['', 'x', '0x', '-1x', '1e9x', 'fast', '9999999x'])('refuses "%s" and says what it takes', (text) => {
    expect(() => parseSpeed(text)).toThrow(/Give a factor such as 1x or 10x/);
  });
});
