import { describe, expect, it } from 'vitest';
import { FrameQueue } from './frames.js';

describe('the queue of a frame', () => {
  it('hands on everything at once, in order, once a frame', () => {
    const frames: (() => void)[] = [];
    const taken: number[][] = [];
    const queue = new FrameQueue<number>(
      (items) => taken.push(items),
      (task) => frames.push(task),
    );
    for (let i = 0; i < 1000; i++) queue.push(i);
    expect(frames).toHaveLength(1);
    frames.shift()!();
    expect(taken).toEqual([Array.from({ length: 1000 }, (_, i) => i)]);
    queue.push(7);
    frames.shift()!();
    expect(taken[1]).toEqual([7]);
  });

  it('keeps what comes while it hands on for the next frame', () => {
    const frames: (() => void)[] = [];
    const taken: number[][] = [];
    const queue: FrameQueue<number> = new FrameQueue<number>(
      (items) => {
        taken.push(items);
        if (taken.length === 1) queue.push(2);
      },
      (task) => frames.push(task),
    );
    queue.push(1);
    frames.shift()!();
    frames.shift()!();
    expect(taken).toEqual([[1], [2]]);
  });
});
