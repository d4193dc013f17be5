import type { FlowPartitionCounters, SensorCounters } from '@weir/contracts';
import { NO_COUNTERS } from '@weir/contracts';
import { openState, sealState } from '../features/sealed-state.js';
import type { ByteReader } from '../features/state-bytes.js';
import type { FlowConfig } from './config.js';
import type { FlowCore } from './core.js';
import { readCore, writeCore } from './core-bytes.js';

const LAYOUT_VERSION = 3;

/** State of `flow/<sensor>/<n>`: everything the partition knows between two batches. */
export interface FlowPartitionState {
  address: string;
  sensor: string;
  /** The flows, and how far event time has come. */
  core: FlowCore;
  /** Flow partitions that the sensor fills. */
  partitions: number;
  /** Run of the sensor; −1 before its first batch. */
  epoch: number;
  /** Sequence expected of the next batch. */
  nextSequence: number;
  /** Sequence of the next batch to each host partition. */
  nextHostSequence: number;
  /** Second up to which event time has come; 0 before the first packet. */
  watermarkS: number;
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
export function initialFlowState(address: string, core: FlowCore): FlowPartitionState {
  return {
    address,
    sensor: address.split('/')[1] ?? '',
    core,
    partitions: 1,
    epoch: -1,
    nextSequence: 0,
    nextHostSequence: 0,
    watermarkS: 0,
    counters: { ...NO_FLOW_COUNTERS },
    sensorCounters: { ...NO_COUNTERS },
  };
}

/** The state as bytes: scalars as JSON, then the flows. */
export function encodeFlowState({ core, ...scalars }: FlowPartitionState): Uint8Array {
  return sealState(LAYOUT_VERSION, (writer) => {
    writer.string(JSON.stringify(scalars));
    writeCore(core, writer);
  });
}

/** The state in `bytes`, in `core`, which is new. Throws a LayoutError for another layout version or damaged bytes. */
export function decodeFlowState(bytes: Uint8Array, core: FlowCore, config: FlowConfig): FlowPartitionState {
  return openState(bytes, 'flow', { version: LAYOUT_VERSION, read: (reader) => readFlowState(reader, core, config) });
}

function readFlowState(reader: ByteReader, core: FlowCore, config: FlowConfig): FlowPartitionState {
  const scalars = JSON.parse(reader.string());
  readCore(core, reader, config);
  return { ...scalars, core };
}
