// The flow function's table and hot loop as WebAssembly: one instance holds the flows of one partition. Packets are put
// into the staged columns, `foldPackets` and `advanceTo` are called until they are through, and what they have to tell is
// read from the tables of activity, notes and records each time they stop.

import { clearActivity } from './activity';
import * as rows from './free-rows';
import * as index from './hash-index';
import * as life from './life';
import * as m from './memory';
import { clearNotes } from './notes';
import * as panes from './panes';
import { clearRecords } from './records';
import * as sequences from './sequences';
import * as fold from './fold';

export { activityCount } from './activity';
export { recordCount } from './records';
export { setTimeouts, setReporting, watermarkS, flowsLive, flowsStarted, flowsEnded, flowsEvicted } from './life';
export { noteCount } from './notes';
export { foldPackets, advanceTo, newestS, nonIpPackets, bytes, readSum } from './fold';
export { clearFreeSequences } from './sequences';
export { usedRows } from './free-rows';

/** Lays out memory for a table of `maxFlows` flows and `hostPartitions` tables of activity. Once, before all else. */
export function begin(maxFlows: i32, hostPartitions: i32): void {
  m.layOut(maxFlows, hostPartitions);
}

/** Forgets all flows and time: as new. */
export function reset(): void {
  memory.fill(m.wheel, 0, <usize>4 * m.WHEEL_SLOTS);
  memory.fill(m.timers, 0, partBytes(1));
  rows.clearRows();
  index.clear();
  panes.restorePanes(0);
  sequences.restoreSequences(0, 0);
  life.setWatermark(0);
  life.restoreLive(0);
  fold.restoreNewest(0);
  clearOutbox();
}

/** Empties what was told, counts too. */
export function clearOutbox(): void {
  clearActivity();
  clearNotes();
  clearRecords();
  life.clearCounts();
  fold.clearCounts();
}

// State bytes are parts of memory: 0 timer wheel, 1 timers, 2 open panes, 3 free slots of first packets, 4 slots, 5 rows.

export function partAt(part: i32): usize {
  if (part == 0) return m.wheel;
  if (part == 1) return m.timers;
  if (part == 2) return m.paneEntries;
  if (part == 3) return m.freeSequences;
  if (part == 4) return m.sequences;
  return m.rows;
}

export function partBytes(part: i32): usize {
  if (part == 0) return <usize>4 * m.WHEEL_SLOTS;
  if (part == 1) return <usize>m.TIMER_BYTES * rows.usedRows;
  if (part == 2) return <usize>8 * panes.paneCount;
  if (part == 3) return <usize>4 * sequences.freeSequenceCount;
  if (part == 4) return <usize>m.SEQUENCE_BYTES * sequences.usedSequences;
  return <usize>m.rowAt(rows.usedRows) - m.rows;
}

export function paneCount(): i32 {
  return panes.paneCount;
}
export function freeSequenceCount(): i32 {
  return sequences.freeSequenceCount;
}
export function usedSequences(): i32 {
  return sequences.usedSequences;
}
export function isFreeRow(row: i32): bool {
  return rows.isFree(row);
}
export function freeRow(row: i32): void {
  rows.freeRow(row);
}

/** Before the parts of a state are written: how long they are. */
export function beginRestore(usedRows: i32, paneCount: i32, usedSequences: i32, freeSequences: i32): void {
  rows.restoreRows(usedRows);
  m.ensureRows(usedRows);
  panes.restorePanes(paneCount);
  sequences.restoreSequences(usedSequences, freeSequences);
}

/** After the parts and free rows of a state were written. */
export function endRestore(watermarkS: i64, newestS: i32): void {
  index.rebuild();
  life.setWatermark(watermarkS);
  life.restoreLive(rows.usedRows - rows.freeCount);
  fold.restoreNewest(newestS);
}
