import { finish } from '@weir/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LayoutError } from '../runtime/port.js';
import { DistinctSets, EXACT_LIMIT } from './distinct-sets.js';
import { REGISTERS } from './hyper-log-log.js';
import { ByteReader, ByteWriter } from './state-bytes.js';

const BOUNDS = { maxSets: 1000 };

/** A set of the elements, in the order given. */
function setOf(arena: DistinctSets, elements: Iterable<number>, handle = 0): number {
  let set = handle;
  for (const element of elements) set = arena.add(set, element);
  return set;
}

function decoded(arena: DistinctSets, bounds = arena.bounds): DistinctSets {
  const writer = new ByteWriter();
  arena.encode(writer);
  const reader = new ByteReader(writer.finish());
  const copy = DistinctSets.decode(reader, bounds);
  reader.expectEnd();
  return copy;
}

/** Mixed numbers from 0: `hashes(3)` are three distinct ones. */
const hashes = (count: number, from = 0) => Array.from({ length: count }, (_, i) => finish(from + i));

/** Lists around every size class and the change to sketches, with repeats. */
const elements = fc.array(
  fc.nat(150).map((i) => finish(i)),
  { maxLength: 250, size: 'max' },
);

/** All but sets of one element that its handle can say. */
function holdsMemory(values: ReadonlySet<number>): boolean {
  return values.size > 1 || [...values].some((value) => value < 2 ** 30);
}

describe('distinct sets', () => {
  it('counts exactly up to 64 elements, repeats and zero included', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(80), fc.nat(0xffff_ffff)), { maxLength: EXACT_LIMIT }), (values) => {
        const arena = new DistinctSets(BOUNDS);
        expect(arena.count(setOf(arena, [...values, ...values]))).toBe(new Set(values).size);
      }),
    );
    const arena = new DistinctSets(BOUNDS);
    expect(arena.count(setOf(arena, hashes(64)))).toBe(64);
  });

  it('takes signed and unsigned forms of a hash for the same element', () => {
    const arena = new DistinctSets(BOUNDS);
    expect(arena.count(setOf(arena, [-1, 0xffff_ffff, 5, -1]))).toBe(2);
  });

  it.each([65, 100, 500, 5_000, 200_000])('estimates %i elements within 10 %', (count) => {
    const arena = new DistinctSets(BOUNDS);
    expect(Math.abs(arena.count(setOf(arena, hashes(count))) / count - 1)).toBeLessThan(0.1);
  });

  it.each([0, 1, 63, 64, 65, 66, 500])('says whether %i elements are at least so many as its count does', (count) => {
    const arena = new DistinctSets(BOUNDS);
    const set = setOf(arena, hashes(count));
    for (const least of [1, 63, 64, 65, 66, arena.count(set), arena.count(set) + 1])
      expect(arena.hasAtLeast(set, least)).toBe(arena.count(set) >= least);
  });

  it('does not depend on the order of adds', () => {
    fc.assert(
      fc.property(elements, (values) => {
        const arena = new DistinctSets(BOUNDS);
        const forward = setOf(arena, values);
        const backward = setOf(arena, [...values].reverse());
        expect(arena.count(forward)).toBe(arena.count(backward));
      }),
    );
  });

  it('merged equals whole, either way round, and leaves the other as it was', () => {
    fc.assert(
      fc.property(elements, elements, (a, b) => {
        const arena = new DistinctSets(BOUNDS);
        const whole = arena.count(setOf(arena, [...a, ...b]));
        const other = setOf(arena, b);
        const before = arena.count(other);
        expect(arena.count(arena.merge(setOf(arena, a), other))).toBe(whole);
        expect(arena.count(other)).toBe(before);
        expect(arena.count(arena.merge(setOf(arena, b), setOf(arena, a)))).toBe(whole);
      }),
    );
  });

  it('a copy made by merging into the empty set goes its own way', () => {
    for (const size of [1, 2, 40, 300]) {
      const arena = new DistinctSets(BOUNDS);
      const original = setOf(arena, hashes(size));
      const copy = setOf(arena, hashes(size, 1000), arena.merge(0, original));
      expect(arena.count(original)).toBe(arena.count(setOf(arena, hashes(size))));
      expect(arena.count(copy)).toBeGreaterThan(size * 1.5);
    }
  });

  it('merging a set into itself changes nothing', () => {
    const arena = new DistinctSets(BOUNDS);
    const set = setOf(arena, hashes(10));
    expect(arena.merge(set, set)).toBe(set);
  });

  it('counts the same whether it is asked between additions, merges and copies or at the end', () => {
    const [asked, silent] = [new DistinctSets({ maxSets: 9 }), new DistinctSets({ maxSets: 9 })];
    const handles = [asked, silent].map((sets, k) => {
      const ask = (handle: number) => (k === 0 ? sets.count(handle) : 0);
      let [a, b] = [0, 0];
      for (let i = 0; i < 600; i++) {
        a = sets.add(a, finish(i));
        b = sets.add(b, finish(i + 300));
        ask(a);
        ask(b);
      }
      const copy = sets.merge(0, a);
      ask(copy);
      const both = sets.merge(copy, b);
      ask(both);
      sets.release(a);
      const again = [...Array(100).keys()].reduce((handle, i) => sets.add(handle, finish(i)), 0);
      return [both, b, again].map((handle) => sets.count(handle));
    });
    expect(handles[0]).toEqual(handles[1]);
    expect(handles[0]![0]).toBeGreaterThan(800);
  });

  it('many sets do not disturb one another as they grow, empty and return', () => {
    // Elements with none, one or both of the upper bits set are kept in different ways.
    const anyElement = fc.nat(90).map((n) => (n % 3 === 0 ? n : finish(n)));
    const step = fc.record({ set: fc.nat(5), element: anyElement, act: fc.nat(60), other: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
        const arena = new DistinctSets(BOUNDS);
        const handles = new Array<number>(6).fill(0);
        const truth = handles.map(() => new Set<number>());
        for (const { set, element, act, other } of steps) {
          if (act === 0) {
            arena.release(handles[set]!);
            handles[set] = 0;
            truth[set] = new Set();
          } else if (act < 4) {
            handles[set] = arena.merge(handles[set]!, handles[other]!);
            for (const e of truth[other]!) truth[set]!.add(e);
          } else {
            handles[set] = arena.add(handles[set]!, element);
            truth[set]!.add(element);
          }
        }
        const fresh = new DistinctSets(BOUNDS);
        const wanted = truth.map((values) => fresh.count(setOf(fresh, values)));
        expect(handles.map((handle) => arena.count(handle))).toEqual(wanted);
        expect(arena.sets).toBe(truth.filter(holdsMemory).length);
        expect(handles.map((handle) => decoded(arena).count(handle))).toEqual(wanted);
      }),
    );
  });

  it('holds no memory for one element that its handle can say, and both when a second comes', () => {
    const arena = new DistinctSets({ maxSets: 1 });
    const [large, larger] = [2 ** 30, 2 ** 32 - 1];
    const one = arena.add(arena.add(0, large), large);
    const other = arena.merge(0, arena.add(0, larger));
    expect([arena.count(one), arena.count(other), arena.sets]).toEqual([1, 1, 0]);
    expect([arena.hasAtLeast(one, 1), arena.hasAtLeast(one, 2)]).toEqual([true, false]);
    const both = arena.merge(one, other);
    expect([arena.count(both), arena.sets]).toEqual([2, 1]);
    expect(arena.merge(both, other)).toBe(both);
    expect([arena.add(other, 7), arena.overflowed]).toEqual([other, 1]);
    arena.release(both);
    expect(arena.sets).toBe(0);
  });

  it('adds a sketch to an element that its handle says', () => {
    const arena = new DistinctSets(BOUNDS);
    const elements = [...Array(500).keys()].map((k) => finish(k));
    const large = elements.find((element) => element >= 2 ** 31)!;
    const many = setOf(arena, elements.slice(1));
    expect(arena.count(arena.merge(arena.add(0, large), many))).toBe(arena.count(setOf(arena, [large], many)));
  });

  it('uses released memory again', () => {
    const arena = new DistinctSets(BOUNDS);
    for (const set of [setOf(arena, hashes(10)), setOf(arena, hashes(200))]) arena.release(set);
    const before = arena.bytesUsed;
    for (let round = 0; round < 100; round++) {
      for (const set of [setOf(arena, hashes(10)), setOf(arena, hashes(200))]) arena.release(set);
    }
    expect(arena.bytesUsed).toBe(before);
    expect(arena.sets).toBe(0);
  });

  it('holds a single element in a few bytes', () => {
    const arena = new DistinctSets({ maxSets: 100_000 });
    for (let i = 0; i < 100_000; i++) arena.add(0, finish(i));
    expect(arena.bytesUsed).toBeLessThanOrEqual(131_072 * 4);
  });

  it('when it holds all the sets it may, refuses new ones, counts that, and goes on with the others', () => {
    const arena = new DistinctSets({ maxSets: 2 });
    const first = setOf(arena, hashes(3));
    const second = setOf(arena, [1]);
    expect(arena.add(0, 5)).toBe(0);
    expect(arena.merge(0, first)).toBe(0);
    expect(arena.overflowed).toBe(2);
    expect(arena.count(setOf(arena, hashes(70, 100), first))).toBeGreaterThan(60);
    arena.release(second);
    expect(arena.count(arena.add(0, 5))).toBe(1);
  });

  it('when it holds all the sketches it may, full sets stay at 64 and count what they refuse', () => {
    const arena = new DistinctSets({ maxSets: 4, maxSketches: 1 });
    const sketch = setOf(arena, hashes(200));
    const full = setOf(arena, hashes(66));
    expect(arena.count(full)).toBe(64);
    expect(arena.overflowed).toBe(2);
    expect(arena.merge(full, sketch)).toBe(full);
    expect(arena.merge(0, sketch)).toBe(0);
    expect(arena.overflowed).toBe(4);
    arena.release(sketch);
    expect(arena.count(setOf(arena, hashes(200), full))).toBeGreaterThan(150);
  });

  it('refuses bounds that handles cannot hold', () => {
    expect(() => new DistinctSets({ maxSets: 2 ** 24 })).toThrow('maxSets is 16777216');
    expect(() => new DistinctSets({ maxSets: Number.NaN })).toThrow(RangeError);
  });

  it('refuses bytes cut short, or larger than its bounds', () => {
    const arena = new DistinctSets(BOUNDS);
    setOf(arena, hashes(200));
    for (let i = 0; i < 20; i++) arena.add(0, i);
    const writer = new ByteWriter();
    arena.encode(writer);
    const bytes = writer.finish();
    for (let length = 0; length < bytes.length; length += 7)
      expect(() => DistinctSets.decode(new ByteReader(bytes.subarray(0, length)), BOUNDS)).toThrow(LayoutError);
    expect(() => decoded(arena, { maxSets: 10 })).toThrow(LayoutError);
  });

  it('refuses bytes in which more rows are free than it says', () => {
    const arena = new DistinctSets(BOUNDS);
    for (let i = 0; i < 9; i++) arena.add(0, i);
    const writer = new ByteWriter();
    arena.encode(writer);
    const bytes = writer.finish();
    // After registers, sets and overflows: rows of the first slab, and nothing packed for which of them are free.
    const [used, words] = [16, 20];
    new DataView(bytes.buffer).setUint32(used, 8, true);
    expect(() => DistinctSets.decode(new ByteReader(bytes), BOUNDS)).toThrow(LayoutError);
    new DataView(bytes.buffer).setUint32(words, 9, true);
    expect(() => DistinctSets.decode(new ByteReader(bytes), BOUNDS)).toThrow(LayoutError);
  });

  it('gives back what it no longer needs', () => {
    const arena = new DistinctSets(BOUNDS);
    const sets = Array.from({ length: 100 }, (_, i) => arena.add(0, i));
    const bytesOf = () => {
      const writer = new ByteWriter();
      arena.encode(writer);
      return writer.finish().length;
    };
    const full = bytesOf();
    for (const set of sets.slice(1)) arena.release(set);
    expect(bytesOf()).toBeLessThan(full / 3);
    expect(arena.count(sets[0]!)).toBe(1);
    expect(arena.count(arena.add(0, 5))).toBe(1);
  });

  it('refuses sketches with another number of registers', () => {
    const writer = new ByteWriter();
    new DistinctSets(BOUNDS).encode(writer);
    const bytes = writer.finish();
    new DataView(bytes.buffer).setUint32(0, REGISTERS / 2, true);
    expect(() => DistinctSets.decode(new ByteReader(bytes), BOUNDS)).toThrow('sketches of 512 registers');
  });
});
