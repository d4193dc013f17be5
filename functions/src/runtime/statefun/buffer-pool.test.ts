import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.js';

const KIB = 1024;

describe('a pool of buffers', () => {
  it('gives the smallest that fits of those that came back', () => {
    const pool = new BufferPool(1000 * KIB);
    const large = pool.take(400 * KIB);
    const small = pool.take(100 * KIB);
    pool.giveBack(large);
    pool.giveBack(small);
    expect(pool.take(90 * KIB).buffer).toBe(small.buffer);
    expect(pool.take(90 * KIB).buffer).toBe(large.buffer);
  });

  it('gives the length that was asked for, and never the same memory twice at a time', () => {
    const pool = new BufferPool(1000 * KIB);
    const first = pool.take(100 * KIB);
    pool.giveBack(first);
    const again = pool.take(99 * KIB);
    expect(again).toHaveLength(99 * KIB);
    expect(pool.take(99 * KIB).buffer).not.toBe(again.buffer);
  });

  it('keeps no more than it may, the largest first', () => {
    const pool = new BufferPool(300 * KIB);
    const [small, large] = [pool.take(80 * KIB), pool.take(200 * KIB)];
    pool.giveBack(small);
    pool.giveBack(large);
    pool.giveBack(pool.take(1000 * KIB));
    expect(pool.take(80 * KIB).buffer).toBe(large.buffer);
    expect(pool.take(80 * KIB).buffer).not.toBe(small.buffer);
  });
});
