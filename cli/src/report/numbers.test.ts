import { describe, expect, it } from 'vitest';
import { counted, formatCount, formatDuration, formatMeasure, formatShort, formatTime } from './numbers.js';

describe('numbers for people', () => {
  it('separate thousands', () => {
    expect(formatCount(439_616)).toBe('439,616');
    expect([0, 1, 439_616].map((count) => counted(count, 'packet'))).toEqual([
      '0 packets',
      '1 packet',
      '439,616 packets',
    ]);
  });

  it('are short in three figures', () => {
    expect([1_099_040, 439_616, 1500, 12, 0.25, 0].map(formatShort)).toEqual([
      '1.1 M',
      '440 k',
      '1.5 k',
      '12',
      '0.25',
      '0',
    ]);
  });

  it('keep what matters of a measured value', () => {
    expect([500, 99.04, 0.5, 12_345.6, 0.00012, Number.NaN].map(formatMeasure)).toEqual([
      '500',
      '99',
      '0.5',
      '12,346',
      '0.00012',
      'NaN',
    ]);
  });

  it('are durations in the two units that fit', () => {
    expect([0, 0.2, 34, 400, 12_000, 59_600, 185_000, 7_800_000, 29_541_858_000].map(formatDuration)).toEqual([
      '0 s',
      '1 ms',
      '34 ms',
      '0.4 s',
      '12 s',
      '1 min',
      '3 min 5 s',
      '2 h 10 min',
      '341 d 22 h',
    ]);
  });

  it('are times in UTC, and empty outside the calendar', () => {
    expect(formatTime(0)).toBe('1970-01-01 00:00:00');
    expect(formatTime(9e15)).toBe('');
  });
});
