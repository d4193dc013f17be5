import { dropSpaces, type RowSpans, skipSpaces } from './field-text.js';

const QUOTE = 34;

/** Which column of a delimited table holds which field. */
export interface ColumnPlan {
  readonly delimiter: number;
  /** FIELD of each column up to the last that is wanted; −1 for those in between. */
  readonly fieldOfColumn: Int8Array;
}

/** What was wrong with a row's quotes, in the words of a message. */
export const BROKEN_QUOTES = -1;

/**
 * Finds the wanted fields of the row in `bytes[start, end)`, without stray spaces and quotes (RFC 4180; a line break inside
 * quotes is not taken). Gives how many columns it saw, of those up to the last wanted one, or BROKEN_QUOTES.
 */
export function splitRow(plan: ColumnPlan, spans: RowSpans, start: number, end: number): number {
  const { delimiter, fieldOfColumn } = plan;
  const { bytes, starts, ends } = spans;
  const columns = fieldOfColumn.length;
  let at = start;
  for (let column = 0; column < columns; column++) {
    const field = fieldOfColumn[column]!;
    let from = at;
    let to = at;
    if (bytes[at] === QUOTE && at < end) {
      to = closingQuote(bytes, at + 1, end);
      if (to < 0) return BROKEN_QUOTES;
      from = at + 1;
      at = skipSpaces(bytes, to + 1, end);
      if (at < end && bytes[at] !== delimiter) return BROKEN_QUOTES;
    } else {
      while (at < end && bytes[at] !== delimiter) at++;
      to = at;
    }
    if (field >= 0) {
      starts[field] = skipSpaces(bytes, from, to);
      ends[field] = dropSpaces(bytes, starts[field]!, to);
    }
    if (at >= end) return column + 1;
    at++;
  }
  return columns;
}

/** The quote that ends a field; two in a row stand for one inside it. −1 without. */
function closingQuote(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (bytes[at] !== QUOTE) continue;
    if (at + 1 >= end || bytes[at + 1] !== QUOTE) return at;
    at++;
  }
  return -1;
}

/** All fields of a header line as text. */
export function splitHeader(line: string, delimiter: string): string[] {
  const names: string[] = [];
  let name = '';
  let isQuoted = false;
  for (const letter of line) {
    if (letter === '"') isQuoted = !isQuoted;
    else if (letter === delimiter && !isQuoted) {
      names.push(name.trim());
      name = '';
    } else name += letter;
  }
  return [...names, name.trim()];
}
