import type { LiveChange } from '@weir/contracts/dashboard-api';

/** A numbered change, as text that goes to every client. */
export interface RingEntry {
  readonly sequence: number;
  readonly text: string;
  /** May be left out for a slow client: the next of its kind makes it good, or nobody misses it. */
  readonly isTransient: boolean;
}

const TRANSIENT: ReadonlySet<LiveChange['kind']> = new Set(['flows', 'overview', 'traffic', 'sensors']);

/** The newest changes, bounded by number and size, so that a client that was away can go on. */
export class Ring {
  private entries: RingEntry[] = [];
  private start = 0;
  private sizeBytes = 0;
  private last = 0;

  constructor(private readonly bounds: { readonly entries: number; readonly bytes: number }) {}

  /** Number of the newest change; 0 before any. */
  get lastSequence(): number {
    return this.last;
  }

  /** Number of the oldest change that is still there; one past the newest when there is none. */
  get oldestSequence(): number {
    return this.last - (this.entries.length - this.start) + 1;
  }

  /** Numbers a change and keeps it; the oldest give way. */
  add(change: LiveChange): RingEntry {
    const sequence = ++this.last;
    const text = JSON.stringify({ ...change, sequence });
    const entry = { sequence, text, isTransient: TRANSIENT.has(change.kind) };
    this.entries.push(entry);
    this.sizeBytes += text.length;
    while (this.entries.length - this.start > this.bounds.entries || this.sizeBytes > this.bounds.bytes)
      this.dropOldest();
    return entry;
  }

  /** The change with this number, unless it gave way or is to come. */
  get(sequence: number): RingEntry | undefined {
    const at = sequence - this.oldestSequence;
    return at < 0 ? undefined : this.entries[this.start + at];
  }

  private dropOldest(): void {
    this.sizeBytes -= this.entries[this.start]!.text.length;
    this.entries[this.start++] = undefined as never;
    if (this.start < 1024 || this.start * 2 < this.entries.length) return;
    this.entries = this.entries.slice(this.start);
    this.start = 0;
  }
}
