// A timer wheel: each flow is filed under the second in which it is next looked at. Neighbours lie in an array of their
// own, not in the rows, so that filing touches few cache lines.

import { TIMER_BYTES, timers, WHEEL_SLOTS, wheel } from './memory';
import { END_OF_TIME_S } from './generated';

const PREVIOUS: usize = 0;
const NEXT: usize = 4;
const FILED_FOR_S: usize = 8;

function timerAt(row: i32): usize {
  return timers + <usize>row * TIMER_BYTES;
}

function headAt(second: i32): usize {
  return wheel + ((<usize>(second & (WHEEL_SLOTS - 1))) << 2);
}

/** Second for which the row is filed; 0 when it is not. */
export function filedForS(row: i32): i32 {
  return load<i32>(timerAt(row), FILED_FOR_S);
}

/** Files the row to be looked at in second `atS`, from wherever it was filed. */
export function file(row: i32, atS: i32): void {
  const timer = timerAt(row);
  if (load<i32>(timer, FILED_FOR_S) != 0) unfile(row);
  const head = headAt(atS);
  const next = load<i32>(head);
  store<i32>(timer, 0, PREVIOUS);
  store<i32>(timer, next, NEXT);
  store<i32>(timer, atS, FILED_FOR_S);
  if (next != 0) store<i32>(timerAt(next - 1), row + 1, PREVIOUS);
  store<i32>(head, row + 1);
}

/** Takes the row out, where it is filed. */
export function unfile(row: i32): void {
  const timer = timerAt(row);
  const previous = load<i32>(timer, PREVIOUS);
  const next = load<i32>(timer, NEXT);
  if (previous != 0) store<i32>(timerAt(previous - 1), next, NEXT);
  else store<i32>(headAt(load<i32>(timer, FILED_FOR_S)), next);
  if (next != 0) store<i32>(timerAt(next - 1), previous, PREVIOUS);
  store<i32>(timer, 0, FILED_FOR_S);
}

/** First row of the slot of second `atS`, or −1. */
export function firstFiled(atS: i32): i32 {
  return load<i32>(headAt(atS)) - 1;
}

/** First row that is due in second `atS` or was before, or −1. Rows filed a round later share its slot. */
export function nextFiled(atS: i32): i32 {
  let row = load<i32>(headAt(atS)) - 1;
  while (row >= 0 && filedForS(row) > atS) row = load<i32>(timerAt(row), NEXT) - 1;
  return row;
}

/** Earliest second for which any row is filed; the end of time without rows. Looks at all. */
export function firstFiledS(): i64 {
  let first: i64 = END_OF_TIME_S;
  for (let slot = 0; slot < WHEEL_SLOTS; slot++)
    for (let row = firstFiled(slot); row >= 0; row = load<i32>(timerAt(row), NEXT) - 1)
      if (<i64>filedForS(row) < first) first = filedForS(row);
  return first;
}
