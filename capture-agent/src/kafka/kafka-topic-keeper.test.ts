import type * as KafkaJs from 'kafkajs';
import { describe, expect, it } from 'vitest';
import type { KafkaClient } from './kafka-client.js';
import { KafkaTopicKeeper } from './kafka-topic-keeper.js';
import { readKafkaSettings } from './settings.js';
import { TOPIC_PLANS } from './topics.js';

const SETTINGS = readKafkaSettings({ KAFKA_BROKERS: 'localhost:9092' });
const TOPICS = TOPIC_PLANS.slice(0, 2).map((plan) => ({ ...plan, copies: -1 }));

/** A keeper whose brokers answer these in turn when they are asked about topics, the last one for ever. */
function keeperWith(answers: readonly (string | undefined)[]) {
  const told: string[] = [];
  const admin = {
    createTopics: async ({ topics }: { topics: { topic: string }[] }) => void told.push(`made ${topics[0]!.topic}`),
    fetchTopicMetadata: async ({ topics }: { topics: string[] }) => {
      const asked = told.filter((line) => line.startsWith('asked')).length;
      told.push(`asked for ${topics.length}`);
      const type = answers[Math.min(asked, answers.length - 1)];
      if (type !== undefined) throw Object.assign(new Error(`the broker says ${type}`), { type });
      return { topics: [] };
    },
  };
  const client = { admin: () => admin } as unknown as KafkaJs.Kafka;
  const classes = { ConfigResourceTypes: { TOPIC: 2 } } as unknown as KafkaClient;
  return { told, keeper: new KafkaTopicKeeper(client, SETTINGS, classes) };
}

describe('KafkaTopicKeeper', () => {
  it('has made topics when every one is known and led, however late the brokers hear of it', async () => {
    const { told, keeper } = keeperWith(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', undefined]);
    await keeper.create(TOPICS);
    const made = TOPICS.map(({ name }) => `made ${name}`);
    expect(told).toEqual([...made, 'asked for 2', 'asked for 2', 'asked for 2']);
  });

  it('gives other answers on at once', async () => {
    const { told, keeper } = keeperWith(['TOPIC_AUTHORIZATION_FAILED']);
    await expect(keeper.create(TOPICS)).rejects.toThrow(/TOPIC_AUTHORIZATION_FAILED/);
    expect(told.filter((line) => line.startsWith('asked'))).toHaveLength(1);
  });

  it('asks for nothing when there was nothing to make', async () => {
    const { told, keeper } = keeperWith([undefined]);
    await keeper.create([]);
    expect(told).toEqual([]);
  });
});
