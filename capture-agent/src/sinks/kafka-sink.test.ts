import { describe, expect, it, vi } from 'vitest';
import type { OutgoingMessage } from '../kafka/index.js';
import { FakeBroker, FakeClock, settle } from './kafka-sink.fixture.js';
import { KafkaSink, type KafkaSinkOptions } from './kafka-sink.js';

const MESSAGE_BYTES = 100;

function message(n: number, bytes = MESSAGE_BYTES): OutgoingMessage {
  const value = new Uint8Array(bytes);
  new DataView(value.buffer).setUint32(0, n);
  return { topic: 'packets', key: `office/${n % 4}`, value };
}

const numberOf = ({ value }: OutgoingMessage) => new DataView(value.buffer).getUint32(0);

function setUp(change: Partial<KafkaSinkOptions> = {}) {
  const broker = new FakeBroker();
  const clock = new FakeClock();
  const events = { connected: vi.fn(), away: vi.fn(), refused: vi.fn(), full: vi.fn() };
  const sink = new KafkaSink({
    createProducer: () => broker.producer(),
    queueBytes: 10 * MESSAGE_BYTES,
    requestBytes: 3 * MESSAGE_BYTES,
    whenFull: 'drop-oldest',
    clock,
    events,
    ...change,
  });
  const putMany = (from: number, to: number) => {
    for (let n = from; n < to; n++) sink.put(message(n), 10);
  };
  return { broker, clock, events, sink, putMany, numbers: () => broker.taken.map(numberOf) };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('KafkaSink', () => {
  it('sends in order, in requests that keep to their limit', async () => {
    const { broker, sink, putMany, numbers } = setUp();
    putMany(0, 8);
    sink.start();
    await settle();
    expect(numbers()).toEqual(range(0, 8));
    expect(broker.requests).toEqual([3, 3, 2]);
    expect(sink.counters()).toMatchObject({ sent: { messages: 8, bytes: 800, packets: 80 }, queued: { messages: 0 } });
  });

  it('has one request on its way at a time, so that none overtakes another', async () => {
    const { broker, sink, putMany, numbers } = setUp();
    sink.start();
    await settle();
    broker.isHeld = true;
    putMany(0, 9);
    await settle();
    expect(numbers()).toEqual([]);
    expect(sink.counters().queued.messages).toBe(9);
    broker.release();
    await settle();
    expect(numbers()).toEqual(range(0, 9));
  });

  it('connects before there is anything to send', async () => {
    const { broker, events, sink } = setUp();
    sink.start();
    await settle();
    expect(broker.producersOpen).toBe(1);
    expect(events.connected).toHaveBeenCalledTimes(1);
    expect(sink.counters().isConnected).toBe(true);
  });

  it('keeps what fits while the broker is away, and goes on in order when it is back', async () => {
    const { broker, clock, events, sink, putMany, numbers } = setUp();
    sink.start();
    await settle();
    broker.isAway = true;
    putMany(0, 10);
    await settle();
    await clock.advance(60_000);
    expect(sink.counters()).toMatchObject({ queued: { messages: 10 }, dropped: { messages: 0 }, isConnected: false });
    broker.isAway = false;
    await clock.advance(60_000);
    expect(numbers()).toEqual(range(0, 10));
    expect(events.away).toHaveBeenCalledTimes(1);
    expect(events.connected).toHaveBeenCalledTimes(2);
    expect(broker.producersOpen).toBe(1);
  });

  it('drops the oldest when the queue is full, counts them with their packets and tells it once', async () => {
    const { broker, clock, events, sink, putMany, numbers } = setUp();
    broker.isAway = true;
    sink.start();
    putMany(0, 100);
    await settle();
    const { dropped, queued } = sink.counters();
    expect(queued.bytes).toBeLessThanOrEqual(10 * MESSAGE_BYTES);
    expect(dropped).toEqual({ messages: 90, bytes: 9000, packets: 900 });
    expect(events.full).toHaveBeenCalledTimes(1);
    broker.isAway = false;
    await clock.advance(60_000);
    // What was on its way when the queue filled is older than what was kept.
    expect(numbers()).toHaveLength(10);
    expect(numbers()).toEqual([...numbers()].sort((a, b) => a - b));
    expect(numbers().at(-1)).toBe(99);
  });

  it('never holds more than its bound, what is on its way included', async () => {
    const { broker, sink, putMany } = setUp();
    sink.start();
    await settle();
    broker.isHeld = true;
    for (let n = 0; n < 50; n++) {
      putMany(n, n + 1);
      await settle();
      expect(sink.counters().queued.bytes).toBeLessThanOrEqual(10 * MESSAGE_BYTES);
    }
    expect(sink.counters().dropped.messages).toBe(40);
  });

  it('lets a message through that is larger than the queue', async () => {
    const { sink, numbers } = setUp();
    sink.put(message(7, 5000), 1);
    sink.start();
    await settle();
    expect(numbers()).toEqual([7]);
  });

  it('makes whoever can wait do so, and then loses nothing', async () => {
    const { broker, clock, sink, numbers } = setUp({ whenFull: 'wait' });
    broker.isAway = true;
    sink.start();
    let put = 0;
    const feeding = (async () => {
      for (; put < 100; put++) {
        await sink.ready();
        sink.put(message(put), 10);
      }
    })();
    await settle();
    expect(put).toBe(10);
    await clock.advance(60_000);
    expect(put).toBe(10);
    broker.isAway = false;
    await clock.advance(60_000);
    for (let turn = 0; turn < 20; turn++) await settle();
    await feeding;
    await settle();
    expect(numbers()).toEqual(range(0, 100));
    expect(sink.counters().dropped.messages).toBe(0);
  });

  it('tells when everything has been taken', async () => {
    const { broker, sink, putMany } = setUp({ whenFull: 'wait' });
    sink.start();
    await settle();
    broker.isHeld = true;
    putMany(0, 5);
    let isDrained = false;
    const draining = sink.drained().then(() => {
      isDrained = true;
    });
    await settle();
    expect(isDrained).toBe(false);
    broker.release();
    await draining;
    expect(sink.counters().sent.messages).toBe(5);
  });

  it('lets go of whoever waits when it is released', async () => {
    const { broker, sink, putMany } = setUp({ whenFull: 'wait' });
    broker.isAway = true;
    sink.start();
    putMany(0, 20);
    const waiting = Promise.all([sink.ready(), sink.drained()]);
    sink.release();
    await expect(waiting).resolves.toBeDefined();
  });

  it('drops only the message that the broker refuses for good', async () => {
    const { broker, events, sink, numbers } = setUp();
    broker.largestBytes = 150;
    sink.put(message(0), 10);
    sink.put(message(1, 160), 10);
    sink.put(message(2), 10);
    sink.start();
    await settle();
    expect(numbers()).toEqual([0, 2]);
    expect(sink.counters()).toMatchObject({ sent: { messages: 2 }, refused: { messages: 1, packets: 10 } });
    expect(events.refused).toHaveBeenCalledTimes(1);
    expect(broker.producersMade).toBe(1);
  });

  it('offers only what there is room for', async () => {
    const { broker, sink, putMany } = setUp({ whenFull: 'wait' });
    broker.isAway = true;
    sink.start();
    expect(sink.offer(message(0))).toBe(true);
    putMany(1, 10);
    expect(sink.offer(message(10))).toBe(false);
    expect(sink.counters().queued.messages).toBe(10);
  });

  it('sends what is queued when it stops, and closes', async () => {
    const { broker, sink, putMany, numbers } = setUp();
    sink.start();
    await settle();
    putMany(0, 5);
    await sink.stop(1000);
    expect(numbers()).toEqual(range(0, 5));
    expect(broker.producersOpen).toBe(0);
  });

  it('stops at its deadline when the broker is away, and still counts what is left', async () => {
    const { broker, clock, sink, putMany } = setUp();
    broker.isAway = true;
    sink.start();
    putMany(0, 5);
    await settle();
    let isStopped = false;
    const stopping = sink.stop(1000).then(() => {
      isStopped = true;
    });
    await clock.advance(999);
    expect(isStopped).toBe(false);
    await clock.advance(1);
    await stopping;
    expect(sink.counters().queued.messages).toBe(5);
    const made = broker.producersMade;
    await clock.advance(60_000);
    expect(broker.producersMade).toBe(made);
  });

  it('stops at its deadline when the broker does not answer', async () => {
    const { broker, clock, sink, putMany } = setUp();
    sink.start();
    await settle();
    broker.isHeld = true;
    putMany(0, 5);
    await settle();
    const stopping = sink.stop(1000);
    await clock.advance(1000);
    await stopping;
    expect(sink.counters().queued.messages).toBe(5);
  });

  it('tells how old the oldest message is that waits', async () => {
    const { broker, clock, sink, putMany } = setUp();
    broker.isAway = true;
    sink.start();
    putMany(0, 1);
    await clock.advance(200);
    putMany(1, 2);
    expect(sink.counters().lagMs).toBe(200);
  });

  it('tries again with pauses that grow to five seconds', async () => {
    const { broker, clock, sink } = setUp();
    broker.isAway = true;
    sink.start();
    await settle();
    const tries: number[] = [];
    for (let ms = 0; ms < 30_000; ms += 250) {
      const before = broker.producersMade;
      await clock.advance(250);
      if (broker.producersMade > before) tries.push(ms + 250);
    }
    expect(tries).toEqual([250, 750, 1750, 3750, 7750, 12_750, 17_750, 22_750, 27_750]);
  });
});
