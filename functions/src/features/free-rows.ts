import { LayoutError } from '../runtime/port.js';
import type { ByteReader, ByteWriter } from './state-bytes.js';

/** Rows of a table: how many were ever used, and which of these are free, lowest first. */
export interface RowUse {
  used: number;
  free: number[];
}

/** Leaves out free rows at the end, so that a table that was large once does not stay so. `free` in any order. */
export function trimFreeRows(used: number, free: Iterable<number>): RowUse {
  const isFree = new Uint8Array(used);
  for (const row of free) isFree[row] = 1;
  let kept = used;
  while (kept > 0 && isFree[kept - 1] === 1) kept--;
  const left: number[] = [];
  for (let row = 0; row < kept; row++) if (isFree[row] === 1) left.push(row);
  return { used: kept, free: left };
}

/** Writes which rows are free, in a bit each. */
export function encodeFreeRows(writer: ByteWriter, { used, free }: RowUse): void {
  const bits = new Uint8Array((used + 7) >>> 3);
  for (const row of free) bits[row >>> 3]! |= 1 << (row & 7);
  writer.u32(used);
  writer.packed(bits);
}

/** What `encodeFreeRows` wrote. Throws a LayoutError for more than `maxRows` rows. */
export function decodeFreeRows(reader: ByteReader, maxRows: number): RowUse {
  const used = reader.u32();
  if (used > maxRows) throw new LayoutError(`state of ${used} rows, where settings allow ${maxRows}. Raise them.`);
  const bits = new Uint8Array((used + 7) >>> 3);
  reader.unpack(bits);
  const free: number[] = [];
  for (let row = 0; row < used; row++) if (bits[row >>> 3]! & (1 << (row & 7))) free.push(row);
  return { used, free };
}

/** Writes the rows of `bytes`, of `rowBytes` each, that are not free. What free rows hold is of no use to anyone. */
export function encodeLiveRows(
  writer: ByteWriter,
  bytes: Uint8Array,
  { rowBytes, use }: { rowBytes: number; use: RowUse },
): void {
  const live = scratchOf((use.used - use.free.length) * rowBytes);
  let to = 0;
  visitLive(use, (start, end) => {
    live.set(bytes.subarray(start * rowBytes, end * rowBytes), to);
    to += (end - start) * rowBytes;
  });
  writer.packed(live);
}

let scratch = new Uint8Array(0);

/** Memory that is used again by the next call. */
function scratchOf(lengthBytes: number): Uint8Array {
  if (scratch.length < lengthBytes) scratch = new Uint8Array(2 * lengthBytes);
  return scratch.subarray(0, lengthBytes);
}

/** Puts what `encodeLiveRows` wrote where it was; leaves free rows alone. */
export function decodeLiveRows(
  reader: ByteReader,
  bytes: Uint8Array,
  { rowBytes, use }: { rowBytes: number; use: RowUse },
): void {
  const live = new Uint8Array((use.used - use.free.length) * rowBytes);
  reader.unpack(live);
  let from = 0;
  visitLive(use, (start, end) => {
    const length = (end - start) * rowBytes;
    bytes.set(live.subarray(from, from + length), start * rowBytes);
    from += length;
  });
}

/** Calls `visit` with each stretch of live rows, `[start, end)`. */
function visitLive({ used, free }: RowUse, visit: (start: number, end: number) => void): void {
  let start = 0;
  for (const row of free) {
    if (row > start) visit(start, row);
    start = row + 1;
  }
  if (used > start) visit(start, used);
}
