import {
  type DeadLetter,
  parseDeadLetter,
  STATEFUN_JOURNAL,
  STATEFUN_STATE,
  StatefunType,
  Topic,
} from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { AddressFunction, StateRefused, type Surroundings } from './address-function.js';
import { readCall } from './call.js';
import { LoopbackCluster, stateValues, writeCall } from './loopback.js';
import { StateCache } from './state-cache.js';
import { readTick } from './tick.js';
import { type ToyState, toyBinding, toySurroundings } from './toy.fixture.js';

const TYPE = 'weir/toy';
const orderly = { messagesPerCall: 100, lostAnswers: 0, random: () => 0.99 };

/** A toy with the state that Flink keeps for it. */
class Bench {
  readonly around: ReturnType<typeof toySurroundings>;
  readonly cluster: LoopbackCluster;

  constructor(settings: Partial<Surroundings> = {}, binding = toyBinding()) {
    this.around = toySurroundings(settings);
    const toy = new AddressFunction(binding, TYPE, this.around);
    this.cluster = new LoopbackCluster((request) => toy.answer(readCall(request)), orderly);
  }

  /** One call with a message for each number. */
  async send(...numbers: number[]): Promise<this> {
    for (const number of numbers) this.cluster.put({ type: TYPE, id: '0' }, 'weir/number', Uint8Array.of(number));
    await this.cluster.deliverSome();
    return this;
  }

  get sums(): number[] {
    return this.cluster.records.filter(({ topic }) => topic === 'sums').map(({ value }) => Number(value));
  }

  get deadLetters(): DeadLetter[] {
    return this.cluster.records.filter(({ topic }) => topic === Topic.deadLetters).map((r) => parseDeadLetter(r.value));
  }

  get taken(): ToyState['taken'] {
    return [...this.cluster.states.get(`${TYPE}/0`)!.get(STATEFUN_STATE)!.subarray(25)];
  }
}

describe('a call', () => {
  it('asks for the state first, then applies all its messages in order', async () => {
    const bench = await new Bench().send(1, 2, 3);
    expect(bench.cluster.calls).toBe(2);
    expect(bench.taken).toEqual([1, 2, 3]);
    expect(bench.sums).toEqual([1, 3, 6]);
  });

  it('goes on from the state held decoded, and says so', async () => {
    const bench = await new Bench().send(1);
    await bench.send(2);
    expect(bench.taken).toEqual([1, 2]);
    expect(bench.around.metrics.text()).toContain('weir_functions_states_total{function="toy",source="held"} 1');
  });

  it('goes on from the bytes when they are older than what was answered last', async () => {
    const bench = await new Bench().send(1);
    const before = bench.cluster.states.get(`${TYPE}/0`)!;
    await bench.send(2);
    bench.cluster.states.set(`${TYPE}/0`, before);
    await bench.send(5);
    expect(bench.taken).toEqual([1, 5]);
    expect(bench.around.metrics.text()).toContain('source="decoded"} 1');
  });

  it('to an address that there is not keeps nothing and puts its messages aside', async () => {
    const bench = new Bench();
    bench.cluster.put({ type: TYPE, id: 'nowhere' }, 'weir/number', Uint8Array.of(1));
    await bench.cluster.settle();
    expect(bench.cluster.states.size).toBe(0);
    expect(bench.deadLetters).toMatchObject([{ reason: 'no such toy', address: 'toy/nowhere', lengthBytes: 1 }]);
  });
});

describe('a message', () => {
  it('that cannot be read becomes a dead letter, and the others count', async () => {
    const bench = await new Bench().send(1, 13, 2);
    expect(bench.taken).toEqual([1, 2]);
    expect(bench.deadLetters).toEqual([
      {
        reason: '13 is no message',
        topic: 'weir/number',
        address: 'toy/0',
        firstBytes: Buffer.from([13]).toString('base64'),
        lengthBytes: 1,
        atMs: 1000,
      },
    ]);
  });

  it('without a value becomes a dead letter', async () => {
    const bench = new Bench();
    const toy = new AddressFunction(toyBinding(), TYPE, bench.around);
    const request = writeCall({ type: TYPE, id: '0' }, stateValues(null), [{ type: 'weir/number' }]);
    const cluster = new LoopbackCluster(() => toy.answer(readCall(request)), orderly);
    cluster.put({ type: TYPE, id: '0' }, 'weir/number', Uint8Array.of());
    await cluster.deliverSome();
    expect(cluster.records).toHaveLength(1);
    expect(parseDeadLetter(cluster.records[0]!.value).reason).toContain('no value');
  });

  it.each([[0], [1e9]])(
    'that fails twice leaves no trace but a dead letter (cache of %d bytes)',
    async (cacheBytes) => {
      const bench = await new Bench({ cache: new StateCache(cacheBytes) }).send(1);
      await bench.send(2, 66, 3, 66, 66, 4);
      expect(bench.taken).toEqual([1, 2, 3, 4]);
      expect(bench.sums).toEqual([1, 3, 6, 10]);
      expect(bench.deadLetters.map(({ reason }) => reason)).toEqual(
        Array(3).fill(expect.stringContaining('66 breaks it')),
      );
      expect(bench.around.lines.filter((line) => line.startsWith('error: a message failed'))).toHaveLength(1);
      expect(bench.around.metrics.text()).toContain('weir_functions_exceptions_total{function="toy"} 3');
    },
  );

  it('that fails once and then not counts once', async () => {
    const bench = await new Bench().send(1, 77, 2);
    expect(bench.taken).toEqual([1, 77, 2]);
    expect(bench.sums).toEqual([1, 78, 80]);
    expect(bench.deadLetters).toEqual([]);
  });
});

describe('state that cannot be read', () => {
  const damaged = Buffer.concat([Buffer.from('WST\x02'), Buffer.alloc(20), Buffer.from([9, 1, 2])]);

  it.each([
    ['of another layout', damaged, 'toy state has layout 9'],
    ['without a frame', Buffer.from('hello'), 'begins with no frame'],
  ])('%s is refused, with one line a minute, and kept', async (_, state, reason) => {
    let nowMs = 0;
    const bench = new Bench({ nowMs: () => nowMs });
    const refusals = async () => {
      bench.cluster.states.set(`${TYPE}/0`, stateValues(state));
      await expect(bench.send(1)).rejects.toThrow(StateRefused);
      return bench.around.lines.length;
    };
    expect(await refusals()).toBe(1);
    expect(bench.around.lines[0]).toContain(reason);
    expect(bench.around.lines[0]).toContain('toy/0');
    expect(await refusals()).toBe(1);
    nowMs = 60_000;
    expect(await refusals()).toBe(2);
  });

  it('becomes a dead letter and begins anew where it is set so', async () => {
    const bench = new Bench({ onUnreadableState: 'reset' });
    bench.cluster.states.set(`${TYPE}/0`, stateValues(damaged));
    await bench.send(5);
    expect(bench.taken).toEqual([5]);
    expect(bench.deadLetters).toMatchObject([{ topic: StatefunType.state, address: 'toy/0', lengthBytes: 27 }]);
  });
});

describe('a state longer than what is applied to it', () => {
  /** Its bytes end with so many zeros. */
  const PADDING = 1000;
  const long = (): ReturnType<typeof toyBinding> => {
    const { encode, decode, ...toy } = toyBinding();
    const padded = (state: ToyState) => Buffer.concat([encode(state), new Uint8Array(PADDING)]);
    return { ...toy, encode: padded, decode: (bytes) => decode(bytes.subarray(0, -PADDING)) };
  };
  const wordsOf = (bench: Bench) => bench.cluster.states.get(`${TYPE}/0`)!;
  const journalOf = (bench: Bench) => STATEFUN_JOURNAL.filter((name) => wordsOf(bench).get(name));
  const wholeOf = (bench: Bench) => bench.taken.slice(0, -PADDING);

  it('stays as it was written, with what each call applied beside it', async () => {
    const bench = await new Bench({}, long()).send(1);
    await bench.send(2, 3);
    await bench.send(4);
    expect(wholeOf(bench)).toEqual([1]);
    expect(journalOf(bench)).toEqual(['journal_a', 'journal_b']);
    expect(bench.sums).toEqual([1, 3, 6, 10]);
    expect(bench.around.metrics.text()).toContain('written_total{function="toy",form="journal"} 2');
  });

  it('is built again from both where it is not held', async () => {
    const bench = await new Bench({ cache: new StateCache(0) }, long()).send(1);
    for (const number of [2, 3, 13, 66, 77]) await bench.send(number);
    await bench.send(4);
    expect(bench.sums).toEqual([1, 3, 6, 83, 87]);
    expect(bench.deadLetters).toHaveLength(2);
  });

  it('is written as a whole when the journal is full, and the journal is emptied', async () => {
    const bench = await new Bench({}, long()).send(1);
    for (const _ of STATEFUN_JOURNAL) await bench.send(1);
    expect(journalOf(bench)).toEqual(STATEFUN_JOURNAL);
    await bench.send(2);
    expect(journalOf(bench)).toEqual([]);
    expect(wholeOf(bench)).toEqual([1, ...STATEFUN_JOURNAL.map(() => 1), 2]);
  });

  it('is written as a whole when the journal would become several times as long', async () => {
    const bench = await new Bench({}, long()).send(1);
    await bench.send(...Array<number>(80).fill(2));
    expect(journalOf(bench)).toHaveLength(1);
    await bench.send(...Array<number>(60).fill(2));
    expect(journalOf(bench)).toEqual([]);
    expect(wholeOf(bench)).toHaveLength(141);
  });

  it('is not written when a call applied nothing', async () => {
    const bench = await new Bench({}, long()).send(1);
    const before = new Map(wordsOf(bench));
    await bench.send(13);
    expect(wordsOf(bench)).toEqual(before);
    await bench.send(2);
    expect(bench.sums).toEqual([1, 3]);
    expect(bench.around.metrics.text()).toContain('source="held"} 2');
  });

  it('goes on from an older journal when answers were lost', async () => {
    const bench = await new Bench({}, long()).send(1);
    await bench.send(2);
    const before = wordsOf(bench);
    await bench.send(3);
    bench.cluster.states.set(`${TYPE}/0`, before);
    await bench.send(5);
    expect(bench.sums).toEqual([1, 3, 6, 8]);
  });

  it('is given up with its journal where that is one of another state', async () => {
    const bench = await new Bench({ onUnreadableState: 'reset', cache: new StateCache(0) }, long()).send(1);
    await bench.send(2);
    const [other] = [await new Bench({}, long()).send(1)];
    bench.cluster.states.set(
      `${TYPE}/0`,
      new Map([...wordsOf(bench), [STATEFUN_STATE, wordsOf(other).get(STATEFUN_STATE)!]]),
    );
    await bench.send(7);
    expect(wholeOf(bench)).toEqual([7]);
    expect(journalOf(bench)).toEqual([]);
    expect(bench.deadLetters[0]!.reason).toContain('another state');
  });
});

describe('ticks', () => {
  const ticking = { ...toyBinding(), tickEveryMs: 5000, read: (type: string) => (type === StatefunType.tick ? 9 : 1) };

  it('begin with the first call, and each is followed by the next at its time', async () => {
    const { cluster } = await new Bench({}, ticking).send(1);
    const [first] = cluster.delayed;
    expect(first).toMatchObject({ target: { type: TYPE, id: '0' }, type: StatefunType.tick, delayMs: 5000 });
    expect(readTick(first!.bytes)).toEqual({ kind: 'tick', nowMs: 1000 });
    cluster.put(first!.target, first!.type, first!.bytes);
    await cluster.settle();
    expect(cluster.delayed).toHaveLength(2);
    expect(readTick(cluster.delayed[1]!.bytes)).toEqual({ kind: 'tick', nowMs: 6000 });
  });

  it('do not come more often for other messages', async () => {
    const bench = await new Bench({}, ticking).send(1);
    await bench.send(1);
    await bench.send(1);
    expect(bench.cluster.delayed).toHaveLength(1);
  });

  it('go on after one that fails', async () => {
    const failing = { ...ticking, read: () => 66 };
    const bench = new Bench({}, failing);
    bench.cluster.states.set(`${TYPE}/0`, stateValues(null));
    bench.cluster.put({ type: TYPE, id: '0' }, StatefunType.tick, Buffer.from('{"kind":"tick","nowMs":1}'));
    await bench.cluster.settle();
    expect(bench.deadLetters).toHaveLength(1);
    expect(bench.cluster.delayed).toHaveLength(1);
  });
});
