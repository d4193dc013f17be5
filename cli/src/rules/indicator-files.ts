import { extname } from 'node:path';
import type { RuleFaults } from './faults.js';
import { FORM_OF, type IndicatorType, indicatorOf } from './indicator-values.js';
import { MOST_BYTES, readText } from './read-text.js';
import { shown } from './rule-form.js';
import { stixEntries } from './stix.js';

/** A list holds no more, and all lists no more than twice as many: they would fill the memory that detection needs. */
export const MOST_ENTRIES = 1_000_000;
export const MOST_ENTRIES_ALTOGETHER = 2 * MOST_ENTRIES;

/** A list in a file, as a rule file names it. */
export interface ListFile {
  readonly path: string;
  readonly type: IndicatorType;
  /** Of a CSV file: the column that holds the entries. */
  readonly column: string | undefined;
  /** Indicators that are valid no longer at this time are left out. Unit: ms since 1970. */
  readonly nowMs: number;
  /** Told when nothing of it can be read. */
  readonly unread: (text: string) => void;
}

/** What came of a list. */
export interface ListContent {
  /** In the form in which they are compared, each once. */
  readonly entries: string[];
  /** Indicators of a STIX bundle that are of other types, in other languages, revoked or out of date. */
  readonly leftOut: number;
}

/** An entry as it stands in a file. */
export interface Written {
  readonly text: string;
  /** From 1. Asked for only where the entry is told to be wrong. */
  readonly line?: number | (() => number | undefined);
  /** What it is a part of, such as an object of a bundle. */
  readonly of?: string;
}

/** The entries of a list file. Adds a fault, with its line, for each that is none; `undefined` when it cannot be read. */
export function readListFile(file: ListFile, faults: RuleFaults): ListContent | undefined {
  const format = FORMATS[extname(file.path).toLowerCase()];
  if (!format) file.unread('it ends neither in .txt, .csv nor in .json (STIX 2.1). Rename it to what it is.');
  const text = format && readText(file.path, MOST_BYTES.list, file.unread);
  if (format === undefined || text === undefined) return undefined;
  const fault: Fault = (text, line) => faults.add({ path: file.path, line }, text);
  const content = format(text, file, fault);
  const entries = checkedEntries(content.written, file, faults);
  return { entries, leftOut: content.leftOut?.() ?? 0 };
}

/** The entries in the form in which they are compared, each once. Adds a fault for each that is of another type. */
export function checkedEntries(
  written: Iterable<Written>,
  { path, type }: Pick<ListFile, 'path' | 'type'>,
  faults: RuleFaults,
): string[] {
  const entries = new Set<string>();
  for (const one of written) {
    const entry = indicatorOf(type, one.text);
    if (entry === undefined) faults.add({ path, line: lineOf(one) }, textOf(one, type));
    else entries.add(entry);
  }
  if (entries.size > MOST_ENTRIES)
    faults.add({ path }, `this is a list of ${entries.size} entries. The most is ${MOST_ENTRIES}: divide it.`);
  return [...entries];
}

function lineOf({ line }: Written): number | undefined {
  return typeof line === 'function' ? line() : line;
}

function textOf({ text, of }: Written, type: IndicatorType): string {
  return `${shown(text)}${of === undefined ? '' : ` of ${of}`} is not ${FORM_OF[type]}.`;
}

export type Fault = (text: string, line?: number) => void;
/** How many indicators were left out is known once all entries were taken. */
type Format = (
  text: string,
  file: ListFile,
  fault: Fault,
) => { readonly written: Iterable<Written>; readonly leftOut?: () => number };

const FORMATS: Readonly<Record<string, Format | undefined>> = {
  '.txt': (text) => ({ written: plainEntries(text) }),
  '.csv': (text, { column }, fault) => ({ written: csvEntries(text, column, fault) }),
  '.json': (text, { type, nowMs }, fault) => stixEntries(text, { type, nowMs }, fault),
};

/** A copy: what is cut from a long text keeps all of it in memory, for the sake of one cell of each line. */
export function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/** The lines of a text, one at a time, with their numbers from 1. */
function* linesOf(text: string): Generator<{ readonly text: string; readonly number: number }> {
  let number = 1;
  for (let from = 0; from < text.length; number++) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    yield { text: text.slice(from, to), number };
    from = to + 1;
  }
}

/** An entry a line; what follows # or ; is a comment. */
function* plainEntries(text: string): Generator<Written> {
  for (const { text: line, number } of linesOf(text)) {
    const entry = line.replace(/[#;].*/, '').trim();
    if (entry !== '') yield { text: entry, line: number };
  }
}

/** The cells of one column. Lines that begin with # are comments, but the last before the rows may name the columns. */
function* csvEntries(text: string, column: string | undefined, fault: Fault): Generator<Written> {
  if (column === undefined) return fault('this is CSV: say which column holds the entries, such as column: dst_ip.');
  let at = -1;
  let comment: string[] = [];
  for (const { text: line, number } of linesOf(text)) {
    if (line.trim() === '') continue;
    const cells = cellsOf(line.replace(/^#\s*/, ''));
    if (line.startsWith('#')) comment = cells;
    else if (at < 0) {
      const names = cells.includes(column) ? cells : comment;
      at = names.indexOf(column);
      if (at < 0) return fault(`there is no column ${shown(column)}. There are: ${cells.join(', ')}.`);
      if (names === comment) yield { text: copyOf(cells[at] ?? ''), line: number };
    } else yield { text: copyOf(cells[at] ?? ''), line: number };
  }
}

/** A cell in quotes, or one without (RFC 4180), and the comma that ends it. No entry goes over several lines. */
const CELL = /\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(?:,|$)/y;

function cellsOf(line: string): string[] {
  const cells: string[] = [];
  const text = line.trimEnd();
  for (CELL.lastIndex = 0; CELL.lastIndex < text.length; ) {
    const found = CELL.exec(text);
    // A quote in the wrong place: the rest is one cell, which will be no entry.
    if (!found) return [...cells, text];
    cells.push(found[1]?.replaceAll('""', '"') ?? found[2]!.trim());
  }
  return cells;
}
