/** Hellos that are gathered at the same time; a newer one with the same slot pushes an older out. */
const SLOTS = 256;
/** Bytes of one that are kept: a hello with post-quantum keys has some 1,800. */
export const MAX_HELLO_BYTES = 4096;

/** Puts hellos together that come in several segments or datagrams, in any order. Takes 2 MB, whatever comes. */
export class HelloStore {
  readonly bytes = new Uint8Array(SLOTS * MAX_HELLO_BYTES);
  private readonly present = new Uint8Array(SLOTS * MAX_HELLO_BYTES);
  private readonly keys = new Int32Array(SLOTS);
  private readonly firstSequences = new Int32Array(SLOTS);
  /** Bytes from the start without a gap. */
  private readonly prefixes = new Uint16Array(SLOTS);
  private readonly isTaken = new Uint8Array(SLOTS);

  /** Starts anew for `key`, a flow; `sequence` is that of its first byte. Returns the slot. */
  begin(key: number, sequence: number): number {
    const slot = key & (SLOTS - 1);
    this.keys[slot] = key;
    this.firstSequences[slot] = sequence;
    this.prefixes[slot] = 0;
    this.isTaken[slot] = 1;
    this.present.fill(0, slot * MAX_HELLO_BYTES, (slot + 1) * MAX_HELLO_BYTES);
    return slot;
  }

  /** Slot of what is gathered for `key`; −1 nothing. */
  find(key: number): number {
    const slot = key & (SLOTS - 1);
    return this.isTaken[slot] === 1 && this.keys[slot] === (key | 0) ? slot : -1;
  }

  end(slot: number): void {
    this.isTaken[slot] = 0;
  }

  /** Where a segment with this sequence number belongs. */
  offsetOf(slot: number, sequence: number): number {
    return (sequence - this.firstSequences[slot]!) | 0;
  }

  /** Adds bytes at `offset`; what lies outside of the first MAX_HELLO_BYTES is left out. What came first stays. */
  add(slot: number, offset: number, part: Uint8Array): void {
    const base = slot * MAX_HELLO_BYTES;
    const to = Math.min(offset + part.length, MAX_HELLO_BYTES);
    for (let i = Math.max(0, offset); i < to; i++) {
      if (this.present[base + i] === 1) continue;
      this.present[base + i] = 1;
      this.bytes[base + i] = part[i - offset]!;
    }
    let prefix = this.prefixes[slot]!;
    while (prefix < MAX_HELLO_BYTES && this.present[base + prefix] === 1) prefix++;
    this.prefixes[slot] = prefix;
  }

  /** Where the bytes of a slot begin in `bytes`, and where those without a gap end. */
  start(slot: number): number {
    return slot * MAX_HELLO_BYTES;
  }

  prefixEnd(slot: number): number {
    return slot * MAX_HELLO_BYTES + this.prefixes[slot]!;
  }
}
