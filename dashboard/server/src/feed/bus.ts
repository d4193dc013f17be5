import type { Feed, FeedCounts, FeedEvent, FeedTaker } from './feed.js';

/** Flows that may wait to be written; beyond it they are left out and counted. */
const MOST_WAITING_FLOWS = 20_000;
/** Events that may wait to be written before whoever can wait is to wait. */
const MOST_WAITING = 50_000;
/** Longest that an event waits for others to be written with it, ms. */
const GATHER_MS = 100;
/** Pause after events that could not be kept, such as on a full disk, ms. */
const RETRY_MS = 5000;
/** Incidents that wait to be kept after all; beyond it the oldest are lost. */
const MOST_WAITING_INCIDENTS = 10_000;

/** The feed of a run in the same process. Anything can be pushed at any time and pushing never waits; who can wait awaits `ready`. */
export class FeedBus implements Feed {
  private waiting: FeedEvent[] = [];
  private waitingFlows = 0;
  private taker: FeedTaker | undefined;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private events = 0;
  private flowsThinned = 0;
  private pauseMs = GATHER_MS;
  private roomWaiters: (() => void)[] = [];

  /** `onError` hears of events that could not be kept; the run that they come from goes on. */
  constructor(private readonly onError: (error: unknown) => void) {}

  /** Hands an event on. Flows are left out while too many wait; nothing else ever is. */
  push(event: FeedEvent): void {
    if (!this.hasRoomFor(event)) return;
    this.events++;
    this.waiting.push(event);
    this.schedule();
  }

  /** Whether a flow would be left out now, so that it need not be made. */
  get isFull(): boolean {
    return this.waitingFlows >= MOST_WAITING_FLOWS;
  }

  /** Resolves when there is room, at once unless very much waits: a file must not be read faster than it can be kept. */
  ready(): Promise<void> {
    if (this.waiting.length < MOST_WAITING) return Promise.resolve();
    return new Promise((resolve) => this.roomWaiters.push(resolve));
  }

  /** Counts flows that were not even made, as the bus was full. */
  skipFlows(count: number): void {
    this.flowsThinned += count;
  }

  async start(taker: FeedTaker): Promise<void> {
    this.taker = taker;
    this.schedule();
  }

  counts(): FeedCounts {
    return { events: this.events, flowsThinned: this.flowsThinned, refused: 0, lag: this.waiting.length };
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.writing;
    await this.flush();
    this.taker = undefined;
    this.tellRoom();
  }

  private tellRoom(): void {
    for (const resolve of this.roomWaiters.splice(0)) resolve();
  }

  private hasRoomFor(event: FeedEvent): boolean {
    if (event.kind !== 'flow') return true;
    if (this.isFull) {
      this.flowsThinned++;
      return false;
    }
    this.waitingFlows++;
    return true;
  }

  private schedule(): void {
    if (this.timer !== undefined || this.writing || !this.taker || this.waiting.length === 0) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.writing = this.flush().finally(() => {
        this.writing = undefined;
        this.schedule();
      });
    }, this.pauseMs);
  }

  private async flush(): Promise<void> {
    if (!this.taker || this.waiting.length === 0) return;
    const events = this.waiting;
    this.waiting = [];
    this.waitingFlows = 0;
    this.tellRoom();
    try {
      await this.taker.take({ events, positions: [] });
      this.pauseMs = GATHER_MS;
    } catch (error) {
      this.pauseMs = RETRY_MS;
      this.keepForLater(events);
      this.onError(error);
    }
  }

  /** Incidents are tried again, before what has come since; what was merely seen is left out. */
  private keepForLater(events: readonly FeedEvent[]): void {
    const incidents = events.filter(({ kind }) => kind === 'incident').slice(-MOST_WAITING_INCIDENTS);
    this.flowsThinned += events.filter(({ kind }) => kind === 'flow').length;
    this.waiting = [...incidents, ...this.waiting];
  }
}
