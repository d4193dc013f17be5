import { randomBytes } from 'node:crypto';
import type * as KafkaJs from 'kafkajs';
import type { IncomingMessage, MessageReader, ReaderOptions } from './broker.js';
import { describeBrokerError } from './broker-error.js';
import type { KafkaSettings } from './settings.js';

/** How long the broker may hold back an answer that has nothing in it. A stop waits for it. */
const MAX_WAIT_MS = 500;

/** Reads with a kafkajs consumer. A group of its own is deleted when it stops, so that none is left at the broker. */
export class KafkaReader implements MessageReader {
  private readonly group: string;
  private readonly consumer: KafkaJs.Consumer;

  constructor(
    private readonly client: KafkaJs.Kafka,
    private readonly settings: KafkaSettings,
    private readonly options: ReaderOptions,
  ) {
    this.group = options.group ?? `${settings.clientId}-${randomBytes(6).toString('hex')}`;
    // Once it reads, it goes on through whatever happens to the broker.
    const retry = { restartOnFailure: async () => true };
    const groupId = this.group;
    this.consumer = client.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: MAX_WAIT_MS, retry });
  }

  async start(take: (message: IncomingMessage) => Promise<void> | void): Promise<void> {
    const { topic, from } = this.options;
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topic, fromBeginning: from === 'oldest' });
      const joined = new Promise((resolve) => this.consumer.on(this.consumer.events.GROUP_JOIN, resolve));
      await this.consumer.run({ eachMessage: async (payload) => take(messageOf(payload)) });
      await joined;
    } catch (error) {
      await this.consumer.disconnect().catch(() => undefined);
      throw describeBrokerError(error, this.settings.brokers);
    }
  }

  async stop(): Promise<void> {
    await this.consumer.disconnect();
    if (this.options.group === undefined) await this.deleteGroup();
  }

  private async deleteGroup(): Promise<void> {
    const admin = this.client.admin({ retry: { retries: 0 } });
    try {
      await admin.connect();
      await admin.deleteGroups([this.group]);
    } catch {
      // The broker forgets it by itself after some days.
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}

function messageOf({ topic, partition, message }: KafkaJs.EachMessagePayload): IncomingMessage {
  const { offset, key, value, timestamp } = message;
  return {
    topic,
    partition,
    offset,
    key: key?.toString('utf8'),
    value: value ?? new Uint8Array(0),
    writtenAtMs: Number(timestamp),
  };
}
