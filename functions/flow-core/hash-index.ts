// Finds rows by flow hash: open addressing with linear probing, pairs of hash and row + 1 (0 free), never more than half
// full. Deletion shifts back (Knuth, TAOCP 3, 6.4, algorithm R), so there are no tombstones. What a flood has enlarged
// shrinks again: an index that has outgrown the nearest caches costs each packet a wait for memory.

import { isFree, usedRows } from './free-rows';
import { indexSlots, rowAt } from './memory';
import { FLOW_HASH } from './row';

const LEAST_MASK: i32 = 2047;
// Shrinks when fewer than one slot in 2^SPARSE is taken.
const SPARSE: i32 = 4;
export let indexMask: i32 = LEAST_MASK;
let entries: i32 = 0;

/** Address of slot `slot`: hash, then row + 1. */
export function slotAt(slot: i32): usize {
  return indexSlots + ((<usize>slot) << 3);
}

/** Enters a row that is not there. */
export function enter(hash: i32, row: i32): void {
  if (2 * entries > indexMask) enlarge();
  entries++;
  place(hash, row);
}

/** Takes out a row that is there. */
export function removeEntry(hash: i32, row: i32): void {
  const mask = indexMask;
  let hole = hash & mask;
  while (load<i32>(slotAt(hole), 4) != row + 1) hole = (hole + 1) & mask;
  let slot = (hole + 1) & mask;
  while (load<i32>(slotAt(slot), 4) != 0) {
    const home = load<i32>(slotAt(slot)) & mask;
    if (((slot - home) & mask) >= ((slot - hole) & mask)) {
      store<i64>(slotAt(hole), load<i64>(slotAt(slot)));
      hole = slot;
    }
    slot = (slot + 1) & mask;
  }
  store<i64>(slotAt(hole), 0);
  entries--;
  if (entries < mask >>> SPARSE && mask > LEAST_MASK) shrink();
}

/** Takes all rows out. */
export function clear(): void {
  memory.fill(indexSlots, 0, (<usize>(indexMask + 1)) << 3);
  indexMask = LEAST_MASK;
  entries = 0;
}

/** Enters all rows in use anew. */
export function rebuild(): void {
  clear();
  for (let row = 0; row < usedRows; row++) if (!isFree(row)) enter(load<i32>(rowAt(row), FLOW_HASH), row);
}

/** Twice the slots. The row that is about to be entered is in use but has no hash yet, so rows come from the old slots. */
function enlarge(): void {
  const had = indexMask + 1;
  indexMask = 2 * had - 1;
  // Runs that wrap around would be met twice; begin behind a free slot, and move each pair to its place in the larger half.
  let start = 0;
  while (load<i32>(slotAt(start), 4) != 0) start++;
  for (let k = 1; k <= had; k++) {
    const slot = (start + k) & (had - 1);
    const pair = load<i64>(slotAt(slot));
    if (pair == 0) continue;
    store<i64>(slotAt(slot), 0);
    place(<i32>pair, <i32>(pair >>> 32) - 1);
  }
}

/** As few slots as leave room to grow. The pairs wait behind those slots while the rest is cleared. */
function shrink(): void {
  const had = indexMask + 1;
  let slots = had >>> 1;
  while (slots > LEAST_MASK + 1 && slots > 8 * entries) slots >>>= 1;
  let kept = 0;
  for (let slot = 0; slot < had; slot++) {
    const pair = load<i64>(slotAt(slot));
    if (pair != 0) store<i64>(slotAt(kept++), pair);
  }
  memory.copy(slotAt(slots), slotAt(0), <usize>kept << 3);
  memory.fill(slotAt(0), 0, <usize>slots << 3);
  indexMask = slots - 1;
  for (let k = slots; k < slots + kept; k++) place(load<i32>(slotAt(k)), load<i32>(slotAt(k), 4) - 1);
  memory.fill(slotAt(slots), 0, (<usize>(had - slots)) << 3);
}

function place(hash: i32, row: i32): void {
  let slot = hash & indexMask;
  while (load<i32>(slotAt(slot), 4) != 0) slot = (slot + 1) & indexMask;
  store<i64>(slotAt(slot), (<i64>(row + 1) << 32) | <i64>(<u32>hash));
}
