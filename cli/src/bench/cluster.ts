import {
  type Broker,
  connectKafka,
  createPacedReplay,
  Decoder,
  type IncomingMessage,
  type KafkaSettings,
  KafkaSink,
  type MessageReader,
  type PacketSource,
} from '@weir/capture-agent';
import { encodePacketBatch, type Incident, type PacketBatch, Topic } from '@weir/contracts';
import { DEFAULT_DETECTION_CONFIG } from '@weir/functions';
import { MACHINE_CLOCK } from '../agent/send-to-kafka.js';
import { UsageError } from '../errors.js';
import { runAgent, runDetection } from '../pipeline.js';
import { createRepeatedSource } from './repeated-source.js';

/** What is sent through a cluster, and how. */
export interface ClusterLoad {
  readonly path: string;
  readonly repeat: number;
  /** Flow partitions: addresses that the flows are spread over. */
  readonly partitions: number;
  /** Packets after which a round of batches goes out, over all partitions. */
  readonly maxBatchPackets: number;
  /** Packets a second on average; undefined: as fast as the cluster takes them. */
  readonly packetsPerSecond?: number;
}

/** What came of it. */
export interface ClusterResult {
  readonly packets: number;
  /** From the first packet sent to the last statement of the last incident. */
  readonly seconds: number;
  /** Whether the final incidents are those of one process. */
  readonly isSame: boolean;
  /** By incident: from when its time had come for the agent to when it was written to the topic. Unit: ms, ascending. */
  readonly delaysMs: readonly number[];
}

/** What one process finds in the same packets, and how long that took. */
export interface EmbeddedResult {
  readonly packets: number;
  readonly cpuSeconds: number;
  /** Ids and revisions of the final incidents. */
  readonly incidents: ReadonlyMap<string, number>;
  readonly firstUs: number;
  readonly durationS: number;
}

const SENSOR = 'bench';
/** How long the cluster may take for the rest once all is sent. */
const PATIENCE_MS = 300_000;
const QUEUE_BYTES = 64 * 2 ** 20;

/** Runs the load in this process. */
export async function runEmbedded({ path, repeat }: ClusterLoad): Promise<EmbeddedResult> {
  const before = process.cpuUsage();
  const incidents = new Map<string, number>();
  const times = { firstUs: Number.POSITIVE_INFINITY, lastUs: 0 };
  const source = watchTimes(createRepeatedSource(path, repeat), times);
  const { packets } = await runDetection(
    { ...agentOf(source, 4096, 1), config: DEFAULT_DETECTION_CONFIG, epoch: 0 },
    { incident: ({ incident }) => void incidents.set(incident.id, incident.revision) },
  );
  const { user, system } = process.cpuUsage(before);
  const durationS = (times.lastUs - times.firstUs) / 1e6;
  return { packets, cpuSeconds: (user + system) / 1e6, incidents, firstUs: times.firstUs, durationS };
}

/** Sends the load through the cluster and waits for its incidents. Rejects with a UsageError when they do not come. */
export async function runCluster(
  load: ClusterLoad,
  settings: KafkaSettings,
  embedded: EmbeddedResult,
): Promise<ClusterResult> {
  if (embedded.incidents.size === 0)
    throw new UsageError(`${load.path} holds no incident by which its end could be told. Take another capture.`);
  const broker = await connectKafka(settings, () => undefined);
  const reader = broker.reader({ topic: Topic.anomalyAlerts, from: 'next' });
  const statements = await collect(reader);
  try {
    const startMs = Date.now();
    await send(load, broker, embedded);
    const isSame = await statements.until(({ last }) => covers(last, embedded.incidents), PATIENCE_MS);
    const endMs = Math.max(...statements.messages.map(({ writtenAtMs }) => writtenAtMs), startMs);
    const delaysMs = delaysOf(statements.messages, { load, embedded, startMs });
    return { packets: embedded.packets, seconds: (endMs - startMs) / 1000, isSame, delaysMs };
  } finally {
    await reader.stop();
  }
}

async function send(load: ClusterLoad, broker: Broker, embedded: EmbeddedResult): Promise<void> {
  const sink = new KafkaSink({
    createProducer: () => broker.producer(),
    queueBytes: QUEUE_BYTES,
    requestBytes: 2 ** 20,
    whenFull: 'wait',
    clock: MACHINE_CLOCK,
    events: {
      connected: () => undefined,
      away: () => undefined,
      full: () => undefined,
      refused: (_message, error) => {
        throw error;
      },
    },
  });
  sink.start();
  const { packetsPerSecond, partitions, maxBatchPackets } = load;
  const repeated = createRepeatedSource(load.path, load.repeat);
  const speed = packetsPerSecond === undefined ? 'max' : speedFor(packetsPerSecond, embedded);
  const source = createPacedReplay(repeated, { speed, tickMs: 100 });
  const tick = speed === 'max' ? 'none' : { everyUs: 250_000 * speed };
  const put = (batch: PacketBatch) =>
    sink.put(
      { topic: Topic.packets, key: `${SENSOR}/${batch.header.partition}`, value: encodePacketBatch(batch) },
      batch.packets.count,
    );
  const ready = () => sink.ready();
  await runAgent({ ...agentOf(source, maxBatchPackets, partitions), tick, epoch: Date.now(), ready }, put);
  await sink.stop(PATIENCE_MS);
}

/** Times faster than captured. */
function speedFor(packetsPerSecond: number, { packets, durationS }: EmbeddedResult): number {
  return (packetsPerSecond * durationS) / packets;
}

function agentOf(source: PacketSource, maxBatchPackets: number, partitions: number) {
  const { allowedLatenessMs } = DEFAULT_DETECTION_CONFIG;
  const { signal: stop } = new AbortController();
  const sizes = { maxBatchPackets, partitions, allowedLatenessMs };
  return { ...sizes, source, stop, sensor: SENSOR, tick: 'none', decoder: new Decoder() } as const;
}

/** Notes the first and last time of the packets that pass. */
function watchTimes(source: PacketSource, times: { firstUs: number; lastUs: number }): PacketSource {
  return {
    name: source.name,
    kind: source.kind,
    open: () => source.open(),
    read: async (block) => {
      const isMore = await source.read(block);
      if (block.count > 0) {
        times.firstUs = Math.min(times.firstUs, block.timeUs[0]!);
        times.lastUs = Math.max(times.lastUs, block.timeUs[block.count - 1]!);
      }
      return isMore;
    },
    counters: () => source.counters(),
    progress: () => source.progress(),
    close: () => source.close(),
  };
}

interface Statements {
  readonly messages: IncomingMessage[];
  readonly last: Map<string, number>;
}

async function collect(reader: MessageReader) {
  const statements: Statements = { messages: [], last: new Map() };
  let wake: () => void = () => undefined;
  await reader.start((message) => {
    const { id, revision } = incidentOf(message);
    statements.messages.push(message);
    statements.last.set(id, Math.max(revision, statements.last.get(id) ?? 0));
    wake();
  });
  const until = async (isDone: (statements: Statements) => boolean, patienceMs: number): Promise<boolean> => {
    const deadlineMs = performance.now() + patienceMs;
    while (!isDone(statements)) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  };
  return { ...statements, until };
}

function incidentOf({ value }: IncomingMessage): Incident {
  return JSON.parse(Buffer.from(value).toString()) as Incident;
}

function covers(found: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): boolean {
  for (const [id, revision] of wanted) if ((found.get(id) ?? -1) < revision) return false;
  return found.size === wanted.size;
}

/** Of each incident's first statement: how much later it was written than the agent came to its time. */
function delaysOf(
  messages: readonly IncomingMessage[],
  { load, embedded, startMs }: { load: ClusterLoad; embedded: EmbeddedResult; startMs: number },
): number[] {
  if (load.packetsPerSecond === undefined) return [];
  const speed = speedFor(load.packetsPerSecond, embedded);
  const first = new Map<string, number>();
  for (const message of messages) {
    const { id, detectedAtMs, revision } = incidentOf(message);
    if (revision > 0 || first.has(id)) continue;
    first.set(id, message.writtenAtMs - (startMs + (detectedAtMs - embedded.firstUs / 1000) / speed));
  }
  return [...first.values()].sort((a, b) => a - b);
}
