import { SourceError } from '../sources/source.js';
import { FIELD, FLOW_FIELDS, type FlowField, knownColumn, namesOf, type TimeUnit } from './fields.js';
import type { Mapping } from './mapping.js';
import { type ColumnPlan, splitHeader } from './split-row.js';
import type { TimeStyle } from './time-field.js';

/** Which program wrote a table, as far as its first lines show. */
export type FlowTableFormat = 'generic' | 'cicids2017' | 'zeek' | 'zeek-json' | 'mapped';

/** How the rows of a table are read. */
export interface TableShape extends ColumnPlan {
  readonly format: FlowTableFormat;
  /** The table's own name of each field that it has. */
  readonly columnNames: ReadonlyMap<FlowField, string>;
  readonly timeStyle: TimeStyle;
  readonly durationUnit: TimeUnit;
  /** JSON lines: the table's key of each field. Else rows are delimited. */
  readonly isJson: boolean;
  /** The first line is a row, no header. */
  readonly startsAtOnce: boolean;
}

const REQUIRED: readonly FlowField[] = [
  'originatorAddress',
  'responderAddress',
  'originatorPort',
  'responderPort',
  'protocol',
];
/** Columns of NSL-KDD without and with its label and difficulty. */
const KDD_COLUMNS = [41, 43] as const;
const MAX_COLUMNS = 4096;

interface Named {
  readonly field: FlowField;
  readonly name: string;
  readonly column: number;
  readonly unit?: TimeUnit | undefined;
}

/**
 * How to read a table whose first line is `line`, and whether that line is its header. Throws a SourceError without the
 * name of the table: what is missing, what was found, and the remedy.
 */
export function shapeOf(line: string, mapping?: Mapping): TableShape {
  if (line.startsWith('{')) return jsonShape(line, mapping);
  const delimiter = mapping?.delimiter ?? likeliestDelimiter(line);
  const names = splitHeader(line, delimiter);
  refuseWhatCannotBeReplayed(names);
  if (mapping) return mappedShape(mapping, names, delimiter);
  const found = knownColumns(names);
  if (found.length < 2) throw new SourceError(`${describe(names)}. ${EXPECTED}`);
  return finish({ found, names, delimiter, format: formatOf(names) });
}

/** As shapeOf, for the `#fields` line of a Zeek log. */
export function zeekShape(line: string, delimiter: string): TableShape {
  const names = line.split(delimiter).slice(1);
  return finish({ found: knownColumns(names), names, delimiter, format: 'zeek' });
}

const EXPECTED =
  'Expected a header with columns such as src_ip, dst_ip, src_port, dst_port, protocol, those of CICIDS2017, or a Zeek conn.log. For other names give a mapping file with --mapping';

function describe(names: readonly string[]): string {
  const shown = names.slice(0, 4).map((name) => `"${printable(name)}"`);
  return `line 1 has no column that is known: it begins ${shown.join(', ')}`;
}

function printable(text: string): string {
  return text.slice(0, 40).replaceAll(/[^\x20-\x7e]/g, '?');
}

function likeliestDelimiter(line: string): string {
  const counts = ['\t', ',', ';', '|'].map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

function knownColumns(names: readonly string[]): Named[] {
  return names.flatMap((name, column) => {
    const known = knownColumn(name);
    return known ? [{ ...known, name, column }] : [];
  });
}

function formatOf(names: readonly string[]): FlowTableFormat {
  if (names.includes('id.orig_h')) return 'zeek';
  return names.some((name) => /^flow duration$/i.test(name)) ? 'cicids2017' : 'generic';
}

function refuseWhatCannotBeReplayed(names: readonly string[]): void {
  const isKdd = names.length >= KDD_COLUMNS[0] && names.length <= KDD_COLUMNS[1] && /^(tcp|udp|icmp)$/.test(names[1]!);
  if (!isKdd) return;
  throw new SourceError(
    'this is NSL-KDD (or KDD Cup 1999): its rows have neither addresses nor times, so they cannot be replayed as traffic. Use a table that has both, such as CICIDS2017 with its IP columns or a Zeek conn.log',
  );
}

function jsonShape(line: string, mapping?: Mapping): TableShape {
  const names = Object.keys(parseFirst(line));
  // A Zeek log leaves out what is not set, so the first line cannot tell all of its keys.
  const known = mapping
    ? []
    : FLOW_FIELDS.flatMap((field) => keysOf(field).map((name, i) => ({ field, name, column: i })));
  const found = mapping
    ? mappedColumns(mapping, undefined)
    : known.filter(({ field, name }) => isBestKey(field, name, names));
  return finish({
    found,
    names,
    delimiter: ',',
    format: mapping ? 'mapped' : jsonFormat(names),
    mapping,
    isJson: true,
  });
}

const ZEEK_KEYS: ReadonlySet<string> = new Set([
  'ts', 'duration', 'proto', 'orig_pkts', 'resp_pkts', 'orig_ip_bytes', 'resp_ip_bytes', 'orig_bytes', 'resp_bytes', 'conn_state', 'history',
]); // biome-ignore format: a list

function keysOf(field: FlowField): readonly string[] {
  return namesOf(field).map((name) => name.replace(/^id_(orig|resp)_/, 'id.$1_'));
}

/** Of the names of a field, the one that the first line uses; in a Zeek log, else Zeek's. */
function isBestKey(field: FlowField, name: string, names: readonly string[]): boolean {
  const used = keysOf(field).filter((key) => names.includes(key));
  return used.length > 0 ? used[0] === name : names.includes('id.orig_h') && ZEEK_KEYS.has(name);
}

function jsonFormat(names: readonly string[]): FlowTableFormat {
  return names.includes('id.orig_h') ? 'zeek-json' : 'generic';
}

function parseFirst(line: string): object {
  try {
    return JSON.parse(line) as object;
  } catch (error) {
    throw new SourceError(`line 1 begins like JSON but is none (${(error as Error).message}). Write one object a line`);
  }
}

function mappedShape(mapping: Mapping, names: readonly string[], delimiter: string): TableShape {
  return finish({ found: mappedColumns(mapping, names), names, delimiter, format: 'mapped', mapping });
}

function mappedColumns({ columns, hasHeader, path }: Mapping, names: readonly string[] | undefined): Named[] {
  return [...columns].map(([field, { column, unit }]) => {
    const isNumber = typeof column === 'number';
    const at = isNumber ? column - 1 : (names?.indexOf(column.trim()) ?? 0);
    if (at < 0 || (names && at >= names.length)) {
      const place = isNumber ? `has no column ${column}` : `has no column "${column}"`;
      throw new SourceError(`line 1 ${place}, which "${path}" names for ${field}. Found: ${list(names ?? [])}`);
    }
    if (!isNumber && !hasHeader)
      throw new SourceError(`"${path}" names the column "${column}" but says that there is no header. Give its number`);
    return { field, name: isNumber ? `column ${column}` : column, column: at, unit };
  });
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 30).map(printable).join(', ');
  return names.length > 30 ? `${shown}, …` : shown;
}

interface Findings {
  readonly found: readonly Named[];
  readonly names: readonly string[];
  readonly delimiter: string;
  readonly format: FlowTableFormat;
  readonly mapping?: Mapping | undefined;
  readonly isJson?: boolean;
}

function finish({ found, names, delimiter, format, mapping, isJson = false }: Findings): TableShape {
  if (names.length > MAX_COLUMNS) throw new SourceError(`line 1 has ${names.length} columns, more than ${MAX_COLUMNS}`);
  // The first of two columns of one meaning counts, as the names are tried from the left.
  const byField = new Map<FlowField, Named>();
  for (const named of found) if (!byField.has(named.field)) byField.set(named.field, named);
  for (const field of REQUIRED) if (!byField.has(field)) throw missing(field, names);
  const last = isJson ? -1 : Math.max(...[...byField.values()].map(({ column }) => column));
  const fieldOfColumn = new Int8Array(last + 1).fill(-1);
  if (!isJson) for (const { field, column } of byField.values()) fieldOfColumn[column] = FIELD[field];
  return {
    format,
    delimiter: delimiter.charCodeAt(0),
    fieldOfColumn,
    columnNames: new Map([...byField].map(([field, { name }]) => [field, name])),
    timeStyle: timeStyleOf(format, byField.get('time')?.unit, mapping),
    durationUnit: byField.get('duration')?.unit ?? 's',
    isJson,
    startsAtOnce: isJson || mapping?.hasHeader === false,
  };
}

function timeStyleOf(format: FlowTableFormat, unit: TimeUnit | undefined, mapping: Mapping | undefined): TimeStyle {
  // CICIDS2017 was made in Canada, with the day first and no halves of the day, between eight and five.
  if (format === 'cicids2017') return { order: 'day-first', isWorkingDay: true };
  return { unit, order: mapping?.columns.get('time')?.order };
}

function missing(field: FlowField, names: readonly string[]): SourceError {
  const known = namesOf(field).map((name) => `"${name}"`);
  return new SourceError(
    `line 1 has no column for the ${field} of a flow, without which it cannot be replayed: expected ${known.join(' or ')}, or another name given with --mapping. Found: ${list(names)}`,
  );
}
