/**
 * Finds rows by hash: open addressing with linear probing, pairs of hash and row + 1 (0 free), never more than half full.
 * Look-ups are written out by the tables, which compare keys: from slot `hash & mask` on, to the first free one.
 */
export class HashIndex {
  /** `slots[2 * slot]` is a hash, `slots[2 * slot + 1]` its row + 1. */
  readonly slots: Int32Array;
  readonly mask: number;

  /** With room for `capacity` rows. */
  constructor(capacity: number) {
    const slots = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.slots = new Int32Array(2 * slots);
    this.mask = slots - 1;
  }

  /** Enters a row that is not there. `hash` signed 32-bit. */
  enter(hash: number, row: number): void {
    const { slots, mask } = this;
    let slot = hash & mask;
    while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
    slots[2 * slot] = hash;
    slots[2 * slot + 1] = row + 1;
  }

  /** Takes out a row that is there, by backward-shift deletion (Knuth, TAOCP 3, 6.4, algorithm R): no tombstones. */
  remove(hash: number, row: number): void {
    const { slots, mask } = this;
    let hole = hash & mask;
    while (slots[2 * hole + 1] !== row + 1) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; slots[2 * slot + 1] !== 0; slot = (slot + 1) & mask) {
      const home = slots[2 * slot]! & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[2 * hole] = slots[2 * slot]!;
      slots[2 * hole + 1] = slots[2 * slot + 1]!;
      hole = slot;
    }
    slots[2 * hole + 1] = 0;
  }
}
