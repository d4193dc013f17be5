import { randomBytes } from 'node:crypto';
import { Value } from '@sinclair/typebox/value';
import {
  Batcher,
  connectKafka,
  createCaptureFileSource,
  createRawPackets,
  Decoder,
  readKafkaSettings,
  TOPIC_PLANS,
} from '@weir/capture-agent';
import { DeadLetter, encodePacketBatch, Topic } from '@weir/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { packetsPartition } from '../../capture-agent/src/kafka/partition.js';
import { sendCapture } from './agents.js';
import { storyCapture } from './captures.js';
import { Cluster } from './cluster.js';
import { embeddedOutcome, incidentsIn, isSame } from './incidents.js';
import { TopicLog } from './topic-log.js';

const SENSOR = 'poisoned';
const PARTITION = `${SENSOR}/0`;
const LETTER_TIMEOUT_MS = 15_000;
const ANSWER_TIMEOUT_MS = 60_000;
const TEN_MEGABYTES = 10_000_000;
const PACKETS_PARTITIONS = TOPIC_PLANS.find(({ name }) => name === Topic.packets)!.partitions;

const place = inject('place');

describe.skipIf(!place)('a message that cannot be processed', () => {
  const cluster = new Cluster(place!);
  let letters: TopicLog;
  let incidents: TopicLog;
  let valid: Uint8Array;

  beforeAll(async () => {
    await cluster.configure({});
    letters = await TopicLog.open(cluster.brokers, Topic.deadLetters);
    incidents = await TopicLog.open(cluster.brokers, Topic.anomalyAlerts);
    valid = await firstBatch();
  });

  afterAll(async () => {
    await letters?.close();
    await incidents?.close();
  });

  /** Does `poison` and returns the dead letter that follows. */
  async function letterAfter(poison: () => Promise<unknown>): Promise<DeadLetter> {
    const sinceMs = Date.now();
    await poison();
    const message = await letters.waitFor(() => letters.since(sinceMs)[0], LETTER_TIMEOUT_MS);
    expect(message, 'a dead letter in time').toBeDefined();
    const letter: unknown = JSON.parse(Buffer.from(message!.value).toString());
    return Value.Decode(DeadLetter, letter);
  }

  async function send(key: string, value: Uint8Array): Promise<void> {
    const settings = readKafkaSettings({ KAFKA_BROKERS: cluster.brokers });
    const producer = (await connectKafka(settings, () => undefined)).producer();
    await producer.connect();
    await producer.send([{ topic: Topic.packets, key, value }]);
    await producer.disconnect();
  }

  /** As a stranger's program may write: `line` is a key and a value with a tab between, or a value alone. */
  function writeLine(line: string): Promise<string> {
    const keyed = line.includes('\\t') ? '--property parse.key=true --property null.marker=NULL' : '';
    const producer = '/opt/kafka/bin/kafka-console-producer.sh --bootstrap-server localhost:29092 --topic packets';
    return cluster.compose(['exec', '-T', 'kafka', 'sh', '-c', `printf '${line}\\n' | ${producer} ${keyed}`]);
  }

  const poisons: [name: string, reason: RegExp, bytes: () => Uint8Array][] = [
    ['of garbage', /./, () => Buffer.from('this is no batch')],
    ['of a future layout', /layout version "9"/, () => ofFutureLayout(valid)],
    ['with a lying length', /./, () => withLyingLength(valid)],
    ['of ten megabytes', /./, () => randomBytes(TEN_MEGABYTES)],
    ['of nothing', /./, () => new Uint8Array(0)],
  ];

  it.each(poisons)('%s is put aside with the reason and its beginning', async (_name, reason, bytes) => {
    const value = bytes();
    const letter = await letterAfter(() => send(PARTITION, value));
    expect(letter.reason).toMatch(reason);
    expect(letter.address).toBe(`flow/${PARTITION}`);
    expect(letter.lengthBytes).toBe(value.length);
    expect(letter.partition).toBe(packetsPartition(PARTITION, PACKETS_PARTITIONS));
    expect(letter.offset).toMatch(/^\d+$/);
    expect(letter.firstBytes).toBe(Buffer.from(value.subarray(0, 256)).toString('base64'));
  });

  it('with the key of no partition is put aside', async () => {
    expect((await letterAfter(() => send('nobody', valid))).reason).toContain('"nobody"');
  });

  it('without a key is put aside', async () => {
    expect((await letterAfter(() => writeLine('no key'))).lengthBytes).toBe('no key'.length);
  });

  it('without a value is put aside', async () => {
    expect((await letterAfter(() => writeLine(`${PARTITION}\\tNULL`))).lengthBytes).toBe(0);
  });

  it('does not keep its partition from going on', async () => {
    const capture = storyCapture('port-scan');
    const { incidents: wanted } = await embeddedOutcome(capture);
    const sinceMs = Date.now();
    await sendCapture({ brokers: cluster.brokers, sensor: SENSOR, capture });
    await incidents.waitFor(() => isSame(incidentsIn(incidents, sinceMs), wanted), ANSWER_TIMEOUT_MS);
    expect(incidentsIn(incidents, sinceMs)).toEqual(wanted);
  });
});

/** The first batch of a story, as this sensor would send it. */
async function firstBatch(): Promise<Uint8Array> {
  const batches: Uint8Array[] = [];
  const batcher = new Batcher({ sensor: SENSOR, partitions: 1, maxPackets: 100, decoder: new Decoder() }, (batch) =>
    batches.push(encodePacketBatch(batch)),
  );
  const source = createCaptureFileSource({ path: storyCapture('port-scan') });
  const block = createRawPackets(200);
  await source.open();
  await source.read(block);
  batcher.push(block);
  await source.close();
  return batches[0]!;
}

/** The same with another layout version: in Arrow's metadata a text of one character, 1. */
function ofFutureLayout(batch: Uint8Array): Uint8Array {
  const bytes = batch.slice();
  const at = Buffer.from(bytes).indexOf(Uint8Array.from([1, 0, 0, 0, 0x31, 0]));
  expect(at).toBeGreaterThan(0);
  bytes[at + 4] = 0x39;
  return bytes;
}

/** The same, saying that its metadata goes on for two gigabytes. */
function withLyingLength(batch: Uint8Array): Uint8Array {
  const bytes = batch.slice();
  new DataView(bytes.buffer).setUint32(4, 0x7fff_ffff, true);
  return bytes;
}
