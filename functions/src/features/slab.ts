import { decodeFreeRows, decodeLiveRows, encodeFreeRows, encodeLiveRows, trimFreeRows } from './free-rows.js';
import type { ByteReader, ByteWriter } from './state-bytes.js';

/** Rows that a slab starts with. */
const FIRST_ROWS = 16;

/**
 * Rows of `stride` words each in one array that grows by doubling. Freed rows are chained through their first word and
 * reused, newest first. A row may be seen as words, bytes or (where the stride is even) floats; `allocate` may replace
 * the arrays, so take them afresh after it.
 */
export class Slab {
  words: Uint32Array<ArrayBuffer>;
  /** The same memory as `words`. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The same memory as `words`; empty where the stride is odd. */
  floats: Float64Array<ArrayBuffer>;
  /** Rows ever used. */
  private used = 0;
  /** First free row + 1; 0 for none. */
  private freeHead = 0;
  /** Rows in use now. */
  live = 0;

  constructor(
    readonly stride: number,
    readonly maxRows: number,
  ) {
    this.words = new Uint32Array(0);
    this.bytes = new Uint8Array(0);
    this.floats = new Float64Array(0);
  }

  get isFull(): boolean {
    return this.live >= this.maxRows;
  }

  get bytesUsed(): number {
    return this.words.byteLength;
  }

  /** A row whose words are whatever they are. The slab must not be full. */
  allocate(): number {
    this.live++;
    if (this.freeHead === 0) return this.nextUnused();
    const row = this.freeHead - 1;
    this.freeHead = this.words[row * this.stride]!;
    return row;
  }

  /** Gives a row back; it must be in use. */
  free(row: number): void {
    this.words[row * this.stride] = this.freeHead;
    this.freeHead = row + 1;
    this.live--;
  }

  private nextUnused(): number {
    if (this.used * this.stride === this.words.length) {
      this.resize(Math.min(this.maxRows, Math.max(FIRST_ROWS, this.used * 2)));
    }
    return this.used++;
  }

  private resize(rows: number): void {
    const larger = new Uint32Array(rows * this.stride);
    larger.set(this.words);
    this.words = larger;
    this.bytes = new Uint8Array(larger.buffer);
    if (this.stride % 2 === 0) this.floats = new Float64Array(larger.buffer);
  }

  encode(writer: ByteWriter): void {
    const use = trimFreeRows(this.used, this.freeRows());
    this.used = use.used;
    this.link(use.free);
    encodeFreeRows(writer, use);
    encodeLiveRows(writer, this.bytes, { rowBytes: this.stride * 4, use });
  }

  /** Takes the rows that `encode` wrote, in place of its own. Throws a LayoutError for what no slab could have written. */
  decode(reader: ByteReader): void {
    const use = decodeFreeRows(reader, this.maxRows);
    this.words = new Uint32Array(0);
    this.used = use.used;
    this.live = use.used - use.free.length;
    this.resize(use.used);
    decodeLiveRows(reader, this.bytes, { rowBytes: this.stride * 4, use });
    this.link(use.free);
  }

  /** Chains free rows so that the lowest is taken first. */
  private link(free: readonly number[]): void {
    this.freeHead = 0;
    for (let k = free.length - 1; k >= 0; k--) {
      this.words[free[k]! * this.stride] = this.freeHead;
      this.freeHead = free[k]! + 1;
    }
  }

  private freeRows(): number[] {
    const rows: number[] = [];
    for (let link = this.freeHead; link !== 0; link = this.words[(link - 1) * this.stride]!) rows.push(link - 1);
    return rows;
  }
}
