import type { Consumer, EachBatchPayload, Kafka, KafkaConfig } from 'kafkajs';
import type { Feed, FeedCounts, FeedEvent, FeedPosition, FeedTaker } from './feed.js';
import { GatheringTaker } from './gathering.js';
import { FEED_TOPICS, readMessage } from './messages.js';

/** Which cluster, and as whom. */
export interface KafkaFeedOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Encrypted, with these PEM texts where given. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  readonly sasl?:
    | {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
        readonly username: string;
        readonly password: string;
      }
    | undefined;
  /** Consumer group: one for each history, as each reads everything. */
  readonly group: string;
  readonly onError: (error: unknown) => void;
  /** Stands in for the client in tests. */
  readonly createClient?: () => Pick<Kafka, 'consumer'>;
}

/** Longest that a broker may gather before it answers, ms. */
const MOST_WAIT_MS = 200;
const RETRY_MS = 5000;
/** A server that was killed is forgotten after this long, and only then the next one gets its partitions, ms. */
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 2000;
/** Fewer and larger transactions while there is much to catch up with. */
const MOST_BYTES_A_PARTITION = 4 * 1024 * 1024;
/** So that what comes from all partitions at about the same time is kept together. */
const PARTITIONS_AT_ONCE = 32;

/**
 * Reads the topics of a cluster. How far it has read is kept with the rows themselves, and that is where it goes on: a
 * kill at any moment loses nothing and doubles nothing. The group's own offsets are only for those who watch its lag.
 */
export class KafkaFeed implements Feed {
  private consumer: Consumer | undefined;
  private readonly next = new Map<string, bigint>();
  private readonly lags = new Map<string, number>();
  private events = 0;
  private refused = 0;
  private isStopped = false;
  private reconnect: NodeJS.Timeout | undefined;

  constructor(private readonly options: KafkaFeedOptions) {}

  /** Resolves at once: a cluster that is not there yet is tried again until it is. */
  async start(taker: FeedTaker): Promise<void> {
    for (const position of taker.positions) this.next.set(keyOf(position), BigInt(position.offset));
    void this.connect(taker);
  }

  counts(): FeedCounts {
    const lag = [...this.lags.values()].reduce((sum, each) => sum + each, 0);
    return { events: this.events, flowsThinned: 0, refused: this.refused, lag };
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.reconnect);
    await this.consumer?.disconnect().catch(this.options.onError);
  }

  private async connect(taker: FeedTaker): Promise<void> {
    try {
      await this.run(taker);
    } catch (error) {
      this.options.onError(error);
      await this.consumer?.disconnect().catch(() => undefined);
      this.consumer = undefined;
      if (!this.isStopped) this.reconnect = setTimeout(() => void this.connect(taker), RETRY_MS);
    }
  }

  private async run(taker: FeedTaker): Promise<void> {
    const gathering = new GatheringTaker(taker);
    const client = this.options.createClient?.() ?? (await connectClient(this.options));
    const consumer = client.consumer({
      groupId: this.options.group,
      maxWaitTimeInMs: MOST_WAIT_MS,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxBytesPerPartition: MOST_BYTES_A_PARTITION,
      allowAutoTopicCreation: false,
    });
    this.consumer = consumer;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.seek(consumer, payload.memberAssignment));
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.options.onError(payload.error);
      // A crash that the client does not cure by itself begins anew here.
      if (!payload.restart && !this.isStopped) this.reconnect = setTimeout(() => void this.connect(taker), RETRY_MS);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...FEED_TOPICS], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.takeBatch(payload, consumer, gathering),
    });
  }

  /** Goes on where the rows end, whatever the group says. */
  private seek(consumer: Consumer, assigned: Readonly<Record<string, readonly number[]>>): void {
    for (const [topic, partitions] of Object.entries(assigned)) {
      for (const partition of partitions) {
        const offset = this.next.get(keyOf({ topic, partition }));
        if (offset !== undefined) consumer.seek({ topic, partition, offset: String(offset) });
      }
    }
  }

  /**
   * The first offset that is new here. A topic that ends before what was read of it was made anew: all of it is new, and
   * would be passed over until it is as long as the one before.
   */
  private placeIn({ highWatermark, ...place }: Place & { highWatermark: string }): bigint {
    const next = this.next.get(keyOf(place)) ?? 0n;
    if (BigInt(highWatermark) >= next) return next;
    const reason = `${keyOf(place)} ends at ${highWatermark}, and ${next} was reached before: it is read from its beginning`;
    this.options.onError(new Error(reason));
    return 0n;
  }

  private async takeBatch({ batch, resolveOffset, heartbeat }: EachBatchPayload, consumer: Consumer, taker: FeedTaker) {
    const { topic, partition } = batch;
    const key = keyOf(batch);
    const from = this.placeIn(batch);
    const events: FeedEvent[] = [];
    let refused = 0;
    // What was fetched before the seek took effect is there already.
    for (const message of batch.messages.filter(({ offset }) => BigInt(offset) >= from)) {
      const read = readMessage(topic, message.value);
      for (const event of read.events) events.push(event);
      refused += read.refused;
    }
    const last = batch.lastOffset();
    const next = BigInt(last) + 1n;
    if (next > from) {
      const position: FeedPosition = { topic, partition, offset: String(next) };
      await taker.take({ events, positions: [position] });
      this.next.set(key, next);
      this.events += events.length;
      this.refused += refused;
      await consumer.commitOffsets([position]).catch(() => undefined);
    }
    this.lags.set(key, Number(batch.offsetLag()));
    resolveOffset(last);
    await heartbeat();
  }
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

function keyOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`;
}

/** The client is loaded only where there is a cluster. */
async function connectClient(options: KafkaFeedOptions): Promise<Pick<Kafka, 'consumer'>> {
  const { default: kafkaJs } = await import('kafkajs');
  return new kafkaJs.Kafka({ ...clientConfig(options), logLevel: kafkaJs.logLevel.NOTHING });
}

function clientConfig({ brokers, clientId, tls, sasl }: KafkaFeedOptions): KafkaConfig {
  const { ca, cert, key } = tls ?? {};
  const ssl = tls && {
    ...(ca === undefined ? {} : { ca: [ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  return {
    brokers: [...brokers],
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl: sasl as KafkaConfig['sasl'] }),
  } as KafkaConfig;
}
