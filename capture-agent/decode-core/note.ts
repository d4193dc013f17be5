// Writing the note of a row: kind, code and value in their columns, text behind that of the row before.

import * as G from './generated';
import { PACKETS } from './memory';

const TEXT: usize = PACKETS + G.PACKETS_noteText_data;
const FULL_STOP: i32 = 0x2e;

/** End of the rows' texts so far, counted from the first. */
export let textAt: i32 = 0;

export function setTextAt(position: i32): void {
  textAt = position;
}

/** Begins with row `row`: behind the text of the row before. */
export function beginText(row: i32): void {
  if (row == 0) store<i32>(PACKETS, 0, G.PACKETS_noteText);
  textAt = load<i32>(PACKETS + (<usize>row << 2), G.PACKETS_noteText);
}

/** Address at which the next byte of text goes. */
export function textAddress(): usize {
  return TEXT + <usize>textAt;
}

/** Ends the text of row `row` where it is. */
export function endText(row: i32): void {
  store<i32>(PACKETS + (<usize>row << 2), textAt, G.PACKETS_noteText + 4);
}

export function kindOf(i: usize): i32 {
  return load<u8>(PACKETS + i, G.PACKETS_noteKind);
}

/** Gives row `i` a note. */
export function write(i: usize, kind: i32, code: i32, value: i32): void {
  store<u8>(PACKETS + i, <u8>kind, G.PACKETS_noteKind);
  store<u16>(PACKETS + (i << 1), <u16>code, G.PACKETS_noteCode);
  store<i32>(PACKETS + (i << 2), value, G.PACKETS_noteValue);
}

export function writeByte(value: i32): void {
  store<u8>(textAddress(), <u8>value);
  textAt++;
}

/** Appends what is left of a line that begins at `from`, up to `end` and at most `maxBytes`. */
export function writeLine(from: usize, end: usize, maxBytes: usize): void {
  const limit = min(end, from + maxBytes);
  for (let at = from; at < limit; at++) {
    const value = <i32>load<u8>(at);
    if (value == 0x0d || value == 0x0a) return;
    writeByte(printable(value));
  }
}

/** Full stops stand for what is not printable ASCII, so that a note is always text and harmless on a terminal. */
export function printable(value: i32): i32 {
  return value >= 0x20 && value < 0x7f ? value : FULL_STOP;
}

/** Appends the six bytes at `from` as a MAC: `00:11:22:33:44:55`. */
export function writeMac(from: usize): void {
  for (let k: usize = 0; k < 6; k++) {
    if (k > 0) writeByte(0x3a);
    writeHex(load<u8>(from + k));
  }
}

/** Appends the low byte of `value` as two hexadecimal digits. */
export function writeHex(value: i32): void {
  writeByte(hexDigit((value >>> 4) & 15));
  writeByte(hexDigit(value & 15));
}

function hexDigit(value: i32): i32 {
  return value < 10 ? 0x30 + value : 0x57 + value;
}
