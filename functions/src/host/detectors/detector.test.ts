import { describe, expect, it } from 'vitest';
import { counted, readable, readableBytes } from './detector.js';

describe('numbers in what is said of an incident', () => {
  it('stand with three digits that matter, and thousands apart', () => {
    expect([0, 0.0004, 0.6954, 99.97, 1234.5, -1234567].map(readable)).toEqual([
      ...['0', '0', '0.695', '100', '1,235', '-1,234,567'],
    ]);
  });

  it('are followed by one thing, or by many', () => {
    expect([0, 1, 1200].map((count) => counted(count, 'stream'))).toEqual(['0 streams', '1 stream', '1,200 streams']);
    expect(counted(2, 'batch', 'batches')).toBe('2 batches');
  });

  it('of bytes have the largest unit of which there is one', () => {
    expect([0, 1, 999, 2100, 5_101_570, 3e9].map(readableBytes)).toEqual([
      ...['0 bytes', '1 byte', '999 bytes', '2.1 kB', '5.1 MB', '3 GB'],
    ]);
  });
});
