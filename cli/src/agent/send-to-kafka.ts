import { type Broker, type KafkaSettings, KafkaSink, type SinkClock, type SinkEvents } from '@weir/capture-agent';
import { encodeSensorBatch, isFlowRowBatch, type SensorBatch, Topic } from '@weir/contracts';
import { UsageError } from '../errors.js';
import type { Io } from '../io.js';
import type { Logger } from '../log/logger.js';
import type { AgentResult } from '../pipeline.js';
import type { AgentInput, InputParts } from './agent-input.js';
import { followControls } from './control-follower.js';
import { KafkaReport } from './kafka-report.js';
import { preparedProducers } from './prepared-producer.js';

/** What an agent sends from, and where to. */
export interface SendingParts extends InputParts {
  readonly broker: Broker;
  readonly settings: KafkaSettings;
  readonly log: Logger;
}

const REPORT_EVERY_MS = 1000;
/** A broker that does not answer is not waited for at the end. */
const GOODBYE_MS = 2000;

/**
 * Sends the batches of `input` to the `packets` topic until it ends or is stopped, tells each second how that goes, and
 * does what the `controls` topic asks. Rejects with a SourceError, or with a UsageError when not everything could be sent.
 */
export async function sendToKafka(parts: SendingParts, input: AgentInput): Promise<AgentResult> {
  const { io, options, decoder, settings } = parts;
  const { sensor, partitions } = options;
  const sink = createSink(parts, input);
  const report = new KafkaReport({ sensor, partitions, input, decoder, counters: () => sink.counters(), io });
  sink.start();
  const besides = startBesides(parts, input, { sink, report });
  const result = await readInto(sink, report, parts, input).finally(async () => {
    offerHealth(report, sink);
    await Promise.all([sink.stop(settings.flushTimeoutMs), besides.stop()]);
    print(report, io);
  });
  complainOfLoss(sink, settings, input);
  return result;
}

/** A run that did not bring over all that could be brought over has failed. */
function complainOfLoss(sink: KafkaSink, { brokers, flushTimeoutMs }: KafkaSettings, { canWait }: AgentInput): void {
  const { queued, refused } = sink.counters();
  const where = brokers.join(', ');
  if (queued.messages > 0)
    throw new UsageError(
      `${queued.messages} messages with ${queued.packets} packets could not be sent to ${where} within ` +
        `${flushTimeoutMs / 1000} s. Check that Kafka runs, and raise KAFKA_FLUSH_TIMEOUT_S if it is slow.`,
    );
  if (canWait && refused.messages > 0)
    throw new UsageError(
      `Kafka at ${where} refused ${refused.messages} messages with ${refused.packets} packets for good; the log says ` +
        'why. If they were too large, lower --batch or raise max.message.bytes of the topic.',
    );
}

interface Sending {
  readonly sink: KafkaSink;
  readonly report: KafkaReport;
}

/** What goes on while the input is read: a report each second, and controls. */
function startBesides(
  { broker, log, options, io }: SendingParts,
  { controls }: AgentInput,
  { sink, report }: Sending,
): { stop(): Promise<void> } {
  const ended = new AbortController();
  const refused = () => void report.controlsRefused++;
  const { sensor } = options;
  const following = followControls({ broker, sensor, capture: controls, log, refused, stop: ended.signal });
  const timer = setInterval(() => {
    print(report, io);
    offerHealth(report, sink);
  }, REPORT_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      ended.abort();
      const limit = new AbortController();
      await Promise.race([following, MACHINE_CLOCK.sleepMs(GOODBYE_MS, limit.signal)]);
      limit.abort();
    },
  };
}

function createSink({ broker, settings, log }: SendingParts, input: AgentInput): KafkaSink {
  const { queueBytes, requestBytes, brokers } = settings;
  return new KafkaSink({
    createProducer: preparedProducers(broker, log),
    queueBytes,
    requestBytes,
    whenFull: input.canWait ? 'wait' : 'drop-oldest',
    clock: MACHINE_CLOCK,
    events: loggedEvents(log, brokers),
  });
}

/** Time as it is on this machine. */
export const MACHINE_CLOCK: SinkClock = {
  nowMs: () => performance.now(),
  sleepMs: (ms, stop) =>
    new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      stop.addEventListener('abort', done, { once: true });
      if (stop.aborted) done();
      function done(): void {
        clearTimeout(timer);
        stop.removeEventListener('abort', done);
        resolve();
      }
    }),
};

function loggedEvents(log: Logger, brokers: readonly string[]): SinkEvents {
  return {
    connected: () => log.info({ brokers }, 'connected to Kafka'),
    away: (error) => log.warn({ reason: error.message }, 'Kafka takes no messages; trying again'),
    refused: ({ topic, key, value }, error) =>
      log.error(
        { topic, key, lengthBytes: value.length, reason: error.message },
        'message refused by Kafka and dropped',
      ),
    full: () => log.warn({}, 'queue is full: the oldest batches are dropped until Kafka takes them'),
  };
}

async function readInto(
  sink: KafkaSink,
  report: KafkaReport,
  { io }: SendingParts,
  input: AgentInput,
): Promise<AgentResult> {
  const emit = (batch: SensorBatch) => {
    // What can be read again is left off between two batches, so that a later start goes on with the same numbers.
    if (input.canWait && io.stop.aborted) return;
    report.batch(batch);
    put(sink, batch);
  };
  // A reader that waits could not end.
  io.stop.addEventListener('abort', () => sink.release(), { once: true });
  const waitingMs = () => sink.counters().lagMs;
  const result = await input.read(emit, () => sink.ready(), { waitingMs });
  // What was read to its end is worth waiting for; only a stop sets a deadline.
  if (input.canWait) await sink.drained();
  return result;
}

function put(sink: KafkaSink, batch: SensorBatch): void {
  const { sensor, partition } = batch.header;
  const packets = isFlowRowBatch(batch) ? batch.rows.count : batch.packets.count;
  sink.put({ topic: Topic.packets, key: `${sensor}/${partition}`, value: encodeSensorBatch(batch) }, packets);
}

function print(report: KafkaReport, io: Io): void {
  io.stdout.write(`${JSON.stringify(report.line())}\n`);
}

function offerHealth(report: KafkaReport, sink: KafkaSink): void {
  const health = report.health();
  sink.offer({ topic: Topic.sensorHealth, key: health.sensor, value: Buffer.from(JSON.stringify(health)) });
}
