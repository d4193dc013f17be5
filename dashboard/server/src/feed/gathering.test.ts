import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FeedBatch } from './feed.js';
import { GATHER_MS, GatheringTaker } from './gathering.js';

const batch = (partition: number, offset: number): FeedBatch => ({
  events: [],
  positions: [{ topic: 'network_flows', partition, offset: String(offset) }],
});

describe('batches that gather', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const gathering = (keep: (batch: FeedBatch) => Promise<void>) => {
    const kept: string[][] = [];
    const taker = new GatheringTaker({
      positions: [],
      take: (joined) => {
        kept.push(joined.positions.map(({ partition, offset }) => `${partition}:${offset}`));
        return keep(joined);
      },
    });
    return { taker, kept };
  };

  it('are kept together, and all resolve then', async () => {
    const { taker, kept } = gathering(async () => undefined);
    const both = Promise.all([taker.take(batch(0, 5)), taker.take(batch(1, 7))]);
    expect(kept).toEqual([]);
    await vi.advanceTimersByTimeAsync(GATHER_MS);
    await both;
    expect(kept).toEqual([['0:5', '1:7']]);
  });

  it('wait for those that are being kept', async () => {
    let finish = () => {};
    const { taker, kept } = gathering(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    const first = taker.take(batch(0, 1));
    await vi.advanceTimersByTimeAsync(GATHER_MS);
    const later = [taker.take(batch(1, 1)), taker.take(batch(2, 1))];
    await vi.advanceTimersByTimeAsync(10 * GATHER_MS);
    expect(kept).toEqual([['0:1']]);
    finish();
    await first;
    await vi.advanceTimersByTimeAsync(0);
    finish();
    await Promise.all(later);
    expect(kept).toEqual([['0:1'], ['1:1', '2:1']]);
  });

  it('are all told when they could not be kept, and later ones are tried', async () => {
    let isFull = true;
    const { taker, kept } = gathering(async () => {
      if (isFull) throw new Error('disk full');
    });
    const outcomes = Promise.allSettled([taker.take(batch(0, 1)), taker.take(batch(1, 1))]);
    await vi.advanceTimersByTimeAsync(GATHER_MS);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isFull = false;
    const again = taker.take(batch(0, 1));
    await vi.advanceTimersByTimeAsync(GATHER_MS);
    await again;
    expect(kept).toEqual([['0:1', '1:1'], ['0:1']]);
  });
});
