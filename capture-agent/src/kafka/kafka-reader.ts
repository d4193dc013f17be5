import { randomBytes } from 'node:crypto';
import type * as KafkaJs from 'kafkajs';
import type { IncomingMessage, MessageReader, ReaderOptions } from './broker.js';
import { describeBrokerError } from './broker-error.js';
import type { KafkaSettings } from './settings.js';

/** How long the broker may hold back an answer that has nothing in it. A stop waits for it. */
const MAX_WAIT_MS = 500;
/** Pause before a reader that the client gave up begins again. */
const RETRY_MS = 5000;

/** Reads with a kafkajs consumer. A group of its own is deleted when it stops, so that none is left at the broker. */
export class KafkaReader implements MessageReader {
  private readonly group: string;
  private readonly consumer: KafkaJs.Consumer;
  private hasJoined = false;
  private isStopped = false;
  private again: NodeJS.Timeout | undefined;

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
    const { GROUP_JOIN, CRASH } = this.consumer.events;
    const joined = new Promise<void>((resolve, reject) => {
      this.consumer.on(GROUP_JOIN, () => {
        this.hasJoined = true;
        resolve();
      });
      this.consumer.on(CRASH, ({ payload: { error, restart } }) => {
        if (restart) return;
        if (this.hasJoined) this.readAgain(take);
        else reject(error);
      });
    });
    try {
      await Promise.all([joined, this.read(take)]);
    } catch (error) {
      await this.consumer.disconnect().catch(() => undefined);
      throw describeBrokerError(error, this.settings.brokers);
    }
  }

  private async read(take: (message: IncomingMessage) => Promise<void> | void): Promise<void> {
    const { topic, from } = this.options;
    await this.consumer.connect();
    await this.consumer.subscribe({ topic, fromBeginning: from === 'oldest' });
    await this.consumer.run({ eachMessage: async (payload) => take(messageOf(payload)) });
  }

  /** What the client takes for incurable, such as rights that were taken away, may be cured by then. */
  private readAgain(take: (message: IncomingMessage) => Promise<void> | void): void {
    if (this.isStopped) return;
    clearTimeout(this.again);
    this.again = setTimeout(() => void this.read(take).catch(() => this.readAgain(take)), RETRY_MS);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.again);
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
