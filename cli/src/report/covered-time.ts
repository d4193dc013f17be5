import type { PacketSource, RawPackets } from '@weir/capture-agent';

/** The time that packets of a source cover: of the earliest and of the latest. Unit: µs since 1970. */
export interface CoveredTime {
  readonly firstUs: number;
  readonly lastUs: number;
}

/**
 * A source that knows what time its packets so far cover, so that "no incidents" can be told with what was looked at.
 * Everything else is that of the source inside.
 */
export class TimedSource implements PacketSource {
  private firstUs = Number.POSITIVE_INFINITY;
  private lastUs = Number.NEGATIVE_INFINITY;

  constructor(private readonly inner: PacketSource) {}

  get name(): string {
    return this.inner.name;
  }

  get kind(): PacketSource['kind'] {
    return this.inner.kind;
  }

  /** Undefined before the first packet. */
  get covered(): CoveredTime | undefined {
    const { firstUs, lastUs } = this;
    return firstUs <= lastUs ? { firstUs, lastUs } : undefined;
  }

  open(): Promise<void> {
    return this.inner.open();
  }

  async read(block: RawPackets): Promise<boolean> {
    const isMore = await this.inner.read(block);
    // Captures that were merged are not in order, so every packet is looked at.
    for (let i = 0; i < block.count; i++) {
      const timeUs = block.timeUs[i]!;
      if (timeUs < this.firstUs) this.firstUs = timeUs;
      if (timeUs > this.lastUs) this.lastUs = timeUs;
    }
    return isMore;
  }

  counters(): ReturnType<PacketSource['counters']> {
    return this.inner.counters();
  }

  progress(): ReturnType<PacketSource['progress']> {
    return this.inner.progress();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
