import { Topic } from '@weir/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { until } from '../dashboard.fixture.js';
import { aFlow, anIncident, aWindow } from '../events.fixture.js';
import { FeedBus } from './bus.js';
import type { FeedBatch } from './feed.js';
import { KafkaFeed } from './kafka.js';
import { readMessage } from './messages.js';

const bytes = (...lines: unknown[]) => Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n'));

const fail = (error: unknown) => {
  throw error;
};

describe('the bus', () => {
  it('keeps order and gives everything before it ends', async () => {
    const bus = new FeedBus(fail);
    const batches: FeedBatch[] = [];
    bus.push({ kind: 'flow', flow: aFlow() });
    await bus.start({ positions: [], take: async (batch) => void batches.push(batch) });
    bus.push({ kind: 'incident', incident: anIncident() });
    await bus.stop();
    expect(batches.flatMap(({ events }) => events.map(({ kind }) => kind))).toEqual(['flow', 'incident']);
  });

  it('leaves flows out and counts them while writing is slow, and never an incident', async () => {
    const bus = new FeedBus(fail);
    for (let i = 0; i < 20_100; i++) bus.push({ kind: 'flow', flow: aFlow() });
    expect(bus.isFull).toBe(true);
    bus.push({ kind: 'incident', incident: anIncident() });
    expect(bus.counts()).toMatchObject({ flowsThinned: 100, lag: 20_001 });
  });
});

describe('the bus, where it is slow', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('has room again when what waits is being written, or nobody writes any more', async () => {
    const bus = new FeedBus(fail);
    let finish: () => void = () => undefined;
    await bus.start({ positions: [], take: () => new Promise((resolve) => (finish = resolve)) });
    const happened: string[] = [];
    const fill = () => {
      for (let i = 0; i < 50_000; i++) bus.push({ kind: 'window', window: aWindow() });
      void bus.ready().then(() => happened.push('room'));
    };
    await bus.ready();
    fill();
    await vi.advanceTimersByTimeAsync(50);
    expect(happened).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(happened).toEqual(['room']);
    fill();
    await vi.advanceTimersByTimeAsync(1000);
    expect(happened).toEqual(['room']);
    finish();
    await vi.advanceTimersByTimeAsync(200);
    expect(happened).toEqual(['room', 'room']);
    finish();
    await bus.stop();
  });
});

describe('the bus, where nothing can be kept for a while', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells why and goes on; incidents are kept later, and flows counted as left out', async () => {
    const errors: unknown[] = [];
    const bus = new FeedBus((error) => errors.push(error));
    const kept: string[] = [];
    let isFull = true;
    await bus.start({
      positions: [],
      take: async ({ events }) => {
        if (isFull) throw new Error('disk full');
        kept.push(...events.map((event) => (event.kind === 'incident' ? event.incident.id : event.kind)));
      },
    });
    bus.push({ kind: 'incident', incident: anIncident({ id: 'first' }) });
    bus.push({ kind: 'flow', flow: aFlow() });
    await vi.advanceTimersByTimeAsync(1000);
    expect(errors).toEqual([new Error('disk full')]);
    isFull = false;
    bus.push({ kind: 'incident', incident: anIncident({ id: 'second' }) });
    await vi.advanceTimersByTimeAsync(5000);
    expect(kept).toEqual(['first', 'second']);
    expect(bus.counts()).toMatchObject({ flowsThinned: 1, lag: 0 });
    isFull = true;
    bus.push({ kind: 'incident', incident: anIncident({ id: 'third' }) });
    await bus.stop();
    expect(errors).toHaveLength(2);
  });
});

describe('a message of a topic', () => {
  it('is read line by line; what is not understood is counted', () => {
    const { events, refused } = readMessage(Topic.networkFlows, bytes(aFlow(), { nonsense: 1 }, aFlow()));
    expect(events.map(({ kind }) => kind)).toEqual(['flow', 'flow']);
    expect(refused).toBe(1);
    expect(readMessage(Topic.normalTraffic, bytes(aWindow())).events[0]!.kind).toBe('window');
    expect(readMessage(Topic.anomalyAlerts, bytes(anIncident())).events[0]!.kind).toBe('incident');
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0])],
    ['another schema', bytes({ id: 1 })],
    ['too long', Buffer.alloc(17e6)],
  ])('%s is refused and nothing breaks', (_, value) => {
    expect(readMessage(Topic.anomalyAlerts, value)).toEqual({ events: [], refused: 1 });
  });

  it('without a value says nothing', () => {
    expect(readMessage(Topic.anomalyAlerts, null)).toEqual({ events: [], refused: 0 });
  });
});

/** A broker with one partition of flows, as far as the feed uses the client. */
class FakeKafka {
  readonly seeks: string[] = [];
  readonly committed: string[] = [];
  private readonly listeners = new Map<string, (event: object) => void>();
  private give: ((payload: never) => Promise<void>) | undefined;
  readonly events = { GROUP_JOIN: 'join', CRASH: 'crash' };

  consumer() {
    return this;
  }
  on(name: string, listener: (event: object) => void) {
    this.listeners.set(name, listener);
  }
  async connect() {}
  async subscribe() {}
  async disconnect() {}
  async commitOffsets([{ offset }]: { offset: string }[] & [{ offset: string }]) {
    this.committed.push(offset);
  }
  seek({ offset }: { offset: string }) {
    this.seeks.push(offset);
  }
  async run({ eachBatch }: { eachBatch: (payload: never) => Promise<void> }) {
    this.listeners.get('join')?.({ payload: { memberAssignment: { network_flows: [0] } } });
    this.give = eachBatch;
  }
  get isRunning() {
    return this.give !== undefined;
  }
  async batch(first: number, flows: number, highWatermark = first + flows + 7) {
    const messages = Array.from({ length: flows }, (_, i) => ({ offset: String(first + i), value: bytes(aFlow()) }));
    await this.give!({
      batch: {
        topic: 'network_flows', partition: 0, messages, lastOffset: () => String(first + flows - 1), offsetLag: () => '7',
        highWatermark: String(highWatermark),
      },
      resolveOffset: () => undefined,
      heartbeat: async () => undefined,
    } as never); // biome-ignore format: short
  }
}

describe('the Kafka feed', () => {
  const feedOf = (kafka: FakeKafka) =>
    new KafkaFeed({ brokers: ['x:1'], clientId: 'x', group: 'x', onError: (error) => { throw error; }, createClient: () => kafka as never }); // biome-ignore format: short

  it('goes on where the rows end, and takes nothing twice that was fetched before', async () => {
    const kafka = new FakeKafka();
    const batches: FeedBatch[] = [];
    const feed = feedOf(kafka);
    await feed.start({
      positions: [{ topic: 'network_flows', partition: 0, offset: '5' }],
      take: async (batch) => void batches.push(batch),
    });
    await until(() => kafka.isRunning);
    expect(kafka.seeks).toEqual(['5']);
    await kafka.batch(3, 4);
    await kafka.batch(0, 3, 7);
    expect(batches.map(({ events, positions }) => [events.length, positions[0]!.offset])).toEqual([[2, '7']]);
    expect(kafka.committed).toEqual(['7']);
    expect(feed.counts()).toMatchObject({ events: 2, refused: 0, lag: 7 });
    await feed.stop();
  });

  it('reads a topic that was made anew from its beginning, and says so', async () => {
    const kafka = new FakeKafka();
    const errors: unknown[] = [];
    const batches: FeedBatch[] = [];
    const onError = (error: unknown) => errors.push(error);
    const feed = new KafkaFeed({ brokers: ['x:1'], clientId: 'x', group: 'x', onError, createClient: () => kafka as never }); // biome-ignore format: short
    await feed.start({
      positions: [{ topic: 'network_flows', partition: 0, offset: '5000' }],
      take: async (batch) => void batches.push(batch),
    });
    await until(() => kafka.isRunning);
    for (const first of [0, 2]) await kafka.batch(first, 2, 4);
    expect(batches.map(({ events, positions }) => [events.length, positions[0]!.offset])).toEqual([
      [2, '2'],
      [2, '4'],
    ]);
    expect(String(errors)).toMatch(/network_flows\/0 ends at 4, and 5000 was reached before/);
    expect(errors).toHaveLength(1);
    await feed.stop();
  });

  it('does not move on when what it read could not be kept', async () => {
    const kafka = new FakeKafka();
    let fails = true;
    const kept: string[] = [];
    const feed = feedOf(kafka);
    await feed.start({
      positions: [],
      take: async ({ positions }) => {
        if (fails) throw new Error('disk full');
        kept.push(positions[0]!.offset);
      },
    });
    await until(() => kafka.isRunning);
    await expect(kafka.batch(0, 2)).rejects.toThrow('disk full');
    expect(kafka.committed).toEqual([]);
    fails = false;
    await kafka.batch(0, 2);
    expect(kept).toEqual(['2']);
    await feed.stop();
  });
});
