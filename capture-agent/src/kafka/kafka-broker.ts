import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type * as KafkaJs from 'kafkajs';
import type { Broker, BrokerLog } from './broker.js';
import { tuneClient } from './client-tuning.js';
import type { KafkaClient } from './kafka-client.js';
import { KafkaProducer } from './kafka-producer.js';
import { KafkaReader } from './kafka-reader.js';
import { KafkaTopicKeeper } from './kafka-topic-keeper.js';
import type { KafkaSettings } from './settings.js';

/** How long to wait for a connection, and for an answer. A broker that starts takes some seconds to answer. */
const CONNECTION_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 15_000;
/** Tries of the client before it gives an error; what goes on trying after that is up to the caller. */
const RETRY = { initialRetryTime: 200, maxRetryTime: 2000, retries: 4 };

/** A Kafka cluster. Loads the client at the call, as most commands need none; connects to nothing yet. */
export async function connectKafka(settings: KafkaSettings, log: BrokerLog): Promise<Broker> {
  tuneClient();
  const { default: kafkaJs } = await import('kafkajs');
  useFastGzip(kafkaJs);
  const client = new kafkaJs.Kafka({ ...clientConfig(settings), logCreator: () => tell(log, kafkaJs.logLevel) });
  return {
    producer: () => new KafkaProducer(client, settings, kafkaJs),
    reader: (options) => new KafkaReader(client, settings, options),
    topics: () => new KafkaTopicKeeper(client, settings, kafkaJs),
  };
}

/** What the client is told of the cluster. */
export function clientConfig({ brokers, clientId, tls, sasl }: KafkaSettings): KafkaJs.KafkaConfig {
  return {
    clientId,
    brokers: [...brokers],
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: RETRY,
    ...(tls === undefined ? {} : { ssl: { ...tls } }),
    ...(sasl === undefined ? {} : { sasl: sasl as KafkaJs.SASLOptions }),
  };
}

/** The client writes errors that it goes on to cure; they are warnings to an operator. */
function tell(log: BrokerLog, levels: KafkaClient['logLevel']): (entry: KafkaJs.LogEntry) => void {
  return ({ level, log: { message } }) => log(level === levels.ERROR ? 'info' : 'debug', message);
}

const compress = promisify(gzip);
/** Columns shrink nearly as much at the fastest level as at the default one, at a third of the time. */
const FASTEST = { level: 1 };

function useFastGzip({ CompressionCodecs, CompressionTypes }: KafkaClient): void {
  const inner = CompressionCodecs[CompressionTypes.GZIP];
  const codec = typeof inner === 'function' ? inner() : inner;
  CompressionCodecs[CompressionTypes.GZIP] = () => ({
    ...codec,
    compress: (encoder: { buffer: Buffer }) => compress(encoder.buffer, FASTEST),
  });
}
