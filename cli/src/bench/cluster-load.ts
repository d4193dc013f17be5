import { Decoder, isFlowTable, openFlowTable } from '@weir/capture-agent';
import type { SensorBatch } from '@weir/contracts';
import { DEFAULT_DETECTION_CONFIG } from '@weir/functions';
import { createRuntime, runAgent } from '../pipeline.js';
import { runFlowTable } from '../pipeline-flow-table.js';
import { createRepeatedSource } from './repeated-source.js';
import { createSteadySource } from './steady-source.js';

/** Name of the sensor that sends. */
export const BENCH_SENSOR = 'bench';

/** What is sent through a cluster, and how. */
export interface ClusterLoad {
  /** A capture file, or a flow table: then what is counted are rows. */
  readonly path: string;
  /** How often a capture is read, each time later. A table is read once: its times cannot be moved. */
  readonly repeat: number;
  /** Flow partitions: addresses that the flows are spread over. */
  readonly partitions: number;
  /** Packets after which a round of batches goes out, over all partitions. */
  readonly maxBatchPackets: number;
  /** Packets a second, evenly; undefined: as fast as the cluster takes them. */
  readonly packetsPerSecond?: number;
  /** Longest that a batch waits to fill, where there is a pace. Unit: ms. */
  readonly tickMs: number;
}

/** What one process finds in the same packets, and how long that took. */
export interface EmbeddedResult {
  readonly unit: 'packets' | 'rows';
  readonly packets: number;
  readonly cpuSeconds: number;
  /** Ids and revisions of the final incidents. */
  readonly incidents: ReadonlyMap<string, number>;
}

/** How a load is read. */
export interface LoadRun {
  /** Run of the sensor. */
  readonly epoch: number;
  readonly ready: () => Promise<void>;
}

/** Runs the load in this process. */
export async function runEmbedded(load: ClusterLoad): Promise<EmbeddedResult> {
  const before = process.cpuUsage();
  const incidents = new Map<string, number>();
  const runtime = createRuntime(
    { config: DEFAULT_DETECTION_CONFIG, sensor: BENCH_SENSOR, flowPartitions: 1 },
    { incident: ({ incident }) => void incidents.set(incident.id, incident.revision) },
  );
  const { packetsPerSecond: _, ...unpaced } = load;
  const plain = { ...unpaced, partitions: 1, maxBatchPackets: 4096 };
  const run = { epoch: 0, ready: () => Promise.resolve() };
  const packets = await readLoad(plain, run, (batch) => runtime.deliver(batch));
  const { user, system } = process.cpuUsage(before);
  const unit = (await isFlowTable(load.path)) ? 'rows' : 'packets';
  return { unit, packets, cpuSeconds: (user + system) / 1e6, incidents };
}

/** Reads the load as batches. Resolves with the number of packets, or rows. Rejects with a SourceError. */
export async function readLoad(load: ClusterLoad, run: LoadRun, emit: (batch: SensorBatch) => void): Promise<number> {
  return (await isFlowTable(load.path)) ? readTable(load, run, emit) : readCapture(load, run, emit);
}

async function readCapture(load: ClusterLoad, { epoch, ready }: LoadRun, emit: (batch: SensorBatch) => void) {
  const { path, repeat, maxBatchPackets, partitions, tickMs, packetsPerSecond } = load;
  const plain = createRepeatedSource(path, repeat);
  const isPaced = packetsPerSecond !== undefined;
  const source = isPaced ? createSteadySource(plain, packetsPerSecond) : plain;
  // By the clock, as a live agent does.
  const clock = { everyMs: tickMs, elapsedMs: () => performance.now(), nowMs: () => Date.now() };
  const tick = isPaced ? clock : 'none';
  const decoder = new Decoder();
  const options = { ...always(), source, decoder, maxBatchPackets, partitions, tick, epoch, ready } as const;
  const { packets } = await runAgent(options, emit);
  return packets;
}

async function readTable(load: ClusterLoad, { epoch, ready }: LoadRun, emit: (batch: SensorBatch) => void) {
  const table = await openFlowTable(load.path, { mappingPath: undefined, skipBadRows: true, rowGapUs: 1000 });
  const { partitions, maxBatchPackets: maxBatchRows } = load;
  const run = { ...always(), table, partitions, maxBatchRows, delayMs: 0, epoch, ready };
  const { packets } = await runFlowTable({ ...run, sleepMs: () => Promise.resolve() }, emit);
  return packets;
}

function always() {
  const { allowedLatenessMs } = DEFAULT_DETECTION_CONFIG;
  return { allowedLatenessMs, sensor: BENCH_SENSOR, stop: new AbortController().signal };
}
