/** From `fromMs` of real time on, event time is real time plus `aheadMs`. Unix epoch, ms. */
export interface Jump {
  readonly fromMs: number;
  readonly aheadMs: number;
}

/** Thrown by `sleep` when the day is over: whoever sleeps stops. */
export class DayOver extends Error {}

/** What a clock runs by: the end of the day, whether pauses are cut short, and the real time (for tests). */
export interface ClockOptions {
  readonly lastsMs: number;
  readonly isCompressed: boolean;
  readonly realNowMs?: () => number;
}

/** Real time left before a jump and after it, so that the last packets of a connection keep their places. */
const QUIET_MS = 25;

interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
  readonly stop: (reason: DayOver) => void;
}

/**
 * The time of the laboratory. It runs as fast as real time while any program works. When it is compressed and all
 * wait, it jumps to the moment when the first of them wakes; what happened between packets of one program is never
 * shortened. The jumps are applied to the times of the captured packets afterwards.
 */
export class EventClock {
  readonly jumps: Jump[] = [];
  readonly startMs: number;
  readonly endMs: number;
  readonly #realNowMs: () => number;
  readonly #isCompressed: boolean;
  readonly #sleepers = new Set<Sleeper>();
  #aheadMs = 0;
  #working = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor({ lastsMs, isCompressed, realNowMs = Date.now }: ClockOptions) {
    this.#realNowMs = realNowMs;
    this.#isCompressed = isCompressed;
    this.startMs = realNowMs();
    this.endMs = this.startMs + lastsMs;
  }

  /** Event time. Unix epoch, ms. */
  nowMs(): number {
    return this.#realNowMs() + this.#aheadMs;
  }

  /** Waits in event time. Throws `DayOver` at the end of the day. */
  sleep(durationMs: number): Promise<void> {
    return new Promise((wake, stop) => {
      if (this.#isOver) return stop(new DayOver('the day is over'));
      this.#sleepers.add({ wakeAtMs: this.nowMs() + durationMs, wake, stop });
      this.#setTimer();
    });
  }

  /** Counts `work` as working until it ends: no jump happens meanwhile. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    this.#working += 1;
    try {
      return await work;
    } finally {
      this.#working -= 1;
      this.#setTimer();
    }
  }

  /** Ends the day now: all sleepers get `DayOver`. */
  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const sleeper of this.#sleepers) sleeper.stop(new DayOver('the day is over'));
    this.#sleepers.clear();
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    if (this.#sleepers.size === 0) return;
    const wakeAtMs = Math.min(this.endMs, ...[...this.#sleepers].map((sleeper) => sleeper.wakeAtMs));
    const waitMs = Math.max(0, wakeAtMs - this.nowMs());
    const canJump = this.#isCompressed && this.#working === 0 && waitMs > 2 * QUIET_MS;
    this.#timer = setTimeout(() => this.#wake(wakeAtMs), canJump ? QUIET_MS : waitMs);
  }

  #wake(wakeAtMs: number): void {
    const missingMs = wakeAtMs - this.nowMs();
    if (missingMs > QUIET_MS && this.#working === 0) this.#jump(missingMs - QUIET_MS);
    if (this.nowMs() >= this.endMs) this.stop();
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.wakeAtMs > this.nowMs()) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
    this.#setTimer();
  }

  #jump(byMs: number): void {
    this.#aheadMs += byMs;
    this.jumps.push({ fromMs: this.#realNowMs(), aheadMs: this.#aheadMs });
  }
}

/** Event time of a moment of real time, both in ms. */
export function eventTimeMs(jumps: readonly Jump[], realMs: number): number {
  let low = 0;
  let high = jumps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (jumps[middle]!.fromMs <= realMs) low = middle + 1;
    else high = middle;
  }
  return realMs + (jumps[low - 1]?.aheadMs ?? 0);
}
