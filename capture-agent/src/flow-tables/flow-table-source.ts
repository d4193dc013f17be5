import type { Readable } from 'node:stream';
import type { FlowRowTable } from '@weir/contracts';
import { type ByteInput, openFileInput, StreamInput, UnreadInput } from '../sources/byte-input.js';
import { GzipInput, isGzip } from '../sources/gzip-input.js';
import { SourceError } from '../sources/source.js';
import { WarningLog } from '../sources/warning-log.js';
import { showField } from './field-text.js';
import { FIELD, type FlowField } from './fields.js';
import { JsonRowSplitter } from './json-row.js';
import { LineReader, MAX_LINE_BYTES } from './line-reader.js';
import { loadMapping, type Mapping } from './mapping.js';
import { expectedOf, RowParser } from './row-parser.js';
import { BROKEN_QUOTES, splitRow } from './split-row.js';
import { type FlowTableFormat, shapeOf, type TableShape, zeekShape } from './table-shape.js';

/** Time of the first row of a table that has no times: 2000-01-01 UTC. */
const TIMELESS_START_US = 946_684_800e6;
/** Rows a second of event time in such a table, unless told otherwise. */
const TIMELESS_ROWS_PER_SECOND = 1000;
const HASH = 35;

export interface FlowTableOptions {
  /** A mapping file, for a table whose columns have other names. */
  mappingPath?: string | undefined;
  /** Count rows that cannot be read, instead of ending with an error at the first. */
  skipBadRows?: boolean | undefined;
  /** Event time between rows of a table without times. Unit: µs; 1,000 by default. */
  rowGapUs?: number | undefined;
  /** What `-` stands for. Default: `process.stdin`. */
  standardInput?: Readable | undefined;
}

/** What was read of a flow table so far. */
export interface FlowTableCounters {
  rows: number;
  rowsSkipped: number;
  warnings: readonly string[];
}

/** The rows of a flow table, read as they are asked for. */
export interface FlowTableSource {
  /** For messages: a file name, or `standard input`. */
  readonly name: string;
  readonly format: FlowTableFormat;
  /**
   * Appends rows to `table` up to its capacity; resolves with false once the table has ended. Rejects with a SourceError
   * that names file, line and column, unless bad rows are skipped.
   */
  read(table: FlowRowTable): Promise<boolean>;
  counters(): FlowTableCounters;
  /** Size of the input and how much of it was read, in bytes as stored; undefined where unknown. */
  progress(): { readBytes: number; totalBytes: number } | undefined;
  close(): Promise<void>;
}

/**
 * Opens a flow table (CSV, TSV, Zeek log or JSON lines, gzip-compressed or not; `-` for standard input) and reads its
 * header. Rejects with a SourceError that says what is missing and what to do.
 */
export async function openFlowTable(path: string, options: FlowTableOptions = {}): Promise<FlowTableSource> {
  const name = path === '-' ? 'standard input' : path;
  const mapping = options.mappingPath === undefined ? undefined : loadMapping(options.mappingPath);
  const stored =
    path === '-' ? new StreamInput(name, options.standardInput ?? process.stdin) : await openFileInput(path);
  const table = new FlowTable(name, stored, { ...options, mapping });
  try {
    await table.open();
    return table;
  } catch (error) {
    await table.close();
    throw error instanceof SourceError
      ? new SourceError(`cannot read "${name}" as a flow table: ${error.message}.`)
      : error;
  }
}

class FlowTable implements FlowTableSource {
  private readonly warnings = new WarningLog();
  private input: ByteInput;
  private lines!: LineReader;
  private shape!: TableShape;
  private parser!: RowParser;
  private json: JsonRowSplitter | undefined;
  /** What separates the columns of a Zeek log, from its first line. */
  private zeekDelimiter = '\t';
  private isFirstLinePending = false;
  private rows = 0;
  private skipped = 0;

  constructor(
    readonly name: string,
    stored: ByteInput,
    private readonly options: FlowTableOptions & { mapping: Mapping | undefined },
  ) {
    this.input = stored;
  }

  get format(): FlowTableFormat {
    return this.shape.format;
  }

  async open(): Promise<void> {
    const head = new Uint8Array(2);
    let filled = 0;
    for (let count = 1; filled < 2 && count > 0; filled += count) count = await this.input.read(head, filled, 2);
    const whole = new UnreadInput(this.input, head.subarray(0, filled));
    this.input = isGzip(head.subarray(0, filled)) ? new GzipInput(whole, this.warnings) : whole;
    this.lines = new LineReader(this.input);
    while (this.shape === undefined) await this.readHeader();
  }

  /** Looks at the next line for what it says of the table; blank lines and comments say nothing. */
  private async readHeader(): Promise<void> {
    const { lines } = this;
    if (!(await this.nextLine())) throw new SourceError('it ends before any header. Name a table with a header line');
    if (lines.isTooLong || lines.bytes.subarray(lines.start, lines.end).includes(0))
      throw new SourceError(`line ${lines.number} is no text: it begins ${this.shown()}. Name a table of text lines`);
    const line = new TextDecoder().decode(lines.bytes.subarray(lines.start, lines.end));
    if (line.startsWith('#')) this.readComment(line);
    else if (line.trim() !== '') {
      this.takeShape(shapeOf(line, this.options.mapping));
      this.isFirstLinePending = this.shape.startsAtOnce;
    }
  }

  /** `#separator \x09` and `#fields …` of a Zeek log. */
  private readComment(line: string): void {
    const separator = /^#separator\s+\\x([0-9a-fA-F]{2})/.exec(line)?.[1];
    if (separator) this.zeekDelimiter = String.fromCharCode(Number.parseInt(separator, 16));
    if (line.startsWith('#fields')) this.takeShape(zeekShape(line, this.zeekDelimiter));
  }

  private takeShape(shape: TableShape): void {
    this.shape = shape;
    this.parser = new RowParser(shape);
    this.json = shape.isJson ? new JsonRowSplitter(shape.columnNames) : undefined;
  }

  private async nextLine(): Promise<boolean> {
    for (;;) {
      const step = this.lines.next();
      if (step !== 'more') return step === 'line';
      await this.lines.refill();
    }
  }

  async read(table: FlowRowTable): Promise<boolean> {
    while (table.count < table.capacity) {
      const step = this.isFirstLinePending ? 'line' : this.lines.next();
      this.isFirstLinePending = false;
      if (step === 'line') this.takeLine(table);
      else if (step === 'end') return false;
      else await this.lines.refill();
    }
    return true;
  }

  private takeLine(table: FlowRowTable): void {
    const { lines, shape, parser } = this;
    if (lines.end === lines.start) return;
    if (lines.bytes[lines.start] === HASH && !lines.isTooLong) {
      // Logs of several days may be joined in one file, each with its header.
      this.readComment(new TextDecoder().decode(lines.bytes.subarray(lines.start, lines.end)));
      return;
    }
    if (!this.split()) return;
    const gapUs = this.options.rowGapUs ?? 1e6 / TIMELESS_ROWS_PER_SECOND;
    if (parser.parse(table, table.count, TIMELESS_START_US + Math.round(this.rows * gapUs))) {
      table.count++;
      this.rows++;
    } else this.refuseField(parser.wrongField, shape);
  }

  /** Finds the fields of the line; false when the row is bad, which is told. */
  private split(): boolean {
    const { lines, shape, parser } = this;
    if (lines.isTooLong) return this.refuse('length', () => `it is longer than ${MAX_LINE_BYTES} bytes`);
    if (this.json) {
      const isRow = this.json.split(lines.bytes, lines.start, lines.end, parser.spans);
      return isRow || this.refuse('json', () => `expected a JSON object, found ${this.shown()}`);
    }
    parser.spans.bytes = lines.bytes;
    const columns = splitRow(shape, parser.spans, lines.start, lines.end);
    if (columns === shape.fieldOfColumn.length) return true;
    if (columns === BROKEN_QUOTES)
      return this.refuse('quotes', () => `a quote is not closed, or not followed by a new column, in ${this.shown()}`);
    return this.refuse('columns', () => {
      const last = [...shape.columnNames].find(([field]) => FIELD[field] === shape.fieldOfColumn.at(-1));
      return `${columns} columns, expected at least ${shape.fieldOfColumn.length}, up to "${last?.[1]}"`;
    });
  }

  private refuseField(field: FlowField, shape: TableShape): void {
    this.refuse(field, () => {
      const { bytes, starts, ends } = this.parser.spans;
      const found = showField(bytes, starts[FIELD[field]]!, ends[FIELD[field]]!);
      return `column "${shape.columnNames.get(field)}" holds ${found}, expected ${expectedOf(field, shape)}`;
    });
  }

  /** Counts a bad row, or ends with an error that says what is wrong with it. `kind` comes from a fixed set. */
  private refuse(kind: string, describe: () => string): false {
    if (!this.options.skipBadRows) {
      throw new SourceError(
        `"${this.name}", line ${this.lines.number}: ${describe()}. Mend the row, or count and skip such rows with --skip-bad-rows.`,
      );
    }
    this.skipped++;
    this.warnings.add(kind, () => `Row skipped in line ${this.lines.number}: ${describe()}.`);
    return false;
  }

  private shown(): string {
    return showField(this.lines.bytes, this.lines.start, this.lines.end);
  }

  counters(): FlowTableCounters {
    const hasMinutes = this.parser.times.sawWholeMinutes;
    const coarse = hasMinutes
      ? ['Times have no seconds: all flows of a minute count as one second, so rates and floods are overstated.']
      : [];
    return { rows: this.rows, rowsSkipped: this.skipped, warnings: [...this.warnings.list(), ...coarse] };
  }

  progress(): { readBytes: number; totalBytes: number } | undefined {
    const { readBytes, totalBytes } = this.input;
    return totalBytes === undefined ? undefined : { readBytes: Math.min(readBytes, totalBytes), totalBytes };
  }

  close(): Promise<void> {
    return this.input.close();
  }
}
