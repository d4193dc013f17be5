import { type MessageProducer, type OutgoingMessage, RefusedError } from '../kafka/index.js';
import type { SinkClock } from './kafka-sink.js';

/** A broker that is there or away, and takes what is not too large. */
export class FakeBroker {
  isAway = false;
  /** Requests wait until told. */
  isHeld = false;
  largestBytes = Number.POSITIVE_INFINITY;
  readonly taken: OutgoingMessage[] = [];
  readonly requests: number[] = [];
  producersMade = 0;
  producersOpen = 0;
  private held: (() => void)[] = [];

  producer(): MessageProducer {
    this.producersMade++;
    let isOpen = false;
    return {
      connect: async () => {
        if (this.isAway) throw new Error('connect ECONNREFUSED');
        isOpen = true;
        this.producersOpen++;
      },
      send: (messages) => this.take(messages),
      disconnect: async () => {
        if (isOpen) this.producersOpen--;
        isOpen = false;
      },
    };
  }

  release(): void {
    this.isHeld = false;
    for (const go of this.held.splice(0)) go();
  }

  private async take(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.isHeld) await new Promise<void>((resolve) => this.held.push(resolve));
    if (this.isAway) throw new Error('connection closed');
    if (messages.some(({ value }) => value.length > this.largestBytes)) throw new RefusedError('MESSAGE_TOO_LARGE');
    this.requests.push(messages.length);
    this.taken.push(...messages);
  }
}

/** Pauses end when time is moved on past them. */
export class FakeClock implements SinkClock {
  private timeMs = 0;
  private sleepers: { atMs: number; wake: () => void }[] = [];

  nowMs(): number {
    return this.timeMs;
  }

  sleepMs(ms: number, stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.sleepers.push({ atMs: this.timeMs + ms, wake: resolve });
      stop.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  async advance(ms: number): Promise<void> {
    this.timeMs += ms;
    for (const { wake } of this.sleepers.filter(({ atMs }) => atMs <= this.timeMs)) wake();
    this.sleepers = this.sleepers.filter(({ atMs }) => atMs > this.timeMs);
    await settle();
  }
}

/** Lets everything that is not waiting for time or broker happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
