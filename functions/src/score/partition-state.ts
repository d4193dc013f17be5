import { FEATURE_LIST_NAMES, type FeatureListName } from '@weir/contracts';
import type { FeatureRows } from '../features/feature-rows.js';
import { openState, sealState } from '../features/sealed-state.js';
import { ByteReader, ByteWriter } from '../features/state-bytes.js';
import type { ScoreRows, ScoreTime } from '../runtime/port.js';
import { readFeatureRows, writeFeatureRows } from './feature-row-bytes.js';
import { Scoring } from './index.js';
import type { ScoreSettings } from './partition.js';

/** Version of what `encodeScorePartition` writes. */
const LAYOUT_VERSION = 2;

/** What is known of one host partition. */
export interface HostProgress {
  /** No further alert or window of it belongs before this second; 0 before it has spoken. */
  watermarkS: number;
  /** What it said and rows or other hosts must still catch up with, in order. */
  waiting: ScoreTime[];
}

/** What is known of one flow partition. */
export interface FlowProgress {
  /** The newest of its batches whose rows were taken: run of the sensor, and number. */
  epoch: number;
  sequence: number;
  /** Rows that came before the host that they belong to had taken their batch, in order. */
  waiting: ScoreRows[];
}

/** What went wrong or was cut short, since the start. */
export interface ScorePartitionCounters {
  /** Hosts were followed although rows were missing, as too much waited. */
  rowsGivenUp: number;
}

/** State of the one score partition, `score/0`: what models know and what waits. */
export interface ScorePartitionState {
  scoring: Scoring;
  /** What the settings said of models and alarms when this was written: other settings choose anew. */
  configured: string;
  /** In order of their names; part of the alerts' context. */
  sensors: string[];
  /** How often time began anew. */
  run: number;
  /** Of the next batch of alerts. */
  sequence: number;
  /** What was told to the incidents. */
  toldS: number;
  hosts: Map<string, HostProgress>;
  flows: Map<string, FlowProgress>;
  counters: ScorePartitionCounters;
}

/** A partition that has heard nothing yet, with the models of the settings. */
export function initialScorePartition(settings: ScoreSettings): ScorePartitionState {
  const sensors = [...settings.sensors].sort();
  return {
    scoring: scoringOf(settings, sensors),
    configured: configuredBy(settings),
    sensors,
    run: 0,
    sequence: 0,
    toldS: 0,
    hosts: new Map(settings.hosts.map((address) => [address, { watermarkS: 0, waiting: [] }])),
    flows: new Map(),
    counters: { rowsGivenUp: 0 },
  };
}

function scoringOf(
  { selections, alarms, flow, allowedLatenessMs }: ScoreSettings,
  sensors: readonly string[],
): Scoring {
  return new Scoring({ selections, alarms }, { settings: flow, context: { allowedLatenessMs, sensors } });
}

function configuredBy({ selections, alarms }: ScoreSettings): string {
  return JSON.stringify([selections.map(({ id }) => id), alarms]);
}

/** One buffer serves all. */
const rowWriter = new ByteWriter(1 << 16);

/** The state as bytes. */
export function encodeScorePartition(state: ScorePartitionState): Uint8Array {
  const { scoring, hosts, flows, ...plain } = state;
  const marks = [...flows].map(([address, { epoch, sequence, waiting }]) => [
    address,
    { epoch, sequence, waiting: waiting.map(({ rows: _, ...mark }) => mark) },
  ]);
  return sealState(LAYOUT_VERSION, (writer) => {
    writer.string(JSON.stringify({ ...plain, hosts: [...hosts], flows: marks }));
    for (const { waiting } of flows.values()) for (const { rows } of waiting) writer.bytes(encodeRowLists(rows));
    scoring.write(writer);
  });
}

/** The state in `bytes`. Throws a LayoutError for another layout version or damaged bytes. */
export function decodeScorePartition(bytes: Uint8Array, settings: ScoreSettings): ScorePartitionState {
  const state = openState(bytes, 'score', {
    version: LAYOUT_VERSION,
    read: (reader) => readPartition(reader, settings),
  });
  // Their number may have changed since; time waits for those that are there now.
  const known = state.hosts;
  state.hosts = new Map(
    settings.hosts.map((address) => [address, known.get(address) ?? { watermarkS: 0, waiting: [] }]),
  );
  const configured = configuredBy(settings);
  if (state.configured !== configured) {
    state.scoring.use(settings.selections);
    state.scoring.useAlarms(settings.alarms);
    state.configured = configured;
  }
  return state;
}

function readPartition(reader: ByteReader, settings: ScoreSettings): ScorePartitionState {
  const { hosts, flows, ...plain } = JSON.parse(reader.string());
  const state: ScorePartitionState = { ...plain, hosts: new Map(hosts), flows: new Map(flows) };
  for (const { waiting } of state.flows.values())
    for (const mark of waiting) mark.rows = decodeRowLists(reader.bytes());
  state.scoring = scoringOf(settings, state.sensors);
  state.scoring.read(reader, settings.find);
  return state;
}

/** Rows by feature list, as bytes. */
export function encodeRowLists(lists: ReadonlyMap<FeatureListName, FeatureRows>): Uint8Array {
  rowWriter.clear();
  rowWriter.u8(lists.size);
  for (const [list, rows] of lists) {
    rowWriter.u8(FEATURE_LIST_NAMES.indexOf(list));
    writeFeatureRows(rowWriter, rows);
  }
  return rowWriter.finish();
}

/** What `encodeRowLists` wrote. Throws a ContractError or LayoutError. */
export function decodeRowLists(bytes: Uint8Array): Map<FeatureListName, FeatureRows> {
  const reader = new ByteReader(bytes);
  const lists = new Map<FeatureListName, FeatureRows>();
  for (let left = reader.u8(); left > 0; left--) {
    const list = FEATURE_LIST_NAMES[reader.u8()];
    if (list === undefined) throw new RangeError('rows of a feature list that this release does not have');
    lists.set(list, readFeatureRows(reader, list));
  }
  reader.expectEnd();
  return lists;
}
