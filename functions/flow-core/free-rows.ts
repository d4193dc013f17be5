// Row numbers that are free below the highest ever used. The lowest is given back first, so that few live flows lie on
// few pages after a flood has scattered them. Three levels of bit maps make each step a few instructions.

import { freeBits, freeGroups, freeTops, maxFlows } from './memory';

export let freeCount: i32 = 0;
/** Rows ever used; all at or above are untouched. */
export let usedRows: i32 = 0;

/** Frees a row that is not free. */
export function freeRow(row: i32): void {
  setBit(freeBits, row);
  setBit(freeGroups, row >>> 5);
  setBit(freeTops, row >>> 10);
  freeCount++;
}

/** The lowest row that is free, taken. */
export function takeRow(): i32 {
  if (freeCount == 0) return usedRows++;
  let top = 0;
  while (wordAt(freeTops, top) == 0) top++;
  const group = (top << 5) | ctz(wordAt(freeTops, top));
  const word = (group << 5) | ctz(wordAt(freeGroups, group));
  const row = (word << 5) | ctz(wordAt(freeBits, word));
  if (clearLowest(freeBits, word) && clearBit(freeGroups, word)) clearBit(freeTops, group);
  freeCount--;
  return row;
}

/** As if no row had ever been used. */
export function clearRows(): void {
  memory.fill(freeBits, 0, <usize>4 * ((maxFlows >>> 5) + 1));
  memory.fill(freeGroups, 0, <usize>4 * ((maxFlows >>> 10) + 1));
  memory.fill(freeTops, 0, <usize>4 * ((maxFlows >>> 15) + 1));
  freeCount = 0;
  usedRows = 0;
}

/** For a state that is read back. */
export function restoreRows(used: i32): void {
  usedRows = used;
}

/** Whether a row below `usedRows` is free. */
export function isFree(row: i32): bool {
  return ((wordAt(freeBits, row >>> 5) >>> (row & 31)) & 1) != 0;
}

function wordAt(bits: usize, word: i32): u32 {
  return load<u32>(bits + ((<usize>word) << 2));
}

function setBit(bits: usize, bit: i32): void {
  const at = bits + ((<usize>(bit >>> 5)) << 2);
  store<u32>(at, load<u32>(at) | (<u32>1 << (bit & 31)));
}

/** Clears a bit; returns whether its word is 0 now. */
function clearBit(bits: usize, bit: i32): bool {
  const at = bits + ((<usize>(bit >>> 5)) << 2);
  const left = load<u32>(at) & ~(<u32>1 << (bit & 31));
  store<u32>(at, left);
  return left == 0;
}

function clearLowest(bits: usize, word: i32): bool {
  const at = bits + ((<usize>word) << 2);
  const had = load<u32>(at);
  store<u32>(at, had & (had - 1));
  return (had & (had - 1)) == 0;
}
