import { hashAddress } from '@weir/contracts';

const WORDS = 4;
const FEWEST_SLOTS = 16;

/** Addresses of four words, each with a number that is not negative: 30 bytes or so for each, as lists may hold a million. */
export class AddressTable {
  private count = 0;
  private words = new Uint32Array((WORDS * FEWEST_SLOTS) / 2);
  private numbers = new Int32Array(FEWEST_SLOTS / 2);
  /** 1 + place of the address, by its hash and on (open addressing); 0 for none. Never more than half full. */
  private slots = new Int32Array(FEWEST_SLOTS);

  /** The number of an address; −1 for one that is not here. */
  find(words: Uint32Array): number {
    const place = this.slots[this.slotOf(words, 0)]!;
    return place === 0 ? -1 : this.numbers[place - 1]!;
  }

  /** Adds an address unless it is here; the first number stays. */
  add(words: Uint32Array, number: number): void {
    const slot = this.slotOf(words, 0);
    if (this.slots[slot] !== 0) return;
    this.words.set(words, this.count * WORDS);
    this.numbers[this.count] = number;
    this.slots[slot] = ++this.count;
    if (this.count * 2 === this.slots.length) this.grow();
  }

  /** Where the address in `words[at, at + 4)` is, or would be. */
  private slotOf(words: Uint32Array, at: number): number {
    const last = this.slots.length - 1;
    let slot = hashAddress(words, at) & last;
    while (this.slots[slot] !== 0 && !this.isAt(this.slots[slot]! - 1, words, at)) slot = (slot + 1) & last;
    return slot;
  }

  private isAt(place: number, words: Uint32Array, at: number): boolean {
    for (let k = 0; k < WORDS; k++) if (this.words[place * WORDS + k] !== words[at + k]) return false;
    return true;
  }

  private grow(): void {
    const size = this.slots.length;
    this.slots = new Int32Array(size * 2);
    this.words = grown(this.words, size * WORDS, Uint32Array);
    this.numbers = grown(this.numbers, size, Int32Array);
    for (let place = 0; place < this.count; place++) this.slots[this.slotOf(this.words, place * WORDS)] = place + 1;
  }
}

function grown<T extends Uint32Array | Int32Array>(from: T, length: number, Type: new (length: number) => T): T {
  const to = new Type(length);
  to.set(from);
  return to;
}
