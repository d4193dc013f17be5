import { createCaptureFileSource, type PacketSource, type RawPackets } from '@weir/capture-agent';

/** Quiet time between repetitions, in seconds. */
const PAUSE_S = 60;

/**
 * A capture file read `repeat` times, each time later by the capture's duration (whole seconds, rounded up) and a minute,
 * so that it looks like one long capture.
 */
export function createRepeatedSource(path: string, repeat: number): PacketSource {
  return new RepeatedSource(path, repeat);
}

class RepeatedSource implements PacketSource {
  readonly kind = 'file';
  readonly name: string;
  private current: PacketSource;
  private repetition = 0;
  private firstUs = Number.POSITIVE_INFINITY;
  private lastUs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly path: string,
    private readonly repeat: number,
  ) {
    this.current = createCaptureFileSource({ path });
    this.name = this.current.name;
  }

  open(): Promise<void> {
    return this.current.open();
  }

  async read(block: RawPackets): Promise<boolean> {
    while (!(await this.current.read(block))) {
      if (++this.repetition >= this.repeat) return false;
      await this.current.close();
      this.current = createCaptureFileSource({ path: this.path });
      await this.current.open();
    }
    if (this.repetition === 0) this.noteTimes(block);
    else this.shiftTimes(block);
    return true;
  }

  counters() {
    return this.current.counters();
  }

  progress() {
    return undefined;
  }

  close(): Promise<void> {
    return this.current.close();
  }

  private noteTimes({ timeUs, count }: RawPackets): void {
    for (let i = 0; i < count; i++) {
      if (timeUs[i]! < this.firstUs) this.firstUs = timeUs[i]!;
      if (timeUs[i]! > this.lastUs) this.lastUs = timeUs[i]!;
    }
  }

  private shiftTimes({ timeUs, count }: RawPackets): void {
    const shiftUs = this.repetition * (Math.ceil((this.lastUs - this.firstUs) / 1e6) + PAUSE_S) * 1e6;
    for (let i = 0; i < count; i++) timeUs[i]! += shiftUs;
  }
}
