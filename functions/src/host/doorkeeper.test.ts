import { finish } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../features/state-bytes.js';
import { Doorkeeper } from './doorkeeper.js';

const visitors = (count: number, from = 0) => Array.from({ length: count }, (_, i) => finish(from + i));

describe('the doorkeeper', () => {
  it('knows who came before, and hardly anyone else', () => {
    const keeper = new Doorkeeper();
    for (const hash of visitors(5000)) keeper.knows(hash, 0);
    expect(visitors(5000).every((hash) => keeper.knows(hash, 1))).toBe(true);
    expect(visitors(1000, 1e6).filter((hash) => keeper.knows(hash, 1)).length).toBeLessThan(100);
  });

  it('still knows after five minutes, and no more after two generations', () => {
    const keeper = new Doorkeeper();
    keeper.knows(finish(1), 0);
    keeper.knows(finish(2), 310);
    expect(keeper.knows(finish(1), 320)).toBe(true);
    keeper.knows(finish(3), 700);
    keeper.knows(finish(4), 1100);
    expect(keeper.knows(finish(1), 1101)).toBe(false);
  });

  it('is not worn out by a flood: strangers stay strangers', () => {
    const keeper = new Doorkeeper();
    const passed = visitors(200_000).filter((hash) => keeper.knows(hash, 5)).length;
    expect(passed / 200_000).toBeLessThan(0.25);
  });

  it('remembers across a restart', () => {
    const keeper = new Doorkeeper();
    for (const hash of visitors(100)) keeper.knows(hash, 7);
    const writer = new ByteWriter();
    keeper.encode(writer);
    const restored = Doorkeeper.decode(new ByteReader(writer.finish()));
    expect(visitors(100).every((hash) => restored.knows(hash, 8))).toBe(true);
  });
});
