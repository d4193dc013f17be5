import type { PacketSource, RawPackets, SourceCounters } from '../sources/index.js';
import { createRawPackets } from '../sources/index.js';
import { copyRows } from '../sources/packet-queue.js';

/** A source whose first packets can be looked at before they are read. */
export class PeekedSource implements PacketSource {
  readonly name: string;
  readonly kind: PacketSource['kind'];
  // Packets [next, head.count) were looked at and not yet read.
  private head: RawPackets = createRawPackets(0);
  private next = 0;
  private isOpen = false;
  private hasEnded = false;

  constructor(private readonly source: PacketSource) {
    this.name = source.name;
    this.kind = source.kind;
  }

  /** Opens the source unless that was done. */
  async open(): Promise<void> {
    if (this.isOpen) return;
    this.isOpen = true;
    await this.source.open();
  }

  /** Opens the source and looks at its first packets, at most `capacity`; none where it has none. Call once, first. */
  async peek(capacity: number): Promise<RawPackets> {
    await this.open();
    this.head = createRawPackets(capacity);
    while (this.head.count === 0 && !this.hasEnded) this.hasEnded = !(await this.source.read(this.head));
    return this.head;
  }

  async read(block: RawPackets): Promise<boolean> {
    block.count = 0;
    if (this.next < this.head.count) {
      const end = Math.min(this.head.count, this.next + block.timeUs.length);
      copyRows(this.head, block, this.next, end);
      this.next = end;
      return true;
    }
    return !this.hasEnded && this.source.read(block);
  }

  counters(): SourceCounters {
    return this.source.counters();
  }

  progress(): { readBytes: number; totalBytes: number } | undefined {
    return this.source.progress();
  }

  close(): Promise<void> {
    return this.source.close();
  }
}
