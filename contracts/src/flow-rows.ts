import { ColumnTable } from './columns.js';
import type { BatchHeader, PacketBatch, SensorCounters } from './packet-batch.js';

const directed = <const P extends string>(prefix: P, who: string) =>
  [
    { name: `${prefix}Packets`, type: 'f64', unit: 'packet', meaning: `Packets sent by the ${who}; 0 when not told.` },
    {
      name: `${prefix}Bytes`,
      type: 'f64',
      unit: 'byte',
      meaning: `Bytes on the wire sent by the ${who}, as the table counts them, or its payload with headers estimated.`,
    },
    {
      name: `${prefix}PayloadBytes`,
      type: 'f64',
      unit: 'byte',
      meaning: `Transport payload sent by the ${who}, as the table counts it, or its bytes with headers taken off.`,
    },
  ] as const;

/** One row a whole flow, as another program has told it in a flow table. */
export const FLOW_ROW_COLUMNS = [
  {
    name: 'timeUs',
    type: 'f64',
    unit: 'µs since 1970-01-01 UTC',
    meaning:
      'Start of the flow, whole microseconds. A row older than the watermark at its arrival is given the watermark.',
  },
  {
    name: 'watermarkS',
    type: 'u32',
    unit: 's since 1970-01-01 UTC',
    meaning: 'The sensor watermark when this row came: no row from here on has timeUs before it.',
  },
  { name: 'durationUs', type: 'f64', unit: 'µs', meaning: 'First to last packet; 0 when not told.' },
  { name: 'originatorAddress', type: 'address', unit: '1', meaning: 'Who began the flow: the source of the row.' },
  { name: 'responderAddress', type: 'address', unit: '1', meaning: 'Who was addressed: the destination of the row.' },
  { name: 'originatorPort', type: 'u16', unit: '1', meaning: 'Port, or ICMP type; 0 when not told.' },
  { name: 'responderPort', type: 'u16', unit: '1', meaning: 'Port, or ICMP code; 0 when not told.' },
  { name: 'protocol', type: 'u8', unit: '1', meaning: 'IANA protocol number; 0 when the table does not know.' },
  ...directed('originator', 'originator'),
  ...directed('responder', 'responder'),
  { name: 'responderKnown', type: 'u8', unit: '1', meaning: '1 when the table tells what the responder sent, else 0.' },
  { name: 'tcpFlags', type: 'u8', unit: '1', meaning: 'TcpFlag bits seen in either direction; 0 when not told.' },
  { name: 'outcome', type: 'u8', unit: '1', meaning: '0 not told, else FlowOutcome + 1.' },
  { name: 'flowHash', type: 'u32', unit: '1', meaning: 'As in packets (hashFlow). Chooses the partition.' },
  { name: 'conformance', type: 'u32', unit: '1', meaning: 'ConformanceBreach bits: whether the row came late.' },
] as const;

/** Rows of a flow table in columns. */
export type FlowRowTable = ColumnTable<typeof FLOW_ROW_COLUMNS>;

/** A message of the `packets` topic that brings whole flows. Its counters count rows where others count packets. */
export interface FlowRowBatch {
  header: BatchHeader;
  counters: SensorCounters;
  rows: FlowRowTable;
}

/** Whatever a sensor sends: packets, or flows that another program has already put together. */
export type SensorBatch = PacketBatch | FlowRowBatch;

/** Whether a batch holds flow rows rather than packets. */
export function isFlowRowBatch(batch: SensorBatch): batch is FlowRowBatch {
  return 'rows' in batch;
}

/** An empty table with room for `capacity` flow rows. */
export function createFlowRowTable(capacity: number): FlowRowTable {
  return new ColumnTable(FLOW_ROW_COLUMNS, capacity);
}
