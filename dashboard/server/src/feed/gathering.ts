import type { FeedBatch, FeedPosition, FeedTaker } from './feed.js';

/** How long batches gather before they are kept together, ms. */
export const GATHER_MS = 250;

/**
 * Joins the batches that come within a moment, or while others are being kept, into one: a transaction takes some 15 ms of
 * processor time however little is in it. Batches of one partition must come one after the other, each when the one before
 * is kept.
 */
export class GatheringTaker implements FeedTaker {
  private waiting: FeedBatch[] = [];
  private next: Promise<void> | undefined;
  private underWay: Promise<void> = Promise.resolve();

  constructor(private readonly taker: FeedTaker) {}

  get positions(): readonly FeedPosition[] {
    return this.taker.positions;
  }

  /** Resolves when the batch is kept; rejects, as for all that were gathered with it, when they are not. */
  take(batch: FeedBatch): Promise<void> {
    this.waiting.push(batch);
    this.next ??= this.keepSoon();
    return this.next;
  }

  private async keepSoon(): Promise<void> {
    await Promise.all([this.underWay, new Promise((resolve) => setTimeout(resolve, GATHER_MS))]);
    const batches = this.waiting;
    this.waiting = [];
    this.next = undefined;
    const kept = this.taker.take({
      events: batches.flatMap(({ events }) => events),
      positions: batches.flatMap(({ positions }) => positions),
    });
    this.underWay = kept.catch(() => undefined);
    await kept;
  }
}
