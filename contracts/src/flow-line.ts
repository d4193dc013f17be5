import { formatAddress } from './addresses.js';
import type { AddressColumn, BytesColumn, ColumnType } from './columns.js';
import { FLOW_RECORD_COLUMNS, FlowRecordKind, type FlowRecordTable, flowOutcomeName } from './flow-record.js';
import { flowCommunityId } from './flow-summary.js';

/** One cell of a flow record: first sizes and gaps are lists. */
type FlowCell = string | number | readonly number[];

/** A flow record with readable addresses and names, and the figures that follow from its columns. */
export type FlowLine = Readonly<Record<string, FlowCell>>;

/** Row `row` of `records` as one object: sensor, Community ID, the declared columns, then derived figures. */
export function flowLine(sensor: string, records: FlowRecordTable, row: number): FlowLine {
  const line: Record<string, FlowCell> = { sensor, communityId: flowCommunityId(records, row) };
  for (const { name, type } of FLOW_RECORD_COLUMNS) line[name] = readCell(name, type, records, row);
  return Object.assign(line, derivedFigures(records, row));
}

function readCell(name: string, type: ColumnType, records: FlowRecordTable, row: number): FlowCell {
  const column = (records.columns as Record<string, unknown>)[name];
  if (type === 'address') return formatAddress((column as AddressColumn).bytes, row * 16);
  if (type === 'bytes') return readNumbers(name, column as BytesColumn, row);
  const value = (column as ArrayLike<number>)[row]!;
  if (name === 'outcome') return flowOutcomeName(value);
  return name === 'kind' ? recordKindName(value) : value;
}

/** `firstSizes` holds little-endian int16, `firstGaps` little-endian float32. */
function readNumbers(name: string, column: BytesColumn, row: number): number[] {
  const start = column.offsets[row]!;
  const length = column.offsets[row + 1]! - start;
  const view = new DataView(column.data.buffer, column.data.byteOffset + start, length);
  return name === 'firstSizes'
    ? Array.from({ length: length >> 1 }, (_, i) => view.getInt16(2 * i, true))
    : Array.from({ length: length >> 2 }, (_, i) => Number(view.getFloat32(4 * i, true).toFixed(3)));
}

const RECORD_KIND_NAMES = Object.fromEntries(Object.entries(FlowRecordKind).map(([name, code]) => [code, name]));

function recordKindName(kind: number): string {
  return RECORD_KIND_NAMES[kind] ?? 'unknown';
}

/**
 * Totals and rates of a flow. `packetsPerSecond` is 0 for a flow of no duration; `retransmissionRate` is retransmitted
 * packets over all its packets.
 */
function derivedFigures({ columns: c }: FlowRecordTable, row: number): Record<string, number> {
  const packets = c.originatorPackets[row]! + c.responderPackets[row]!;
  const bytes = c.originatorBytes[row]! + c.responderBytes[row]!;
  const durationS = (c.endUs[row]! - c.startUs[row]!) / 1e6;
  const retransmissions = c.originatorRetransmissions[row]! + c.responderRetransmissions[row]!;
  return {
    packets,
    bytes,
    durationS,
    bytesPerPacket: ratio(bytes, packets),
    packetsPerSecond: ratio(packets, durationS),
    retransmissionRate: ratio(retransmissions, packets),
  };
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
