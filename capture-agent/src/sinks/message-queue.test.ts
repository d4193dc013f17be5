import { describe, expect, it } from 'vitest';
import { MessageQueue } from './message-queue.js';

const message = (n: number, bytes = 10) => ({
  topic: 't',
  key: String(n),
  value: new Uint8Array(bytes),
  packets: n,
  queuedAtMs: 0,
});

describe('MessageQueue', () => {
  it('gives back in order what was put in, over many rounds, with its sums', () => {
    const queue = new MessageQueue();
    let put = 0;
    let taken = 0;
    for (let round = 0; round < 400; round++) {
      for (let i = 0; i < 17; i++) queue.push(message(put++));
      for (let i = 0; i < 16; i++) expect(queue.shift()?.key).toBe(String(taken++));
    }
    expect(queue.tally.messages).toBe(put - taken);
    expect(queue.tally.bytes).toBe(10 * (put - taken));
    while (queue.shift()) taken++;
    expect(taken).toBe(put);
    expect(queue.tally).toEqual({ messages: 0, bytes: 0, packets: 0 });
  });

  it('takes as much as fits, and at least one', () => {
    const queue = new MessageQueue();
    for (const bytes of [10, 10, 10, 100, 10]) queue.push(message(0, bytes));
    expect(queue.takeUpTo(30)).toHaveLength(3);
    expect(queue.takeUpTo(30)).toHaveLength(1);
    expect(queue.takeUpTo(30)).toHaveLength(1);
    expect(queue.takeUpTo(30)).toEqual([]);
  });
});
