import { STATEFUN_JOURNAL, STATEFUN_STATE } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { AddressFunction } from './address-function.js';
import type { Binding } from './binding.js';
import { readCall } from './call.js';
import { LoopbackCluster } from './loopback.js';
import { StateCache } from './state-cache.js';
import { toySurroundings } from './toy.fixture.js';

const TYPE = 'weir/scale';

/** Adds up what it is sent, times a factor that is set. Its state is long, so that it keeps a journal. */
function scaleBinding(factor: number): Binding<{ sum: number }, number> {
  return {
    name: 'scale',
    settings: Uint8Array.of(factor),
    under: ([other]) => {
      if (!other || other > 100) throw new RangeError('no factor');
      return scaleBinding(other);
    },
    refusalOf: () => undefined,
    read: (_, [number]) => number!,
    apply: (state, number) => {
      state.sum += number * factor;
    },
    initialState: () => ({ sum: 0 }),
    encode: ({ sum }) => Buffer.from(String(sum).padStart(1000)),
    decode: (bytes) => ({ sum: Number(Buffer.from(bytes).toString()) }),
  };
}

/** One address, called by processes with one setting after another. */
class Bench {
  private scale!: AddressFunction<{ sum: number }, number>;
  private readonly cluster = new LoopbackCluster((request) => this.scale.answer(readCall(request)), {
    messagesPerCall: 1,
    lostAnswers: 0,
    random: () => 0,
  });

  /** A new process, with this factor, takes over. */
  startWith(factor: number): this {
    this.scale = new AddressFunction(scaleBinding(factor), TYPE, toySurroundings({ cache: new StateCache(1e9) }));
    return this;
  }

  async send(...numbers: number[]): Promise<this> {
    for (const number of numbers) {
      this.cluster.put({ type: TYPE, id: '0' }, 'weir/number', Uint8Array.of(number));
      await this.cluster.settle();
    }
    return this;
  }

  get kept(): { sum: number; settings: number; journal: number } {
    const values = this.cluster.states.get(`${TYPE}/0`)!;
    const whole = values.get(STATEFUN_STATE)!;
    const journal = STATEFUN_JOURNAL.filter((name) => values.get(name)?.length).length;
    return { sum: Number(Buffer.from(whole.subarray(25)).toString()), settings: whole[24]!, journal };
  }
}

describe('a journal that was written with other settings', () => {
  it('comes to the state that it came to then, and the new ones hold from there', async () => {
    const bench = await new Bench().startWith(2).send(1, 10, 10);
    expect(bench.kept).toEqual({ sum: 2, settings: 2, journal: 2 });
    await bench.startWith(5).send(1);
    expect(bench.kept).toEqual({ sum: 2 + 20 + 20 + 5, settings: 5, journal: 0 });
  });

  it('goes on as before when they come back', async () => {
    const bench = await new Bench().startWith(2).send(1, 10);
    await bench.startWith(5).send(1, 1);
    await bench.startWith(2).send(1);
    expect(bench.kept.sum).toBe(2 + 20 + 5 + 5 + 2);
  });

  it('counts as if written with the new ones where the old ones cannot be read', async () => {
    const bench = await new Bench().startWith(101).send(1, 1);
    await bench.startWith(2).send(1);
    expect(bench.kept).toEqual({ sum: 101 + 2 + 2, settings: 2, journal: 0 });
  });
});
