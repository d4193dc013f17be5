import { finish, mix } from '@weir/contracts';
import { type Selection, scoreRows } from './selection.js';

/** Rows whose scores are remembered. A power of two. */
const SLOTS = 4096;

/**
 * Scores rows, each distinct one once: scans, floods and failed lookups are made of thousands of equal flows. A row is known
 * again only when all its bits are the same, so what is given is what the models would say.
 */
export class RowMemo {
  private readonly members: number;
  private readonly width: number;
  /** By slot: whether a row is remembered, its features as they lie in memory, and its scores. */
  private readonly isKnown = new Uint8Array(SLOTS);
  private readonly known: Uint32Array<ArrayBuffer>;
  private readonly knownScores: Float64Array;
  /** By slot: 1 + place of the newest of the fresh rows; 0 without one. */
  private readonly places = new Int32Array(SLOTS);
  /** Rows that are not remembered, one after the other, and the slot of each. */
  private fresh = new Float32Array(0);
  private freshSlots: number[] = [];

  constructor(private readonly selection: Selection) {
    this.width = selection.manifest.features.length;
    this.members = selection.members.length;
    this.known = new Uint32Array(SLOTS * this.width);
    this.knownScores = new Float64Array(SLOTS * this.members);
  }

  /** Scores of all members, row by row: `[row × members + member]`. Throws a ModelError. */
  score(matrix: Float32Array<ArrayBuffer>, rows: number): Float64Array {
    const { members } = this;
    const found = this.look(matrix, rows);
    const count = this.freshSlots.length;
    const fresh = scoreRows(this.selection, this.fresh.subarray(0, count * this.width), count);
    const scores = new Float64Array(rows * members);
    for (let row = 0; row < rows; row++) {
      const at = found[row]!;
      const [from, place] = at < 0 ? [this.knownScores, -1 - at] : [fresh, at];
      for (let m = 0; m < members; m++) scores[row * members + m] = from[place * members + m]!;
    }
    this.remember(fresh);
    return scores;
  }

  /** Where the scores of each row are: −1 − slot where they are remembered, else its place among the fresh rows. */
  private look(matrix: Float32Array<ArrayBuffer>, rows: number): Int32Array {
    const { width } = this;
    const words = new Uint32Array(matrix.buffer, matrix.byteOffset, rows * width);
    const found = new Int32Array(rows);
    for (const slot of this.freshSlots) this.places[slot] = 0;
    this.freshSlots = [];
    if (this.fresh.length < rows * width) this.fresh = new Float32Array(rows * width);
    const fresh = new Uint32Array(this.fresh.buffer);
    for (let row = 0; row < rows; row++) found[row] = this.find(words, row * width, fresh);
    return found;
  }

  private find(words: Uint32Array, from: number, fresh: Uint32Array): number {
    const { width, places, freshSlots } = this;
    const slot = this.slotOf(words, from);
    if (this.isKnown[slot] === 1 && this.equals(words, from, { other: this.known, at: slot * width })) return -1 - slot;
    const before = places[slot]! - 1;
    if (before >= 0 && this.equals(words, from, { other: fresh, at: before * width })) return before;
    const place = freshSlots.length;
    for (let k = 0; k < width; k++) fresh[place * width + k] = words[from + k]!;
    freshSlots.push(slot);
    places[slot] = place + 1;
    return place;
  }

  /** Remembers what has just been scored; of several rows with one slot the last. */
  private remember(scores: Float64Array): void {
    const { width, members, known, knownScores, isKnown } = this;
    const fresh = new Uint32Array(this.fresh.buffer);
    for (const [place, slot] of this.freshSlots.entries()) {
      for (let k = 0; k < width; k++) known[slot * width + k] = fresh[place * width + k]!;
      for (let m = 0; m < members; m++) knownScores[slot * members + m] = scores[place * members + m]!;
      isKnown[slot] = 1;
    }
  }

  private slotOf(words: Uint32Array, from: number): number {
    let hash = 0;
    for (let k = 0; k < this.width; k++) hash = mix(hash, words[from + k]!);
    return finish(hash) & (SLOTS - 1);
  }

  private equals(words: Uint32Array, from: number, { other, at }: { other: Uint32Array; at: number }): boolean {
    for (let k = 0; k < this.width; k++) if (words[from + k] !== other[at + k]) return false;
    return true;
  }
}
