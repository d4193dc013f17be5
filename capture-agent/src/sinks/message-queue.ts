import type { OutgoingMessage } from '../kafka/index.js';

/** A message that waits, and what is lost with it. */
export interface QueuedMessage extends OutgoingMessage {
  /** Packets it holds; 0 for what is no batch. */
  readonly packets: number;
  /** When it was put in, by a clock that never goes back. */
  readonly queuedAtMs: number;
}

/** Number of messages, their bytes and the packets in them. */
export interface Tally {
  messages: number;
  bytes: number;
  packets: number;
}

/** Nothing counted. */
export function emptyTally(): Tally {
  return { messages: 0, bytes: 0, packets: 0 };
}

/** Adds `sign` times what `message` holds. */
export function count(tally: Tally, message: QueuedMessage, sign: 1 | -1 = 1): void {
  tally.messages += sign;
  tally.bytes += sign * message.value.length;
  tally.packets += sign * message.packets;
}

/** Slots before the head that are given back at once, as removing the first of a large array costs as much as its length. */
const SPENT_SLOTS = 1024;

/** Messages first in, first out, with their sums. */
export class MessageQueue {
  readonly tally = emptyTally();
  private slots: (QueuedMessage | undefined)[] = [];
  private head = 0;

  push(message: QueuedMessage): void {
    this.slots.push(message);
    count(this.tally, message);
  }

  /** The oldest message; undefined when there is none. */
  peek(): QueuedMessage | undefined {
    return this.slots[this.head];
  }

  /** Removes the oldest message. */
  shift(): QueuedMessage | undefined {
    const message = this.slots[this.head];
    if (message === undefined) return undefined;
    this.slots[this.head++] = undefined;
    count(this.tally, message, -1);
    if (this.head === SPENT_SLOTS || this.head === this.slots.length) {
      this.slots = this.slots.slice(this.head);
      this.head = 0;
    }
    return message;
  }

  /** Removes the oldest messages, at most `bytes` in all, but at least one where there is one. */
  takeUpTo(bytes: number): QueuedMessage[] {
    const taken: QueuedMessage[] = [];
    let sum = 0;
    for (let next = this.peek(); next !== undefined; next = this.peek()) {
      sum += next.value.length;
      if (sum > bytes && taken.length > 0) break;
      taken.push(next);
      this.shift();
    }
    return taken;
  }
}
