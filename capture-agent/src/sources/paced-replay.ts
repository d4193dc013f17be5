import { copyRows } from './packet-queue.js';
import { createRawPackets, type PacketSource, type RawPackets, type SourceCounters } from './source.js';

/** Time as a paced replay sees it. */
export interface ReplayClock {
  /** Milliseconds since any fixed moment; never goes back. */
  nowMs(): number;
  /** Resolves after about `ms`. */
  sleepMs(ms: number): Promise<void>;
}

export interface PacedReplayOptions {
  /** Capture seconds per second, above 0; `max` does not wait at all. */
  speed: number | 'max';
  /** Default: the machine's monotonic clock. */
  clock?: ReplayClock;
  /** Longest wait before `read` resolves with an empty block, in ms. Default: 1000. */
  tickMs?: number;
}

const MACHINE_CLOCK: ReplayClock = {
  nowMs: () => performance.now(),
  sleepMs: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/**
 * Releases the packets of `source` at `speed` times the pace at which they were captured, the first at once. Packets and
 * their order are those of `source` at any speed; only the blocks differ. Between packets it ticks as a live source does.
 * A packet that is older than the one before it is released together with that one. Throws a RangeError for a speed that
 * is not above 0.
 */
export function createPacedReplay(source: PacketSource, options: PacedReplayOptions): PacketSource {
  const { speed } = options;
  if (speed === 'max') return source;
  if (speed > 0 && Number.isFinite(speed)) return new PacedReplay(source, { ...options, speed });
  throw new RangeError(`a replay speed of ${speed} is not possible. Give a number above 0, such as 10, or "max".`);
}

class PacedReplay implements PacketSource {
  readonly name: string;
  readonly kind: PacketSource['kind'];
  readonly #clock: ReplayClock;
  readonly #speed: number;
  readonly #tickMs: number;
  // Packets [#next, #ahead.count) were read from the source and wait for their time.
  #ahead: RawPackets = createRawPackets(0);
  #next = 0;
  #startMs = 0;
  #startUs: number | undefined;
  #isClosed = false;

  constructor(
    readonly source: PacketSource,
    options: PacedReplayOptions & { speed: number },
  ) {
    this.name = source.name;
    this.kind = source.kind;
    this.#speed = options.speed;
    this.#clock = options.clock ?? MACHINE_CLOCK;
    this.#tickMs = options.tickMs ?? 1000;
  }

  open(): Promise<void> {
    return this.source.open();
  }

  async read(block: RawPackets): Promise<boolean> {
    block.count = 0;
    if (this.#isClosed) return false;
    if (this.#next >= this.#ahead.count) {
      if (!(await this.#readAhead(block.timeUs.length))) return false;
      if (this.#ahead.count === 0) return true;
    }
    const waitMs = this.#dueMs(this.#next) - this.#clock.nowMs();
    if (waitMs > 0) await this.#clock.sleepMs(Math.min(Math.ceil(waitMs), this.#tickMs));
    if (this.#isClosed) return false;
    const end = this.#dueBefore(this.#clock.nowMs(), this.#next + block.timeUs.length);
    copyRows(this.#ahead, block, this.#next, end);
    this.#next = end;
    return true;
  }

  async #readAhead(capacity: number): Promise<boolean> {
    if (this.#ahead.timeUs.length < capacity) this.#ahead = createRawPackets(capacity);
    this.#next = 0;
    this.#ahead.count = 0;
    const goesOn = await this.source.read(this.#ahead);
    if (this.#startUs === undefined && this.#ahead.count > 0) {
      this.#startUs = this.#ahead.timeUs[0]!;
      this.#startMs = this.#clock.nowMs();
    }
    return goesOn;
  }

  #dueMs(row: number): number {
    return this.#startMs + (this.#ahead.timeUs[row]! - this.#startUs!) / 1000 / this.#speed;
  }

  /** End of the packets that may go by `nowMs`, at most `most`. */
  #dueBefore(nowMs: number, most: number): number {
    const last = Math.min(this.#ahead.count, most);
    let row = this.#next;
    while (row < last && this.#dueMs(row) <= nowMs) row++;
    return row;
  }

  counters(): SourceCounters {
    return this.source.counters();
  }

  progress(): { readBytes: number; totalBytes: number } | undefined {
    return this.source.progress();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.source.close();
  }
}
