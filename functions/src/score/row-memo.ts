import { finish } from '@weir/contracts';
import { type Selection, scoreRows } from './selection.js';

/** Rows whose scores are remembered. A power of two. */
const SLOTS = 4096;
/** The golden ratio's share of 2^32, odd: Knuth, The Art of Computer Programming, 6.4. */
const MULTIPLIER = 0x9e3779b1;

/** Rows of a block by kind: those of one kind are equal to the bit. Valid until the next block. */
export interface RowKinds {
  readonly count: number;
  /** By row: its kind. */
  readonly of: Int32Array;
  /** By kind: the first row of it. */
  readonly firstRows: Int32Array;
  /** What each member says: `[kind × members + member]`. */
  readonly scores: Float64Array;
}

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
  /** By slot: 1 + the newest kind of the block there; 0 without one. */
  private readonly newest = new Int32Array(SLOTS);
  /** By kind: its slot, and its place among the rows that are not remembered; −1 where it is. */
  private slots = new Int32Array(0);
  private places = new Int32Array(0);
  private of = new Int32Array(0);
  private firstRows = new Int32Array(0);
  private scores = new Float64Array(0);
  /** Rows that are not remembered, one after the other. */
  private fresh = new Float32Array(0);
  private freshWords = new Uint32Array(0);
  private freshRows = 0;
  private kinds = 0;

  constructor(private readonly selection: Selection) {
    this.width = selection.manifest.features.length;
    this.members = selection.members.length;
    this.known = new Uint32Array(SLOTS * this.width);
    this.knownScores = new Float64Array(SLOTS * this.members);
  }

  /** Kinds and scores of `rows` rows of `matrix`. Throws a ModelError. */
  score(matrix: Float32Array<ArrayBuffer>, rows: number): RowKinds {
    this.makeRoom(rows);
    this.look(new Uint32Array(matrix.buffer, matrix.byteOffset, rows * this.width), rows);
    const fresh = scoreRows(this.selection, this.fresh.subarray(0, this.freshRows * this.width), this.freshRows);
    for (let kind = 0; kind < this.kinds; kind++) this.take(kind, fresh);
    this.remember();
    const { kinds: count, of, firstRows, scores } = this;
    return { count, of, firstRows, scores };
  }

  private makeRoom(rows: number): void {
    if (this.of.length >= rows) return;
    this.slots = new Int32Array(rows);
    this.places = new Int32Array(rows);
    this.of = new Int32Array(rows);
    this.firstRows = new Int32Array(rows);
    this.scores = new Float64Array(rows * this.members);
    this.fresh = new Float32Array(rows * this.width);
    this.freshWords = new Uint32Array(this.fresh.buffer);
  }

  private look(words: Uint32Array, rows: number): void {
    this.kinds = 0;
    this.freshRows = 0;
    for (let row = 0; row < rows; row++) this.of[row] = this.kindOf(words, row);
    for (let kind = 0; kind < this.kinds; kind++) this.newest[this.slots[kind]!] = 0;
  }

  private kindOf(words: Uint32Array, row: number): number {
    const { width, newest, known } = this;
    const from = row * width;
    const slot = this.slotOf(words, from);
    const before = newest[slot]! - 1;
    if (before >= 0 && equals(words, from, { other: words, at: this.firstRows[before]! * width, width })) return before;
    const kind = this.kinds++;
    const isKnown = this.isKnown[slot] === 1 && equals(words, from, { other: known, at: slot * width, width });
    this.slots[kind] = slot;
    this.firstRows[kind] = row;
    this.places[kind] = isKnown ? -1 : this.freshRows++;
    newest[slot] = kind + 1;
    if (!isKnown) copy(words, from, { to: this.freshWords, at: this.places[kind]! * width, width });
    return kind;
  }

  private take(kind: number, fresh: Float64Array): void {
    const { members, scores } = this;
    const place = this.places[kind]!;
    const from = place < 0 ? this.knownScores : fresh;
    const at = (place < 0 ? this.slots[kind]! : place) * members;
    for (let m = 0; m < members; m++) scores[kind * members + m] = from[at + m]!;
  }

  /** Remembers what has just been scored; of several rows with one slot the last. */
  private remember(): void {
    const { width, members, known, knownScores, scores } = this;
    for (let kind = 0; kind < this.kinds; kind++) {
      const place = this.places[kind]!;
      if (place < 0) continue;
      const slot = this.slots[kind]!;
      copy(this.freshWords, place * width, { to: known, at: slot * width, width });
      for (let m = 0; m < members; m++) knownScores[slot * members + m] = scores[kind * members + m]!;
      this.isKnown[slot] = 1;
    }
  }

  /** One multiplication a word: rows that fall together cost time and nothing else. */
  private slotOf(words: Uint32Array, from: number): number {
    const end = from + this.width;
    let hash = 0;
    for (let k = from; k < end; k++) hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ words[k]!, MULTIPLIER);
    return finish(hash) & (SLOTS - 1);
  }
}

interface Beside {
  readonly other: Uint32Array;
  readonly at: number;
  readonly width: number;
}

function equals(words: Uint32Array, from: number, { other, at, width }: Beside): boolean {
  for (let k = 0; k < width; k++) if (words[from + k] !== other[at + k]) return false;
  return true;
}

function copy(
  words: Uint32Array,
  from: number,
  { to, at, width }: { to: Uint32Array; at: number; width: number },
): void {
  for (let k = 0; k < width; k++) to[at + k] = words[from + k]!;
}
