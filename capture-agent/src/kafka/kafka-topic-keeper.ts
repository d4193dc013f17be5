import { setTimeout as delay } from 'node:timers/promises';
import type * as KafkaJs from 'kafkajs';
import type { NewTopic, TopicKeeper, TopicState } from './broker.js';
import { describeBrokerError } from './broker-error.js';
import type { KafkaClient } from './kafka-client.js';
import type { KafkaSettings } from './settings.js';

/** How long a topic that was just made may take until every broker that is asked knows it and who leads it. */
const KNOWN_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 100;
/** What a broker answers meanwhile. */
const NOT_YET: ReadonlySet<unknown> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);

/** Looks at topics and makes them with kafkajs. */
export class KafkaTopicKeeper implements TopicKeeper {
  private readonly admin: KafkaJs.Admin;
  private readonly topicType: KafkaJs.ConfigResourceTypes;

  constructor(
    client: KafkaJs.Kafka,
    private readonly settings: KafkaSettings,
    { ConfigResourceTypes }: KafkaClient,
  ) {
    this.admin = client.admin();
    this.topicType = ConfigResourceTypes.TOPIC;
  }

  async connect(): Promise<void> {
    await this.admin.connect().catch((error) => this.fail(error));
  }

  async read(names: readonly string[], settings: readonly string[]): Promise<TopicState[]> {
    try {
      const existing = new Set(await this.admin.listTopics());
      const found = names.filter((name) => existing.has(name));
      if (found.length === 0) return [];
      const { topics } = await this.admin.fetchTopicMetadata({ topics: found });
      const byName = await this.readSettings(found, settings);
      return topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.length,
        settings: byName.get(name) ?? {},
      }));
    } catch (error) {
      return this.fail(error);
    }
  }

  private async readSettings(
    topics: readonly string[],
    settings: readonly string[],
  ): Promise<Map<string, Record<string, string>>> {
    const { topicType: type } = this;
    const resources = topics.map((name) => ({ type, name, configNames: [...settings] }));
    const answer = await this.admin.describeConfigs({ resources, includeSynonyms: false });
    return new Map(
      answer.resources.map(({ resourceName, configEntries }) => [
        resourceName,
        Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    );
  }

  async create(topics: readonly NewTopic[]): Promise<void> {
    try {
      // One request a topic: the broker refuses a whole request when one of its topics exists.
      for (const topic of topics) await this.createOne(topic);
      await this.untilKnown(topics.map(({ name }) => name));
    } catch (error) {
      this.fail(error);
    }
  }

  /** The client's own wait gives up where a broker has not heard of the topic yet. Rejects with its answer in the end. */
  private async untilKnown(topics: string[]): Promise<void> {
    const deadlineMs = performance.now() + KNOWN_WITHIN_MS;
    while (topics.length > 0) {
      try {
        await this.admin.fetchTopicMetadata({ topics });
        return;
      } catch (error) {
        if (!NOT_YET.has((error as { type?: unknown }).type) || performance.now() > deadlineMs) throw error;
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  private async createOne({ name, partitions, copies, settings }: NewTopic): Promise<void> {
    const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
    // False for a topic that another made in the meantime, which is as good.
    await this.admin.createTopics({
      topics: [{ topic: name, numPartitions: partitions, replicationFactor: copies, configEntries }],
      waitForLeaders: false,
    });
  }

  async disconnect(): Promise<void> {
    await this.admin.disconnect();
  }

  private fail(error: unknown): never {
    throw describeBrokerError(error, this.settings.brokers);
  }
}
