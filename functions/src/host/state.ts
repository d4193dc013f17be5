import { type SensorCounters, WINDOW_LENGTHS_S } from '@weir/contracts';
import { DistinctSets } from '../features/distinct-sets.js';
import { openState, sealState } from '../features/sealed-state.js';
import type { ByteReader, ByteWriter } from '../features/state-bytes.js';
import { TopPeers } from '../features/top-k.js';
import type { HostConfig } from './config.js';
import { createKeyedDetectors, type KeyedDetector } from './detectors/index.js';
import { HostTable } from './hosts.js';
import { PaneQueue } from './pane-queue.js';
import type { ClockApart } from './sensor-clocks.js';
import type { SensorLook } from './sensor-looks.js';
import type { SensorSides } from './sensor-sides.js';
import type { Statements } from './statements.js';

/** What went wrong or was cut short, since the start. */
export interface HostCounters {
  /** Dropped: of an upstream that cannot be, or for which there is no room. */
  batchesRefused: number;
  /** Times that an upstream far behind the others was no longer waited for, as too much waited for it. */
  upstreamsReleased: number;
  /** Controls whose settings were not valid. */
  controlsRefused: number;
}

/** State of `host/<n>`. */
export interface HostPartitionState {
  address: string;
  partition: number;
  sets: DistinctSets;
  peers: TopPeers;
  hosts: HostTable;
  /** Rows with a block, by window; the shortest window's are kept by the host table. */
  active: number[][];
  /** What each upstream has sent ahead of event time, in the order of their names. */
  queues: Map<string, PaneQueue>;
  /** By upstream, its sensor's next runs in order, as the end of the one under way has not come from all upstreams. */
  nextRuns: Map<string, PaneQueue[]>;
  /** Times that the partition began anew. */
  run: number;
  /** Names of the sensors, in the order in which they joined; the index of each is its bit in what was counted of it. */
  sensors: string[];
  /** Time of the last tick, ms by the clock; 0 before the first. */
  tickedAtMs: number;
  /** Sensors that were told to be silent, and were not heard since. */
  silentSensors: Set<string>;
  /** Thresholds that hold in place of the configured ones, as the controls said. */
  thresholds: Record<string, unknown>;
  counters: HostCounters;
  /** What each sensor has counted, the latest. */
  sensorCounters: Map<string, SensorCounters>;
  /** By upstream, batches of its sensor that never came there. */
  batchesMissing: Map<string, number>;
  /** What each sensor had told when it was last looked at. */
  looks: Map<string, SensorLook>;
  /** Which sides of connections each sensor sees. */
  sides: Map<string, SensorSides>;
  clocksApart: Map<string, ClockApart>;
  /** Hosts that had given way in a full table when that was last looked at. */
  hostsForgotten: number;
  /** Panes before this second are closed. */
  watermarkS: number;
  /** Start of each open window, by window. */
  windowStartS: number[];
  /** By detector, window and host. */
  statements: Statements;
  keyed: KeyedDetector[];
  nextSequence: number;
}

/** State of an address `host/<n>` that has seen nothing. */
export function initialHostState(
  address: string,
  config: HostConfig,
  createDetectors: typeof createKeyedDetectors = createKeyedDetectors,
): HostPartitionState {
  const sets = new DistinctSets(setBounds(config));
  const peers = new TopPeers(peerBounds(config));
  return {
    address,
    partition: Number(address.split('/')[1]),
    sets,
    peers,
    hosts: new HostTable(config.maxHosts, sets, peers),
    active: WINDOW_LENGTHS_S.map(() => []),
    queues: new Map(),
    nextRuns: new Map(),
    run: 0,
    sensors: [],
    tickedAtMs: 0,
    silentSensors: new Set(),
    thresholds: {},
    counters: { batchesRefused: 0, upstreamsReleased: 0, controlsRefused: 0 },
    sensorCounters: new Map(),
    batchesMissing: new Map(),
    looks: new Map(),
    sides: new Map(),
    clocksApart: new Map(),
    hostsForgotten: 0,
    watermarkS: 0,
    windowStartS: WINDOW_LENGTHS_S.map(() => 0),
    statements: new Map(),
    keyed: createDetectors(config, sets),
    nextSequence: 0,
  };
}

const LAYOUT_VERSION = 9;

/** The state as bytes: scalars as JSON, then the tables. Between calls no pane is open. */
export function encodeHostState(state: HostPartitionState): Uint8Array {
  const { sets, peers, hosts, queues, nextRuns, keyed, ...rest } = state;
  const scalars = {
    ...rest,
    silentSensors: [...state.silentSensors],
    sensorCounters: [...state.sensorCounters],
    batchesMissing: [...state.batchesMissing],
    looks: [...state.looks],
    sides: [...state.sides],
    clocksApart: [...state.clocksApart],
    statements: [...state.statements],
    keyed: keyed.map((detector) => detector.counts.snapshot()),
  };
  return sealState(LAYOUT_VERSION, (writer) => {
    writer.string(JSON.stringify(scalars));
    sets.encode(writer);
    peers.encode(writer);
    hosts.encode(writer);
    encodeQueues(writer, [...queues]);
    encodeQueues(
      writer,
      [...nextRuns].flatMap(([upstream, runs]) => runs.map((run) => [upstream, run] as const)),
    );
  });
}

function encodeQueues(writer: ByteWriter, queues: readonly (readonly [string, PaneQueue])[]): void {
  writer.u32(queues.length);
  for (const [upstream, queue] of queues) {
    writer.string(upstream);
    queue.encode(writer);
  }
}

/** The state in `bytes`. Throws a LayoutError for another layout version or damaged bytes. */
export function decodeHostState(bytes: Uint8Array, config: HostConfig): HostPartitionState {
  return openState(bytes, 'host', { version: LAYOUT_VERSION, read: (reader) => readHostState(reader, config) });
}

function readHostState(reader: ByteReader, config: HostConfig): HostPartitionState {
  const scalars = JSON.parse(reader.string());
  const sets = DistinctSets.decode(reader, setBounds(config));
  const peers = TopPeers.decode(reader, peerBounds(config));
  const hosts = HostTable.decode(reader, config.maxHosts, { sets, peers });
  const keyed = createKeyedDetectors(config, sets);
  keyed.forEach((detector, k) => {
    detector.counts.restore(scalars.keyed[k]);
  });
  const queues = new Map(decodeQueues(reader));
  const nextRuns = new Map<string, PaneQueue[]>();
  for (const [upstream, run] of decodeQueues(reader)) nextRuns.set(upstream, [...(nextRuns.get(upstream) ?? []), run]);
  const ofSensors = {
    silentSensors: new Set<string>(scalars.silentSensors),
    sensorCounters: new Map<string, SensorCounters>(scalars.sensorCounters),
    batchesMissing: new Map<string, number>(scalars.batchesMissing),
    looks: new Map<string, SensorLook>(scalars.looks),
    sides: new Map<string, SensorSides>(scalars.sides),
    clocksApart: new Map<string, ClockApart>(scalars.clocksApart),
  };
  const statements: Statements = new Map(scalars.statements);
  return { ...scalars, ...ofSensors, sets, peers, hosts, keyed, queues, nextRuns, statements };
}

function decodeQueues(reader: ByteReader): [string, PaneQueue][] {
  const queues: [string, PaneQueue][] = [];
  for (let left = reader.u32(); left > 0; left--) queues.push([reader.string(), PaneQueue.decode(reader)]);
  return queues;
}

function peerBounds(config: HostConfig) {
  return { maxSummaries: (config.maxHosts + 1) * WINDOW_LENGTHS_S.length };
}

function setBounds(config: HostConfig) {
  return { maxSets: config.maxHosts * 16, maxSketches: Math.ceil(config.maxHosts / 4) };
}
