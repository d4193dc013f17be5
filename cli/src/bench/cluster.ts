import {
  type Broker,
  connectKafka,
  type IncomingMessage,
  type KafkaSettings,
  KafkaSink,
  type MessageReader,
} from '@weir/capture-agent';
import { encodeSensorBatch, type Incident, type SensorBatch, Topic } from '@weir/contracts';
import { MACHINE_CLOCK } from '../agent/send-to-kafka.js';
import { UsageError } from '../errors.js';
import { LagWatch } from './cluster-lag.js';
import { BENCH_SENSOR, type ClusterLoad, type EmbeddedResult, readLoad } from './cluster-load.js';
import { RoundTimes } from './round-times.js';

/** What came of it. */
export interface ClusterResult {
  readonly packets: number;
  /** From the first packet sent to the last statement of the last incident. */
  readonly seconds: number;
  /** Whether the final incidents are those of one process. */
  readonly isSame: boolean;
  /**
   * By incident: from the beginning of the round of batches that brought its time to when it was written to the topic. Unit:
   * ms, ascending.
   */
  readonly delaysMs: readonly number[];
  /** Batches that were sent. */
  readonly messages: number;
  /** Median lag of the flow functions in each quarter of the run; empty where it was not told. Unit: ms. */
  readonly lagsMs: readonly number[];
}

/** How long the cluster may take for the rest once all is sent. */
const PATIENCE_MS = 300_000;
const QUEUE_BYTES = 64 * 2 ** 20;

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
  const lag = new LagWatch(broker.reader({ topic: Topic.sensorHealth, from: 'next' }));
  await lag.start();
  try {
    const startMs = Date.now();
    const rounds = new RoundTimes(startMs);
    const messages = await send(load, broker, (batch) => {
      const nowMs = Date.now();
      lag.put(batch, nowMs);
      rounds.note(batch, nowMs);
    });
    const isSame = await statements.until((told) => covers(told, embedded.incidents), PATIENCE_MS);
    const endMs = Math.max(...statements.messages.map(({ writtenAtMs }) => writtenAtMs), startMs);
    const delaysMs = load.packetsPerSecond === undefined ? [] : delaysOf(statements.messages, rounds);
    const seconds = (endMs - startMs) / 1000;
    return { packets: embedded.packets, seconds, isSame, delaysMs, messages, lagsMs: lag.byPart() };
  } finally {
    await reader.stop();
    await lag.stop();
  }
}

/** Resolves with the number of batches once the broker has them all. */
async function send(load: ClusterLoad, broker: Broker, note: (batch: SensorBatch) => void): Promise<number> {
  const sink = createSink(broker);
  sink.start();
  let messages = 0;
  await readLoad(load, { epoch: Date.now(), ready: () => sink.ready() }, (batch) => {
    messages++;
    note(batch);
    const key = `${BENCH_SENSOR}/${batch.header.partition}`;
    sink.put({ topic: Topic.packets, key, value: encodeSensorBatch(batch) }, rowsIn(batch));
  });
  await sink.stop(PATIENCE_MS);
  return messages;
}

function rowsIn(batch: SensorBatch): number {
  return 'packets' in batch ? batch.packets.count : batch.rows.count;
}

function createSink(broker: Broker): KafkaSink {
  return new KafkaSink({
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
}

interface Statements {
  readonly messages: IncomingMessage[];
  /** By incident: its highest revision. */
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

/** Whether just these incidents were told, each to its end. */
function covers({ last }: Statements, wanted: ReadonlyMap<string, number>): boolean {
  for (const [id, revision] of wanted) if ((last.get(id) ?? -1) < revision) return false;
  return last.size === wanted.size;
}

/** Of each incident's first statement: how much later it was written than its time came to the agent. */
function delaysOf(messages: readonly IncomingMessage[], rounds: RoundTimes): number[] {
  const first = new Map<string, number>();
  for (const message of messages) {
    const { id, detectedAtMs, revision } = incidentOf(message);
    if (revision > 0 || first.has(id)) continue;
    const reachedAtMs = rounds.reached(detectedAtMs);
    if (reachedAtMs !== undefined) first.set(id, message.writtenAtMs - reachedAtMs);
  }
  return [...first.values()].sort((a, b) => a - b);
}
