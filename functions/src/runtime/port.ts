import type {
  Alert,
  Control,
  FeatureListName,
  FlowRecordTable,
  HostBatch,
  Incident,
  SensorBatch,
  SensorCounters,
  TrafficWindow,
} from '@weir/contracts';
import type { FeatureRows } from '../features/feature-rows.js';
import type { HostWindowFacts } from '../features/window-features.js';
import type { AlarmSettings } from '../score/config.js';
import type { Accusation } from '../score/list-scorer.js';
import type { Selection } from '../score/selection.js';

/**
 * A stateful function as both runtimes see it. `transition` has no clock, no randomness and no I/O: the same state and
 * input give the same state and outputs. State is owned by the runtime and changed in place, as copying a partition for
 * each batch would cost more than the work; what is passed to `emit` is valid until `emit` returns.
 */
export interface StatefulFunction<State, Input, Output> {
  /** First part of its addresses. */
  readonly name: 'flow' | 'host' | 'score' | 'incident';
  /** State of an address that has none. */
  initialState(address: string): State;
  transition(state: State, input: Input, emit: (output: Output) => void): void;
  /** State as bytes, with a layout version in front. */
  encode(state: State): Uint8Array;
  /** The state in `bytes`. Throws a LayoutError for another layout version or damaged bytes. */
  decode(bytes: Uint8Array): State;
  /** Says that a state is not used any more: what it holds outside the heap may serve another. */
  release?(state: State): void;
}

/** State bytes that this version cannot read. A retry cannot cure it. */
export class LayoutError extends Error {
  override readonly name = 'LayoutError';
}

/** What a flow partition sends on; a host batch goes to host partition `partition` as it is. */
export type FlowOutput =
  | { kind: 'host-batch'; partition: number; batch: HostBatch }
  | { kind: 'flow-records'; sensor: string; records: FlowRecordTable };

/** One message from a host partition, or the score partition, to an incident partition. */
export interface AlertBatch {
  /** Address of the sender, `host/<n>` or `score/0`. */
  upstream: string;
  /** Counts the times that this upstream began anew, from 0. */
  run: number;
  /** Counts the batches from this upstream to this partition from 0, in each run. */
  sequence: number;
  /** No later batch from this upstream has an alert detected before this second. */
  watermarkS: number;
  alerts: readonly Alert[];
}

/** Processing time, told every few seconds by runtimes whose sensors are live. */
export interface Tick {
  kind: 'tick';
  /** Unix epoch, ms by the clock. */
  nowMs: number;
}

/** What a host partition takes: contributions, time, and wishes of the operator. */
export type HostInput = { kind: 'host-batch'; batch: HostBatch } | Tick | Control;

/** Names one of the batches that a flow partition sends to every host partition. */
export interface RowMark {
  /** Address of the flow partition. */
  upstream: string;
  /** Run of its sensor, and number of the batch in it. */
  epoch: number;
  sequence: number;
}

/** Rows of features from a flow partition; with no rows where nothing ended. */
export interface ScoreRows {
  /** Address of the sender, `flow/<sensor>/<n>`. */
  upstream: string;
  epoch: number;
  /** Numbers of the first and last batch to hosts with which they were made. */
  first: number;
  last: number;
  rows: ReadonlyMap<FeatureListName, FeatureRows>;
}

/** What a host partition tells those who score. */
export interface ScoreTime {
  /** Address of the sender, `host/<n>`. */
  upstream: string;
  run: number;
  watermarkS: number;
  /** Whom detectors have accused since. */
  accusations: readonly Accusation[];
  /** Windows of hosts that have closed since, where a model looks at them. */
  windows: readonly HostWindowFacts[];
  /** Batches of flows that count from now on. Told by the first host partition alone. */
  passed: readonly RowMark[];
}

/** What the score partition takes; the models that are to score from now on, or beside them, are told all together. */
export type ScoreInput =
  | { kind: 'score-rows'; batch: ScoreRows }
  | { kind: 'score-time'; batch: ScoreTime }
  | { kind: 'use-models'; selections: readonly Selection[] }
  | { kind: 'shadow-models'; selections: readonly Selection[] }
  | { kind: 'alarm-settings'; alarms: AlarmSettings };

/** What the score partition sends on. */
export type ScoreOutput = { kind: 'alert-batch'; partition: number; batch: AlertBatch };

/** What an incident partition takes. */
export type IncidentInput = { kind: 'alert-batch'; batch: AlertBatch } | Control;

/** What a host partition sends on. */
export type HostOutput =
  | { kind: 'alert-batch'; partition: number; batch: AlertBatch }
  | { kind: 'window-closed'; window: TrafficWindow };

/** What an incident partition sends on: each restatement in full. */
export type IncidentOutput = {
  kind: 'incident-opened' | 'incident-updated' | 'incident-closed';
  incident: Incident;
};

/** Where the results of a run go. Called in a deterministic order; what tables are passed is valid until the call returns. */
export interface RuntimeSink {
  incident(change: IncidentOutput): void;
  flowRecords?(sensor: string, records: FlowRecordTable): void;
  window?(window: TrafficWindow): void;
  sensorCounters?(sensor: string, counters: SensorCounters): void;
}

/** Carries batches through the functions. Adapters: embedded (one process), and Stateful Functions on Flink. */
export interface Runtime {
  /** Takes one batch; it may be reused by the caller when this returns. */
  deliver(batch: SensorBatch): void;
}
