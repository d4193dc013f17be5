import { HashIndex } from '../features/hash-index.js';
import type { ByteReader, ByteWriter } from '../features/state-bytes.js';
import { FLOAT, WORD } from './layout.js';
import { RowSet } from './row-set.js';

/** Copied over a row that is taken: a third of the time of a loop, measured. */
const EMPTY_ROW = new Float64Array(FLOAT.stride);

/** Slots of the timer wheel, one a second; no timeout may be longer. */
export const WHEEL_SLOTS = 1024;

/**
 * The live flows of a partition: rows in two arrays (see layout.ts), found through an open-addressing index by flow
 * hash, and filed in a timer wheel by the second in which they are next looked at. Rows are numbered from 0; freed rows
 * are reused, lowest first, so that few flows lie on few pages. Grows by doubling up to `maxFlows`.
 */
export class FlowTable {
  words: Int32Array;
  floats: Float64Array;
  private index: HashIndex;
  /** First row + 1 of each wheel slot. */
  private readonly wheel = new Int32Array(WHEEL_SLOTS);
  private freeRows: RowSet;
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
    this.floats = new Float64Array(this.capacity * FLOAT.stride);
    this.words = new Int32Array(this.floats.buffer);
    this.freeRows = new RowSet(this.capacity);
    this.index = new HashIndex(this.capacity);
  }

  get isFull(): boolean {
    return this.count >= this.maxFlows;
  }

  /**
   * Row of the flow with this key, in either direction, or −1. `addresses` hold four words each from `at` on; `ports` is
   * source << 16 | destination, `protocol` as in WORD.protocol. All numbers signed 32-bit.
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
    const { words } = this;
    const { slots, mask } = this.index;
    const reversedPorts = (ports << 16) | (ports >>> 16);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = slots[2 * slot + 1]! - 1;
      if (row < 0) return -1;
      if (slots[2 * slot] !== hash) continue;
      const w = row * WORD.stride;
      if (words[w + WORD.protocol] !== protocol || words[w + WORD.tunnelId] !== tunnelId) continue;
      const rowPorts = words[w + WORD.ports];
      if (rowPorts === ports && isPair(words, w, source, destination, at)) return row;
      if (rowPorts === reversedPorts && isPair(words, w, destination, source, at)) return row;
    }
  }

  /** A zeroed row, entered under `hash`; the caller fills its key. The table must not be full. */
  insert(hash: number): number {
    const row = this.freeRows.size > 0 ? this.freeRows.takeLowest() : this.nextUnused();
    const { words, floats } = this;
    const w = row * WORD.stride;
    floats.set(EMPTY_ROW, row * FLOAT.stride);
    words[w + WORD.flowHash] = hash;
    this.count++;
    this.index.enter(hash, row);
    return row;
  }

  /** Takes the row out of index and wheel and frees it. */
  remove(row: number): void {
    this.unfile(row);
    this.index.remove(this.words[row * WORD.stride + WORD.flowHash]!, row);
    this.freeRows.add(row);
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

  /** First row that is due in second `atS` or was before, or −1. Rows filed a round later share its slot. */
  nextFiled(atS: number): number {
    const { words, wheel } = this;
    let row = wheel[atS & (WHEEL_SLOTS - 1)]! - 1;
    while (row >= 0 && words[row * WORD.stride + WORD.filedForS]! > atS)
      row = words[row * WORD.stride + WORD.wheelNext]! - 1;
    return row;
  }

  /** Earliest second for which any row is filed; Infinity without rows. Looks at all. */
  firstFiledS(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const head of this.wheel)
      for (let row = head - 1; row >= 0; row = this.words[row * WORD.stride + WORD.wheelNext]! - 1)
        first = Math.min(first, this.words[row * WORD.stride + WORD.filedForS]!);
    return first;
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
    const floats = new Float64Array(this.capacity * FLOAT.stride);
    floats.set(this.floats);
    this.floats = floats;
    this.words = new Int32Array(floats.buffer);
    this.freeRows = new RowSet(this.capacity);
    this.index = new HashIndex(this.capacity);
    for (let row = 0; row < this.used; row++) this.index.enter(this.words[row * WORD.stride + WORD.flowHash]!, row);
  }

  /** Live rows in the order of their wheel slots, so that a decoded table behaves as the encoded one. */
  encode(writer: ByteWriter): void {
    writer.u32(this.used);
    writer.floats(this.floats.subarray(0, this.used * FLOAT.stride));
    writer.words(Uint32Array.from(this.freeRows.toArray()));
    writer.words(new Uint32Array(this.wheel));
  }

  /** The table that `encode` wrote. */
  static decode(reader: ByteReader, maxFlows: number): FlowTable {
    const used = reader.u32();
    const table = new FlowTable(maxFlows, Math.max(1024, used));
    // As bytes: a double that is no number must keep its bits, for words lie there too.
    new Uint8Array(table.floats.buffer).set(asBytes(reader.floats()));
    const free = reader.words();
    for (const row of free) table.freeRows.add(row);
    table.wheel.set(reader.words());
    table.used = used;
    table.count = used - free.length;
    const isFree = new Set(free);
    for (let row = 0; row < used; row++)
      if (!isFree.has(row)) table.index.enter(table.words[row * WORD.stride + WORD.flowHash]!, row);
    return table;
  }
}

function asBytes(array: Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Whether the row's originator and responder have these addresses. */
export function isPair(
  words: Int32Array,
  w: number,
  originator: Uint32Array,
  responder: Uint32Array,
  at: number,
): boolean {
  // The last word differs first for IPv4.
  return (
    words[w + WORD.originatorAddress + 3] === (originator[at + 3]! | 0) &&
    words[w + WORD.responderAddress + 3] === (responder[at + 3]! | 0) &&
    words[w + WORD.originatorAddress + 2] === (originator[at + 2]! | 0) &&
    words[w + WORD.responderAddress + 2] === (responder[at + 2]! | 0) &&
    words[w + WORD.originatorAddress] === (originator[at]! | 0) &&
    words[w + WORD.originatorAddress + 1] === (originator[at + 1]! | 0) &&
    words[w + WORD.responderAddress] === (responder[at]! | 0) &&
    words[w + WORD.responderAddress + 1] === (responder[at + 1]! | 0)
  );
}
