import type { FlowPartitionCounters, SensorCounters } from '@weir/contracts';
import { NO_COUNTERS } from '@weir/contracts';
import { ByteReader, ByteWriter } from '../features/state-bytes.js';
import { LayoutError } from '../runtime/port.js';
import type { FlowConfig } from './config.js';
import { FirstPackets } from './sequences.js';
import { FlowTable } from './table.js';

const LAYOUT_VERSION = 1;

/** State of `flow/<sensor>/<n>`: everything the partition knows between two batches. */
export interface FlowPartitionState {
  address: string;
  sensor: string;
  table: FlowTable;
  firstPackets: FirstPackets;
  /** Sequence expected of the next batch. */
  nextSequence: number;
  /** Sequence of the next batch to each host partition. */
  nextHostSequence: number;
  /** Second up to which event time has come; 0 before the first packet. */
  watermarkS: number;
  /** Latest second that a packet lay in. */
  newestS: number;
  /** Rows with pane contents, by second. */
  touched: Map<number, number[]>;
  counters: FlowPartitionCounters;
  sensorCounters: SensorCounters;
}

export const NO_FLOW_COUNTERS: FlowPartitionCounters = {
  packets: 0,
  bytes: 0,
  nonIpPackets: 0,
  flowsStarted: 0,
  flowsEnded: 0,
  flowsEvicted: 0,
  flowsLive: 0,
  batchesMissing: 0,
  batchesRepeated: 0,
};

/** State of an address `flow/<sensor>/<n>` that has seen nothing. */
export function initialFlowState(address: string, config: FlowConfig): FlowPartitionState {
  return {
    address,
    sensor: address.split('/')[1] ?? '',
    table: new FlowTable(config.maxFlows),
    firstPackets: new FirstPackets(Math.ceil(config.maxFlows / 2)),
    nextSequence: 0,
    nextHostSequence: 0,
    watermarkS: 0,
    newestS: 0,
    touched: new Map(),
    counters: { ...NO_FLOW_COUNTERS },
    sensorCounters: { ...NO_COUNTERS },
  };
}

/** The state as bytes: layout version, scalars as JSON, then the tables as they lie. */
export function encodeFlowState(state: FlowPartitionState): Uint8Array {
  const { table, firstPackets, touched, ...scalars } = state;
  const writer = new ByteWriter();
  writer.u32(LAYOUT_VERSION);
  writer.string(JSON.stringify({ ...scalars, touched: [...touched] }));
  table.encode(writer);
  firstPackets.encode(writer);
  return writer.finish();
}

/** The state in `bytes`. Throws a LayoutError for another layout version or damaged bytes. */
export function decodeFlowState(bytes: Uint8Array, config: FlowConfig): FlowPartitionState {
  const reader = new ByteReader(bytes);
  const version = reader.u32();
  if (version !== LAYOUT_VERSION)
    throw new LayoutError(`flow state has layout ${version}; this version reads ${LAYOUT_VERSION}`);
  const { touched, ...scalars } = JSON.parse(reader.string());
  const table = FlowTable.decode(reader, config.maxFlows);
  const firstPackets = FirstPackets.decode(reader, Math.ceil(config.maxFlows / 2));
  return { ...scalars, touched: new Map(touched), table, firstPackets };
}
