import { type SensorCounters, WINDOW_LENGTHS_S } from '@weir/contracts';
import { DistinctSets } from '../features/distinct-sets.js';
import { ByteReader, ByteWriter } from '../features/state-bytes.js';
import { TopPeers } from '../features/top-k.js';
import { LayoutError } from '../runtime/port.js';
import type { HostConfig } from './config.js';
import { createKeyedDetectors, type KeyedDetector } from './detectors/index.js';
import { HostTable } from './hosts.js';
import { PaneQueue } from './pane-queue.js';
import type { Statements } from './statements.js';

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
  /** What each sensor has counted, the latest. */
  sensorCounters: Map<string, SensorCounters>;
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
export function initialHostState(address: string, config: HostConfig): HostPartitionState {
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
    sensorCounters: new Map(),
    watermarkS: 0,
    windowStartS: WINDOW_LENGTHS_S.map(() => 0),
    statements: new Map(),
    keyed: createKeyedDetectors(config, sets),
    nextSequence: 0,
  };
}

const LAYOUT_VERSION = 1;

/** The state as bytes: layout version, scalars as JSON, then the tables as they lie. Between calls no pane is open. */
export function encodeHostState(state: HostPartitionState): Uint8Array {
  const { sets, peers, hosts, queues, keyed, ...rest } = state;
  const writer = new ByteWriter();
  writer.u32(LAYOUT_VERSION);
  const scalars = {
    ...rest,
    sensorCounters: [...state.sensorCounters],
    statements: [...state.statements],
    keyed: keyed.map((detector) => detector.counts.snapshot()),
  };
  writer.string(JSON.stringify(scalars));
  sets.encode(writer);
  peers.encode(writer);
  hosts.encode(writer);
  writer.u32(queues.size);
  for (const [upstream, queue] of queues) {
    writer.string(upstream);
    queue.encode(writer);
  }
  return writer.finish();
}

/** The state in `bytes`. Throws a LayoutError for another layout version or damaged bytes. */
export function decodeHostState(bytes: Uint8Array, config: HostConfig): HostPartitionState {
  const reader = new ByteReader(bytes);
  const version = reader.u32();
  if (version !== LAYOUT_VERSION)
    throw new LayoutError(`host state has layout ${version}; this version reads ${LAYOUT_VERSION}`);
  const scalars = JSON.parse(reader.string());
  const sets = DistinctSets.decode(reader, setBounds(config));
  const peers = TopPeers.decode(reader, peerBounds(config));
  const hosts = HostTable.decode(reader, config.maxHosts, { sets, peers });
  const keyed = createKeyedDetectors(config, sets);
  keyed.forEach((detector, k) => {
    detector.counts.restore(scalars.keyed[k]);
  });
  const queues = new Map<string, PaneQueue>();
  for (let left = reader.u32(); left > 0; left--) queues.set(reader.string(), PaneQueue.decode(reader));
  const sensorCounters = new Map<string, SensorCounters>(scalars.sensorCounters);
  return {
    ...scalars,
    sets,
    peers,
    hosts,
    keyed,
    queues,
    sensorCounters,
    statements: new Map(scalars.statements),
  };
}

function peerBounds(config: HostConfig) {
  return { maxSummaries: (config.maxHosts + 1) * WINDOW_LENGTHS_S.length };
}

function setBounds(config: HostConfig) {
  return { maxSets: config.maxHosts * 16, maxSketches: Math.ceil(config.maxHosts / 4) };
}
