// Which flows have something to tell of which second: a log of pairs (second, row) in the order in which panes were
// opened. A pair is valid while its row still counts that second. Time goes on nearly in order, so closing a second reads
// through two or three seconds' worth of pairs in sequence, and touches no flow but its own.

import { END_OF_TIME_S } from './generated';
import { maxPaneEntries, paneEntries, rowAt } from './memory';
import { PANE_S } from './row';

export let paneCount: i32 = 0;

function entryAt(k: i32): usize {
  return paneEntries + ((<usize>k) << 3);
}

/** Notes that `row` counts `second` from now on. */
export function notePane(second: i32, row: i32): void {
  if (paneCount == maxPaneEntries) dropStale();
  const entry = entryAt(paneCount++);
  store<i32>(entry, second);
  store<i32>(entry, row, 4);
}

export function paneSecond(k: i32): i32 {
  return load<i32>(entryAt(k));
}

export function paneRow(k: i32): i32 {
  return load<i32>(entryAt(k), 4);
}

/** Keeps pair `k` as the `to`-th. */
export function keepPane(k: i32, to: i32): void {
  store<i64>(entryAt(to), load<i64>(entryAt(k)));
}

/** Removes pairs `[from, to)`. */
export function dropPanes(from: i32, to: i32): void {
  memory.copy(entryAt(from), entryAt(to), (<usize>(paneCount - to)) << 3);
  paneCount -= to - from;
}

/** Earliest second with a pair; the end of time without. */
export function firstPaneS(): i64 {
  let first: i64 = END_OF_TIME_S;
  for (let k = 0; k < paneCount; k++) if (<i64>paneSecond(k) < first) first = paneSecond(k);
  return first;
}

export function restorePanes(count: i32): void {
  paneCount = count;
}

/** Takes out pairs that are no longer valid, and all but the first of a row's. */
function dropStale(): void {
  let kept = 0;
  for (let k = 0; k < paneCount; k++) {
    const row = rowAt(paneRow(k));
    const second = paneSecond(k);
    if (load<i32>(row, PANE_S) != second) continue;
    // Turned round while the log is gone through, to know it again.
    store<i32>(row, -second, PANE_S);
    keepPane(k, kept++);
  }
  paneCount = kept;
  for (let k = 0; k < kept; k++) store<i32>(rowAt(paneRow(k)), paneSecond(k), PANE_S);
}
