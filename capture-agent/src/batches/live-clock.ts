import type { LiveMeasures } from '@weir/contracts';
import type { RawPackets } from '../sources/source.js';

/** A jump of the clock below this may be what it takes to read it twice, or a time service that slows it down or speeds it up. */
const LEAST_JUMP_MS = 500;

/** The clocks of a machine. */
export interface MachineClocks {
  /** Unix epoch, ms: may be set. */
  nowMs(): number;
  /** Ms since any fixed moment: never goes back. */
  elapsedMs(): number;
}

/** What a live sensor can measure about its own time: how late it reads, and whether its clock is sound. */
export class LiveClock {
  private lagMs = 0;
  private aheadMs = 0;
  private clockSetMs = 0;
  private last: { nowMs: number; elapsedMs: number };

  constructor(private readonly clocks: MachineClocks) {
    this.last = { nowMs: clocks.nowMs(), elapsedMs: clocks.elapsedMs() };
  }

  /** Takes note of how old the packets of a block are now that they are read. */
  read({ count, timeUs }: Pick<RawPackets, 'count' | 'timeUs'>): void {
    if (count === 0) return;
    const nowMs = this.clocks.nowMs();
    this.lagMs = Math.max(this.lagMs, nowMs - timeUs[0]! / 1000);
    this.aheadMs = Math.max(this.aheadMs, timeUs[count - 1]! / 1000 - nowMs);
  }

  /** What was measured since the last call. `waitingMs`: age of the oldest batch that waits to be sent. */
  take(waitingMs = 0): LiveMeasures {
    this.compare();
    const { lagMs, aheadMs, clockSetMs, last } = this;
    this.lagMs = 0;
    this.aheadMs = 0;
    return {
      clockMs: Math.max(0, Math.round(last.nowMs)),
      lagMs: Math.round(Math.max(lagMs, waitingMs)),
      aheadMs: Math.round(aheadMs),
      clockSetMs: Math.round(clockSetMs),
    };
  }

  /** The clock against the time that has passed. */
  private compare(): void {
    const { clocks, last } = this;
    const now = { nowMs: clocks.nowMs(), elapsedMs: clocks.elapsedMs() };
    const jumpMs = Math.abs(now.nowMs - last.nowMs - (now.elapsedMs - last.elapsedMs));
    if (jumpMs >= LEAST_JUMP_MS) this.clockSetMs += jumpMs;
    this.last = now;
  }
}
