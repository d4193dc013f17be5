import { Topic } from '@weir/contracts';
import type * as KafkaJs from 'kafkajs';
import { type MessageProducer, type OutgoingMessage, RefusedError } from './broker.js';
import { describeBrokerError, refusalIn } from './broker-error.js';
import type { KafkaClient } from './kafka-client.js';
import { packetsPartition } from './partition.js';
import type { Acknowledgement, KafkaSettings } from './settings.js';

/** Numbers of the protocol for acknowledgements. */
const ACKS: Record<Acknowledgement, number> = { all: -1, leader: 1, none: 0 };

/** Writes with kafkajs. */
export class KafkaProducer implements MessageProducer {
  private readonly producer: KafkaJs.Producer;
  private readonly compression: KafkaJs.CompressionTypes;

  constructor(
    client: KafkaJs.Kafka,
    private readonly settings: KafkaSettings,
    { Partitioners, CompressionTypes }: KafkaClient,
  ) {
    const { idempotent, compression } = settings;
    const createPartitioner = () => choosePartition(Partitioners.DefaultPartitioner());
    this.producer = client.producer({ idempotent, createPartitioner, allowAutoTopicCreation: false });
    this.compression = compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None;
  }

  async connect(): Promise<void> {
    await this.producer.connect().catch((error) => this.fail(error));
  }

  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    const { compression } = this;
    const acks = ACKS[this.settings.acknowledgement];
    const topicMessages = byTopic(messages);
    await this.producer.sendBatch({ acks, compression, topicMessages }).catch((error) => this.fail(error));
  }

  async disconnect(): Promise<void> {
    await this.producer.disconnect();
  }

  private fail(error: unknown): never {
    const refusal = refusalIn(error);
    if (refusal !== undefined) throw new RefusedError(refusal);
    throw describeBrokerError(error, this.settings.brokers);
  }
}

/** Packets by sensor and flow partition, everything else as other clients spread it. */
export function choosePartition(
  otherwise: (args: KafkaJs.PartitionerArgs) => number,
): (args: KafkaJs.PartitionerArgs) => number {
  return (args) => {
    const { topic, message, partitionMetadata } = args;
    const chosen =
      topic === Topic.packets ? packetsPartition(String(message.key), partitionMetadata.length) : undefined;
    return chosen ?? otherwise(args);
  };
}

function byTopic(messages: readonly OutgoingMessage[]): KafkaJs.TopicMessages[] {
  const topics = new Map<string, KafkaJs.Message[]>();
  for (const { topic, key, value } of messages) {
    const list = topics.get(topic) ?? [];
    topics.set(topic, list);
    // A view: the client copies the bytes when it writes them out.
    list.push({ key, value: Buffer.from(value.buffer, value.byteOffset, value.byteLength) });
  }
  return [...topics].map(([topic, list]) => ({ topic, messages: list }));
}
