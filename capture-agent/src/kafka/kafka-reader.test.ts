import type * as KafkaJs from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BrokerError } from './broker-error.js';
import { KafkaReader } from './kafka-reader.js';
import { readKafkaSettings } from './settings.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The client's consumer, as far as a reader uses it. */
class FakeConsumer {
  readonly events = { GROUP_JOIN: 'join', CRASH: 'crash' };
  readonly done: string[] = [];
  refuses = false;
  private readonly listeners = new Map<string, (event: object) => void>();

  on(name: string, listener: (event: object) => void) {
    this.listeners.set(name, listener);
  }
  async connect() {
    this.done.push('connect');
  }
  async subscribe() {}
  async disconnect() {
    this.done.push('disconnect');
  }
  async run() {
    this.done.push('run');
    if (this.refuses) this.crash(false);
    else this.listeners.get('join')?.({});
  }
  crash(restart: boolean) {
    const error = Object.assign(new Error('Not authorized'), { type: 'TOPIC_AUTHORIZATION_FAILED' });
    this.listeners.get('crash')?.({ payload: { error, restart } });
  }
}

function readerOf(consumer: FakeConsumer) {
  const client = { consumer: () => consumer } as unknown as KafkaJs.Kafka;
  const settings = readKafkaSettings({ KAFKA_BROKERS: 'kafka:9092' });
  return new KafkaReader(client, settings, { topic: 'controls', group: 'office', from: 'next' });
}

describe('a reader of a topic', () => {
  it('says why it cannot begin, where the client gives up', async () => {
    const consumer = new FakeConsumer();
    consumer.refuses = true;
    const starting = readerOf(consumer).start(() => undefined);
    await expect(starting).rejects.toThrow(BrokerError);
    await expect(starting).rejects.toThrow(/does not allow this.*Give the user rights on the topic/);
    expect(consumer.done.at(-1)).toBe('disconnect');
  });

  it('begins again after a while where the client gave up in the middle, until it is stopped', async () => {
    const consumer = new FakeConsumer();
    const reader = readerOf(consumer);
    await reader.start(() => undefined);
    consumer.crash(true);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(consumer.done).toEqual(['connect', 'run']);
    consumer.crash(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(consumer.done).toEqual(['connect', 'run', 'connect', 'run']);
    consumer.crash(false);
    await reader.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(consumer.done).toEqual(['connect', 'run', 'connect', 'run', 'disconnect']);
  });
});
