import { type MessageProducer, type OutgoingMessage, RefusedError } from '../kafka/index.js';
import { count, emptyTally, MessageQueue, type QueuedMessage, type Tally } from './message-queue.js';

/** What a sink may keep, and what it does when that is full. */
export interface KafkaSinkOptions {
  /** Makes a producer; called again after each one that failed. */
  readonly createProducer: () => MessageProducer;
  /** Bytes of values that may be in memory, those on their way included. */
  readonly queueBytes: number;
  /** Most bytes of one request; a larger message goes alone. */
  readonly requestBytes: number;
  /** `drop-oldest` for what cannot wait, such as a live capture; `wait` for whoever awaits `ready` before each put. */
  readonly whenFull: 'drop-oldest' | 'wait';
  readonly clock: SinkClock;
  readonly events: SinkEvents;
}

/** Time as a sink sees it. */
export interface SinkClock {
  /** Milliseconds since any fixed moment; never goes back. */
  nowMs(): number;
  /** Resolves after about `ms`, or when `stop` is aborted. */
  sleepMs(ms: number, stop: AbortSignal): Promise<void>;
}

/** What an operator is told. Each is called once a change, not once a try. */
export interface SinkEvents {
  connected(): void;
  /** The broker does not take messages; the sink keeps trying. */
  away(error: Error): void;
  /** The broker will never take this message; it was dropped. */
  refused(message: OutgoingMessage, error: Error): void;
  /** The queue is full, and from now on the oldest messages are dropped. */
  full(): void;
}

/** What became of the messages so far. */
export interface SinkCounters {
  /** Taken by the broker. */
  readonly sent: Readonly<Tally>;
  /** In memory, those on their way included. */
  readonly queued: Readonly<Tally>;
  /** Given up because the queue was full. */
  readonly dropped: Readonly<Tally>;
  /** Given up because the broker will never take them. */
  readonly refused: Readonly<Tally>;
  readonly isConnected: boolean;
  /** Age of the oldest message in memory, ms; 0 when there is none. */
  readonly lagMs: number;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
/** How long a producer gets to say goodbye. */
const DISCONNECT_MS = 2000;

/**
 * Sends messages to a broker from a queue that is bounded in bytes. Taking a message never blocks and never fails. One
 * request is on its way at a time and is repeated until the broker has it, so messages arrive in the order they were
 * put; after a failure a message may arrive twice, which numbered batches tell.
 */
export class KafkaSink {
  private readonly queue = new MessageQueue();
  private readonly sent = emptyTally();
  private readonly dropped = emptyTally();
  private readonly refused = emptyTally();
  private readonly stopping = new AbortController();
  private onTheWay: QueuedMessage[] = [];
  private onTheWayBytes = 0;
  private producer: MessageProducer | undefined;
  private state: 'starting' | 'connected' | 'away' = 'starting';
  private isFull = false;
  private isClosing = false;
  private isReleased = false;
  private work: Promise<void> = Promise.resolve();
  private wake: () => void = () => undefined;
  private roomWaiters: (() => void)[] = [];
  private emptyWaiters: (() => void)[] = [];

  constructor(private readonly options: KafkaSinkOptions) {}

  /** Begins to connect and send. */
  start(): void {
    this.work = this.sendAll();
  }

  /** Takes a message. Its value must not be changed afterwards. */
  put(message: OutgoingMessage, packets: number): void {
    this.queue.push({ ...message, packets, queuedAtMs: this.options.clock.nowMs() });
    if (this.options.whenFull === 'drop-oldest') this.dropToFit();
    this.wake();
  }

  /** Takes a message that matters only where there is room for it. False when there is none. */
  offer(message: OutgoingMessage): boolean {
    if (this.bytesHeld + message.value.length > this.options.queueBytes) return false;
    this.put(message, 0);
    return true;
  }

  /** Resolves when there is room; at once unless the queue is full. */
  ready(): Promise<void> {
    if (this.hasRoom || this.isReleased) return Promise.resolve();
    return new Promise((resolve) => this.roomWaiters.push(resolve));
  }

  /** Resolves when the broker has all that was put so far; however long that takes. */
  drained(): Promise<void> {
    if (this.isReleased || this.counters().queued.messages === 0) return Promise.resolve();
    return new Promise((resolve) => this.emptyWaiters.push(resolve));
  }

  /** From now on nobody waits in `ready` or `drained`, so that whoever does can end. */
  release(): void {
    this.isReleased = true;
    tellAll(this.roomWaiters);
    tellAll(this.emptyWaiters);
  }

  counters(): SinkCounters {
    const queued = { ...this.queue.tally };
    for (const message of this.onTheWay) count(queued, message);
    const oldest = this.onTheWay[0] ?? this.queue.peek();
    return {
      sent: { ...this.sent },
      queued,
      dropped: { ...this.dropped },
      refused: { ...this.refused },
      isConnected: this.state === 'connected',
      lagMs: oldest === undefined ? 0 : Math.max(0, this.options.clock.nowMs() - oldest.queuedAtMs),
    };
  }

  /** Sends what is queued, for at most `deadlineMs`, and disconnects. What is left stays in `counters().queued`. */
  async stop(deadlineMs: number): Promise<void> {
    this.isClosing = true;
    this.wake();
    this.release();
    const { clock } = this.options;
    const finished = new AbortController();
    const deadline = clock.sleepMs(deadlineMs, finished.signal).then(() => this.stopping.abort());
    await Promise.race([this.work, deadline]);
    finished.abort();
    this.stopping.abort();
    this.wake();
    await this.dismiss();
  }

  private get bytesHeld(): number {
    return this.queue.tally.bytes + this.onTheWayBytes;
  }

  private get hasRoom(): boolean {
    return this.bytesHeld < this.options.queueBytes;
  }

  /** The newest message stays, so that one larger than the queue still goes through. */
  private dropToFit(): void {
    while (this.bytesHeld > this.options.queueBytes && this.queue.tally.messages > 1) {
      count(this.dropped, this.queue.shift() as QueuedMessage);
      if (!this.isFull) this.options.events.full();
      this.isFull = true;
    }
  }

  private async sendAll(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.load();
      if (this.onTheWay.length === 0 && this.isClosing) return;
      if (this.onTheWay.length > 0) await this.deliver();
      else if (this.producer === undefined) await this.attempt(async () => undefined);
      else await this.nextPut();
    }
  }

  private load(): void {
    this.onTheWay = this.queue.takeUpTo(this.options.requestBytes);
    this.onTheWayBytes = this.onTheWay.reduce((sum, { value }) => sum + value.length, 0);
  }

  private nextPut(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  /** Until the broker has what is on its way, or a stop gives up on it. */
  private async deliver(): Promise<void> {
    const messages = this.onTheWay;
    if (await this.attempt((producer) => producer.send(messages))) {
      for (const message of messages) count(this.sent, message);
    } else {
      await this.deliverSingly(messages);
    }
    // What a stop gave up on stays, and so stays counted.
    if (!this.stopping.signal.aborted) this.unload();
  }

  /** One of several was refused: the others go through alone. */
  private async deliverSingly(messages: readonly QueuedMessage[]): Promise<void> {
    for (const message of messages) {
      const isSent = await this.attempt((producer) => producer.send([message]), message);
      if (!isSent && this.stopping.signal.aborted) return;
      count(isSent ? this.sent : this.refused, message);
      this.onTheWay = this.onTheWay.slice(1);
    }
  }

  private unload(): void {
    this.onTheWay = [];
    this.onTheWayBytes = 0;
    if (this.bytesHeld < this.options.queueBytes / 2) this.isFull = false;
    if (this.hasRoom) tellAll(this.roomWaiters);
    if (this.queue.tally.messages === 0) tellAll(this.emptyWaiters);
  }

  /**
   * Does `work` with a producer, again and again with growing pauses until it succeeds (true), the broker refuses for good
   * or a stop gives up (false). A refusal is told for `single`.
   */
  private async attempt(
    work: (producer: MessageProducer) => Promise<void>,
    single?: OutgoingMessage,
  ): Promise<boolean> {
    for (
      let pauseMs = FIRST_PAUSE_MS;
      !this.stopping.signal.aborted;
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    ) {
      try {
        await work(await this.connected());
        this.tellConnected();
        return true;
      } catch (error) {
        if (error instanceof RefusedError) {
          if (single) this.options.events.refused(single, error);
          return false;
        }
        await this.recover(error as Error, pauseMs);
      }
    }
    return false;
  }

  private async connected(): Promise<MessageProducer> {
    if (this.producer === undefined) {
      this.producer = this.options.createProducer();
      await this.producer.connect();
    }
    return this.producer;
  }

  private tellConnected(): void {
    if (this.state !== 'connected') this.options.events.connected();
    this.state = 'connected';
  }

  private async recover(error: Error, pauseMs: number): Promise<void> {
    if (this.state !== 'away') this.options.events.away(error);
    this.state = 'away';
    await this.dismiss();
    await this.options.clock.sleepMs(pauseMs, this.stopping.signal);
  }

  /** Lets go of the producer; a broker that does not answer is not waited for. */
  private async dismiss(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    if (producer === undefined) return;
    const limit = new AbortController();
    const goodbye = producer.disconnect().catch(() => undefined);
    await Promise.race([goodbye, this.options.clock.sleepMs(DISCONNECT_MS, limit.signal)]);
    limit.abort();
  }
}

function tellAll(waiters: (() => void)[]): void {
  for (const resolve of waiters.splice(0)) resolve();
}
