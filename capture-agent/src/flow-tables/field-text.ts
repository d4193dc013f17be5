/** Parts of a line, read as bytes: a string for each field would cost more than all else. */

const SPACE = 32;
const DOT = 46;
const DASH = 45;
const ZERO = 48;

/** Longer fields are read the slow way. */
const QUICK_BYTES = 20;
/** Whole numbers up to this are exact in a double, and so is each of these powers: their quotient is rounded once. */
const MAX_EXACT = 2 ** 53;
const POWERS_OF_TEN = Array.from({ length: QUICK_BYTES + 1 }, (_, i) => 10 ** i);
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** Where the fields of one row lie in `bytes`. A field that the table does not have starts at −1. */
export interface RowSpans {
  bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The number in `bytes[start, end)`; NaN for anything else, infinities and hexadecimal among it. */
export function readNumber(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let dotAt = -1;
  if (end - start > QUICK_BYTES || end <= start) return readAnyNumber(bytes, start, end);
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (bytes[i] === DOT && dotAt < 0 && end - start > 1) dotAt = i;
    else return readAnyNumber(bytes, start, end);
  }
  if (value > MAX_EXACT) return readAnyNumber(bytes, start, end);
  return dotAt < 0 ? value : value / POWERS_OF_TEN[end - 1 - dotAt]!;
}

function readAnyNumber(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 64) return Number.NaN;
  const text = readText(bytes, start, end);
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

/** Whether a field says that it is not told: empty, or Zeek's dash. */
export function isUnset(bytes: Uint8Array, start: number, end: number): boolean {
  return end <= start || (end - start === 1 && bytes[start] === DASH);
}

/** A short field as text; bytes beyond ASCII come out as Latin-1, which is enough for a message. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** The start of a field for a message: no control characters, at most 40 characters. */
export function showField(bytes: Uint8Array, start: number, end: number): string {
  const text = readText(bytes, start, Math.min(end, start + 40)).replaceAll(/[^\x20-\x7e]/g, '?');
  return end - start > 40 ? `"${text}…"` : `"${text}"`;
}

/** First byte of `bytes[start, end)` that is no space. */
export function skipSpaces(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] === SPACE) at++;
  return at;
}

/** End of `bytes[start, end)` without the spaces at its end. */
export function dropSpaces(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && bytes[at - 1] === SPACE) at--;
  return at;
}
