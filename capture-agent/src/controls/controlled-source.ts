import type { PacketSource, RawPackets, SourceCounters } from '../sources/index.js';

/** What to capture live; what is absent stays as it is. */
export interface CaptureTarget {
  readonly interfaceName?: string;
  readonly filter?: string;
}

/** How a live source is made for a target. */
export type OpenLive = (target: Required<CaptureTarget>) => PacketSource;

/** What an operator can do to a running capture. Each rejects with a ControlRefused or SourceError and then changes nothing. */
export interface CaptureControls {
  readonly isPaused: boolean;
  /** Stops capturing until `resume`. Doing it again does nothing. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Captures something else from now on, or, paused, when it goes on. */
  retarget(change: CaptureTarget): Promise<void>;
}

/** What was asked for is not possible; the message says why. */
export class ControlRefused extends Error {
  override readonly name = 'ControlRefused';
}

/** How often a paused source gives its reader a turn. */
const PAUSED_TICK_MS = 250;

/**
 * A live source that can be paused, and pointed elsewhere while it is read. Paused, it ticks as a silent one does, so
 * that time goes on; what passes then is not captured and not counted as lost.
 */
export class ControlledSource implements PacketSource, CaptureControls {
  readonly kind = 'live';
  private current: PacketSource;
  /** Takes over when the current one has delivered all it had captured. */
  private successor: PacketSource | undefined;
  private paused = false;
  private isClosed = false;
  /** Of the changes that were asked for: they are made one after the other, whoever asks. */
  private lastChange: Promise<unknown> = Promise.resolve();
  private wake: () => void = () => undefined;
  /** Of the sources that were let go. */
  private readonly past = { packetsDroppedByKernel: 0, packetsDroppedByInterface: 0 };

  constructor(
    private captured: Required<CaptureTarget>,
    private readonly openLive: OpenLive,
  ) {
    this.current = openLive(captured);
  }

  get name(): string {
    return this.current.name;
  }

  get isPaused(): boolean {
    return this.paused;
  }

  open(): Promise<void> {
    return this.current.open();
  }

  /** What is captured, or will be after the pause. */
  get target(): Required<CaptureTarget> {
    return this.captured;
  }

  async read(block: RawPackets): Promise<boolean> {
    if (await this.current.read(block)) return true;
    block.count = 0;
    if (this.isClosed) return false;
    if (this.successor) this.moveOn(this.successor);
    else if (this.paused) await this.tick();
    else return false;
    return true;
  }

  pause(): Promise<void> {
    return this.inTurn(async () => {
      if (this.paused) return;
      this.paused = true;
      await Promise.all([this.current.close(), this.successor?.close()]);
    });
  }

  resume(): Promise<void> {
    return this.inTurn(async () => {
      if (!this.paused) return;
      await this.replace(this.captured);
      this.paused = false;
    });
  }

  retarget(change: CaptureTarget): Promise<void> {
    return this.inTurn(async () => {
      const target = { ...this.captured, ...change };
      if (!this.paused) await this.replace(target);
      this.captured = target;
    });
  }

  private inTurn(change: () => Promise<void>): Promise<void> {
    const made = this.lastChange.then(change);
    this.lastChange = made.catch(() => undefined);
    return made;
  }

  /** Opens the next source before it closes the current one, so that a wrong target costs nothing. */
  private async replace(target: Required<CaptureTarget>): Promise<void> {
    if (this.successor) throw new ControlRefused('the last change is still being made. Send it again in a moment.');
    const next = this.openLive(target);
    await next.open();
    // Nobody would read it, and so nobody close it.
    if (this.isClosed) return next.close();
    this.successor = next;
    await this.current.close();
    this.wake();
  }

  private moveOn(next: PacketSource): void {
    const { packetsDroppedByKernel, packetsDroppedByInterface } = this.current.counters();
    this.past.packetsDroppedByKernel += packetsDroppedByKernel;
    this.past.packetsDroppedByInterface += packetsDroppedByInterface;
    this.current = next;
    this.successor = undefined;
  }

  private tick(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PAUSED_TICK_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  counters(): SourceCounters {
    const { packetsDroppedByKernel, packetsDroppedByInterface, warnings } = this.current.counters();
    return {
      packetsDroppedByKernel: this.past.packetsDroppedByKernel + packetsDroppedByKernel,
      packetsDroppedByInterface: this.past.packetsDroppedByInterface + packetsDroppedByInterface,
      warnings,
    };
  }

  progress(): { readBytes: number; totalBytes: number } | undefined {
    return this.current.progress();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.wake();
    await Promise.all([this.current.close(), this.successor?.close()]);
  }
}
