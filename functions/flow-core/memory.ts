// The places of everything in linear memory. Sizes follow from the settings and never change; flows come last, so that
// their region grows at the end, page by page, as flows are taken. Memory that was never written costs nothing.

import { ACTIVITY_SIZE, FIRST_PACKETS, NOTES_SIZE, PACKETS_AT, PACKETS_SIZE, RECORDS_SIZE } from './generated';
import { ROW_BYTES } from './row';

export const PACKETS_TABLE: usize = PACKETS_AT;
export const RECORDS_TABLE: usize = PACKETS_TABLE + PACKETS_SIZE;
export const ACTIVITY_TABLES: usize = RECORDS_TABLE + RECORDS_SIZE;

// Slots of the timer wheel, one a second; no timeout may be longer.
export const WHEEL_SLOTS: i32 = 1024;
// Sizes (int16), then gaps (float32), of the first packets of one flow.
export const SEQUENCE_BYTES: i32 = FIRST_PACKETS * 6;
export const TIMER_BYTES: i32 = 12;

export let maxFlows: i32 = 0;
export let hostPartitions: i32 = 0;
export let maxSequences: i32 = 0;
export let maxPaneEntries: i32 = 0;

export let activityCounts: usize = 0;
export let noteTables: usize = 0;
export let noteCounts: usize = 0;
export let wheel: usize = 0;
export let freeBits: usize = 0;
export let freeGroups: usize = 0;
export let freeTops: usize = 0;
/** The unspecified address, ::. */
export let nobody: usize = 0;
export let indexSlots: usize = 0;
export let timers: usize = 0;
export let paneEntries: usize = 0;
export let freeSequences: usize = 0;
export let sequences: usize = 0;
export let rows: usize = 0;

let end: usize = 0;

/** Lays everything out. Called once. */
export function layOut(flows: i32, partitions: i32): void {
  maxFlows = flows;
  hostPartitions = partitions;
  maxSequences = (flows + 1) / 2;
  // Twice the flows: when it is full of valid entries, it is half full once repeats are taken out.
  maxPaneEntries = 2 * flows + 1024;
  noteTables = ACTIVITY_TABLES + <usize>partitions * ACTIVITY_SIZE;
  end = noteTables + <usize>partitions * NOTES_SIZE;
  nobody = take(16);
  activityCounts = take(<usize>4 * partitions);
  noteCounts = take(<usize>4 * partitions);
  wheel = take(<usize>4 * WHEEL_SLOTS);
  freeBits = take(<usize>4 * ((flows >>> 5) + 1));
  freeGroups = take(<usize>4 * ((flows >>> 10) + 1));
  freeTops = take(<usize>4 * ((flows >>> 15) + 1));
  indexSlots = take(<usize>8 * largestIndex(flows));
  timers = take(<usize>TIMER_BYTES * flows);
  paneEntries = take(<usize>8 * maxPaneEntries);
  freeSequences = take(<usize>4 * maxSequences);
  sequences = take(<usize>SEQUENCE_BYTES * maxSequences);
  rows = end;
  ensureRows(64);
}

/** Slots of the index when the table is full: never more than half of them taken. */
export function largestIndex(flows: i32): i32 {
  let slots = 2048;
  while (slots < 2 * flows) slots <<= 1;
  return slots;
}

/** Makes sure that memory reaches to the end of row `count − 1`. Traps when the machine has no more. */
export function ensureRows(count: i32): void {
  const bytes = rows + <usize>count * ROW_BYTES;
  const has = <usize>memory.size() << 16;
  if (bytes <= has) return;
  // A sixteenth more each time, so that growing stays rare.
  const pages = <i32>((bytes + bytes / 16 - has + 65_535) >> 16);
  if (memory.grow(pages) < 0) unreachable();
}

/** Address of row `row`. */
export function rowAt(row: i32): usize {
  return rows + <usize>row * ROW_BYTES;
}

function take(bytes: usize): usize {
  const at = end;
  end = (at + bytes + 63) & ~63;
  return at;
}
