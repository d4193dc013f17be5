import type { ByteReader, ByteWriter } from '../features/state-bytes.js';
import { FLOAT, WORD } from './layout.js';

/** Slots of the timer wheel, one a second; no timeout may be longer. */
export const WHEEL_SLOTS = 1024;

/**
 * The live flows of a partition: rows in two arrays (see layout.ts), found through an open-addressing index by flow
 * hash, and filed in a timer wheel by the second in which they are next looked at. Rows are numbered from 0; freed rows
 * are reused, newest first. Grows by doubling up to `maxFlows`.
 */
export class FlowTable {
  words: Uint32Array;
  floats: Float64Array;
  /** Row + 1 by hash, 0 free; linear probing, never more than half full. */
  private index: Int32Array;
  private indexMask: number;
  /** First row + 1 of each wheel slot. */
  private readonly wheel = new Int32Array(WHEEL_SLOTS);
  private free: Int32Array;
  private freeCount = 0;
  /** Rows ever used; all rows at or above are untouched. */
  private used = 0;
  /** Live flows. */
  count = 0;
  capacity: number;

  constructor(
    readonly maxFlows: number,
    initialCapacity = 1024,
  ) {
    this.capacity = Math.min(maxFlows, initialCapacity);
    this.words = new Uint32Array(this.capacity * WORD.stride);
    this.floats = new Float64Array(this.capacity * FLOAT.stride);
    this.free = new Int32Array(this.capacity);
    this.index = new Int32Array(indexSize(this.capacity));
    this.indexMask = this.index.length - 1;
  }

  get isFull(): boolean {
    return this.count >= this.maxFlows;
  }

  /**
   * Row of the flow with this key, in either direction, or −1. `addresses` holds four words an address; `ports` is
   * source << 16 | destination, `protocol` as in WORD.protocol.
   */
  find(
    hash: number,
    source: Uint32Array,
    destination: Uint32Array,
    at: number,
    ports: number,
    protocol: number,
    tunnelId: number,
  ): number {
    const { index, indexMask, words } = this;
    for (let slot = hash & indexMask; ; slot = (slot + 1) & indexMask) {
      const row = index[slot]! - 1;
      if (row < 0) return -1;
      const w = row * WORD.stride;
      if (words[w + WORD.flowHash] !== hash) continue;
      if (words[w + WORD.protocol] !== protocol || words[w + WORD.tunnelId] !== tunnelId) continue;
      if (isKey(words, w, source, destination, at, ports)) return row;
      if (isKey(words, w, destination, source, at, ((ports << 16) | (ports >>> 16)) >>> 0)) return row;
    }
  }

  /** A zeroed row, entered under `hash`; the caller fills its key. The table must not be full. */
  insert(hash: number): number {
    const row = this.freeCount > 0 ? this.free[--this.freeCount]! : this.nextUnused();
    const w = row * WORD.stride;
    this.words.fill(0, w, w + WORD.stride);
    this.floats.fill(0, row * FLOAT.stride, (row + 1) * FLOAT.stride);
    this.words[w + WORD.flowHash] = hash;
    this.count++;
    this.enter(row, hash);
    return row;
  }

  /** Takes the row out of index and wheel and frees it. */
  remove(row: number): void {
    this.unfile(row);
    this.removeFromIndex(row);
    this.free[this.freeCount++] = row;
    this.count--;
  }

  /** Files the row to be looked at in second `atS`, from wherever it was filed. */
  file(row: number, atS: number): void {
    const { words, wheel } = this;
    const w = row * WORD.stride;
    if (words[w + WORD.filedForS] !== 0) this.unfile(row);
    const slot = atS & (WHEEL_SLOTS - 1);
    const next = wheel[slot]!;
    words[w + WORD.filedForS] = atS;
    words[w + WORD.wheelPrevious] = 0;
    words[w + WORD.wheelNext] = next;
    if (next !== 0) words[(next - 1) * WORD.stride + WORD.wheelPrevious] = row + 1;
    wheel[slot] = row + 1;
  }

  /** First row filed for second `atS`, or −1. */
  firstFiled(atS: number): number {
    return this.wheel[atS & (WHEEL_SLOTS - 1)]! - 1;
  }

  private unfile(row: number): void {
    const { words, wheel } = this;
    const w = row * WORD.stride;
    const previous = words[w + WORD.wheelPrevious]!;
    const next = words[w + WORD.wheelNext]!;
    if (previous !== 0) words[(previous - 1) * WORD.stride + WORD.wheelNext] = next;
    else wheel[words[w + WORD.filedForS]! & (WHEEL_SLOTS - 1)] = next;
    if (next !== 0) words[(next - 1) * WORD.stride + WORD.wheelPrevious] = previous;
    words[w + WORD.filedForS] = 0;
  }

  private nextUnused(): number {
    if (this.used === this.capacity) this.growRows();
    return this.used++;
  }

  private growRows(): void {
    this.capacity = Math.min(this.maxFlows, this.capacity * 2);
    this.words = resized(this.words, new Uint32Array(this.capacity * WORD.stride));
    this.floats = resized(this.floats, new Float64Array(this.capacity * FLOAT.stride));
    this.free = resized(this.free, new Int32Array(this.capacity));
    this.index = new Int32Array(indexSize(this.capacity));
    this.indexMask = this.index.length - 1;
    for (let row = 0; row < this.used; row++) this.enter(row, this.words[row * WORD.stride + WORD.flowHash]!);
  }

  private enter(row: number, hash: number): void {
    const { index, indexMask } = this;
    let slot = hash & indexMask;
    while (index[slot] !== 0) slot = (slot + 1) & indexMask;
    index[slot] = row + 1;
  }

  /** Backward-shift deletion (Knuth, TAOCP 3, 6.4, algorithm R): no tombstones. */
  private removeFromIndex(row: number): void {
    const { index, indexMask, words } = this;
    let hole = words[row * WORD.stride + WORD.flowHash]! & indexMask;
    while (index[hole] !== row + 1) hole = (hole + 1) & indexMask;
    for (let slot = (hole + 1) & indexMask; index[slot] !== 0; slot = (slot + 1) & indexMask) {
      const home = words[(index[slot]! - 1) * WORD.stride + WORD.flowHash]! & indexMask;
      if (((slot - home) & indexMask) < ((slot - hole) & indexMask)) continue;
      index[hole] = index[slot]!;
      hole = slot;
    }
    index[hole] = 0;
  }

  /** Live rows in the order of their wheel slots, so that a decoded table behaves as the encoded one. */
  encode(writer: ByteWriter): void {
    writer.u32(this.used);
    writer.words(this.words.subarray(0, this.used * WORD.stride));
    writer.floats(this.floats.subarray(0, this.used * FLOAT.stride));
    writer.words(new Uint32Array(this.free.subarray(0, this.freeCount)));
    writer.words(new Uint32Array(this.wheel));
  }

  /** The table that `encode` wrote. */
  static decode(reader: ByteReader, maxFlows: number): FlowTable {
    const used = reader.u32();
    const table = new FlowTable(maxFlows, Math.max(1024, used));
    table.words.set(reader.words());
    table.floats.set(reader.floats());
    const free = reader.words();
    table.free.set(free);
    table.freeCount = free.length;
    table.wheel.set(reader.words());
    table.used = used;
    table.count = used - free.length;
    const isFree = new Set(free);
    for (let row = 0; row < used; row++)
      if (!isFree.has(row)) table.enter(row, table.words[row * WORD.stride + WORD.flowHash]!);
    return table;
  }
}

function indexSize(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(capacity * 2));
}

function resized<A extends Uint32Array | Float64Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

function isKey(
  words: Uint32Array,
  w: number,
  originator: Uint32Array,
  responder: Uint32Array,
  at: number,
  ports: number,
): boolean {
  // The last word differs first for IPv4.
  return (
    words[w + 8] === ports &&
    words[w + 3] === originator[at + 3] &&
    words[w + 7] === responder[at + 3] &&
    words[w] === originator[at] &&
    words[w + 1] === originator[at + 1] &&
    words[w + 2] === originator[at + 2] &&
    words[w + 4] === responder[at] &&
    words[w + 5] === responder[at + 1] &&
    words[w + 6] === responder[at + 2]
  );
}
