import { LayoutError } from '../runtime/port.js';
import { REGISTERS, sketchAdd, sketchEstimate, sketchMerge } from './hyper-log-log.js';
import { Slab } from './slab.js';
import type { ByteReader, ByteWriter } from './state-bytes.js';

/** Largest set that is counted exactly. */
export const EXACT_LIMIT = 64;

/** Slabs for 1, 2, 4 … 64 elements, then the one of sketches. */
const SKETCH_CLASS = 7;

/** In a handle's low bits: 1 to 64 elements, or a sketch. */
const SKETCH = EXACT_LIMIT + 1;
const COUNT_BITS = 7;
const COUNT_MASK = (1 << COUNT_BITS) - 1;

/** What `maxSets` may not exceed, so that handles of sets that hold memory stay below 2^30. */
const MOST_SETS = 2 ** 23 - 1;
/** A handle with one of the upper bits set is the only element of its set: most sets never have another. */
const ELEMENT_BITS = 30;

/** Bounds of an arena. */
export interface DistinctSetsBounds {
  /** Sets that may hold memory at one time; fewer than 2^23. */
  maxSets: number;
  /** Sets that may exceed 64 elements at one time (1 KB each). Default: as many as there may be sets. */
  maxSketches?: number;
}

/**
 * Many sets of 32-bit hashes, each behind a signed 32-bit handle. Handle 0 is the empty set and holds no memory, nor do
 * three of four sets of one element. `add` and `merge` return the handle to keep in place of the one passed in: handles
 * carry the count, and an outdated one must not be used again.
 *
 * Counts are exact up to 64 elements and HyperLogLog estimates above (standard error 3.25 %). Neither counts nor
 * sketches depend on the order of adds and merges. Elements should be well mixed (`finish` of contracts/hash): two
 * values with one hash count once, about n² / 2^33 of n values (one of 100,000, 0.1 % of 10,000,000).
 *
 * A set that would exceed a bound keeps its handle and what it has, and `overflowed` counts the refusal.
 */
export class DistinctSets {
  private readonly slabs: readonly Slab[];
  /** What each sketch was last estimated to hold, by row; 0 where it has changed since. */
  private readonly estimates: number[] = [];
  /** Additions that found no room, of single elements or, in merges, of whole sets. */
  overflowed = 0;
  /** Sets that hold memory. */
  sets = 0;

  constructor(readonly bounds: DistinctSetsBounds) {
    if (!(bounds.maxSets >= 1 && bounds.maxSets <= MOST_SETS))
      throw new RangeError(`maxSets is ${bounds.maxSets}. Expected 1 to ${MOST_SETS}.`);
    const exact = Array.from({ length: SKETCH_CLASS }, (_, k) => new Slab(1 << k, bounds.maxSets));
    this.slabs = [...exact, new Slab(REGISTERS / 4, bounds.maxSketches ?? bounds.maxSets)];
  }

  /** Memory held, used or not. Unit: byte. */
  get bytesUsed(): number {
    return this.slabs.reduce((sum, slab) => sum + slab.bytesUsed, 0);
  }

  /** Adds one element. Returns the set's handle from now on. */
  add(handle: number, hash32: number): number {
    if (handle === 0) return hash32 >>> ELEMENT_BITS === 0 ? this.create(hash32) : hash32 | 0;
    if (isElement(handle)) return handle === (hash32 | 0) ? handle : this.createPair(handle, hash32);
    const count = handle & COUNT_MASK;
    const row = (handle >>> COUNT_BITS) - 1;
    if (count === SKETCH) {
      if (sketchAdd(this.slabs[SKETCH_CLASS]!.bytes, row * REGISTERS, hash32)) this.estimates[row] = 0;
      return handle;
    }
    const { words, stride } = this.slabs[classOf(count)]!;
    const element = hash32 >>> 0;
    const start = row * stride;
    // Newest first: traffic repeats itself.
    for (let i = start + count - 1; i >= start; i--) if (words[i] === element) return handle;
    if (count === stride) return this.addToNextClass(handle, element);
    words[start + count] = element;
    return handle + 1;
  }

  /** Number of distinct elements: exact up to 64, above that an estimate, rounded. */
  count(handle: number): number {
    if (isElement(handle)) return 1;
    const count = handle & COUNT_MASK;
    if (count !== SKETCH) return count;
    const row = (handle >>> COUNT_BITS) - 1;
    const known = this.estimates[row];
    if (known) return known;
    const estimate = Math.max(SKETCH, Math.round(sketchEstimate(this.slabs[SKETCH_CLASS]!.bytes, row * REGISTERS)));
    this.estimates[row] = estimate;
    return estimate;
  }

  /** Whether the set has at least so many elements: told without an estimate where it is small. */
  hasAtLeast(handle: number, least: number): boolean {
    if (isElement(handle)) return least <= 1;
    const count = handle & COUNT_MASK;
    return count === SKETCH ? least <= SKETCH || this.count(handle) >= least : count >= least;
  }

  /** Adds all of `from`, which stays as it is, to `into`. Returns the handle of `into` from now on. */
  merge(into: number, from: number): number {
    if (from === 0 || from === into) return into;
    if (isElement(from)) return this.add(into, from);
    if ((from & COUNT_MASK) === SKETCH) return this.mergeSketch(into, from);
    if (into === 0) return this.copyExact(from);
    const count = from & COUNT_MASK;
    const slab = this.slabs[classOf(count)]!;
    const start = ((from >>> COUNT_BITS) - 1) * slab.stride;
    let merged = into;
    // An add may move the slab's words, so they are taken afresh each time.
    for (let i = start; i < start + count; i++) merged = this.add(merged, slab.words[i]!);
    return merged;
  }

  /** Forgets the set; its handle must not be used again. */
  release(handle: number): void {
    if (handle === 0 || isElement(handle)) return;
    this.sets--;
    this.freeRow(handle);
  }

  encode(writer: ByteWriter): void {
    writer.u32(REGISTERS);
    writer.u32(this.sets);
    writer.f64(this.overflowed);
    for (const slab of this.slabs) slab.encode(writer);
  }

  /** The arena that `encode` wrote; handles stay valid. Throws a LayoutError where it does not fit `bounds`. */
  static decode(reader: ByteReader, bounds: DistinctSetsBounds): DistinctSets {
    const arena = new DistinctSets(bounds);
    const registers = reader.u32();
    if (registers !== REGISTERS) throw new LayoutError(`sketches of ${registers} registers; expected ${REGISTERS}`);
    arena.sets = reader.u32();
    arena.overflowed = reader.f64();
    let live = 0;
    for (const slab of arena.slabs) {
      slab.decode(reader);
      live += slab.live;
    }
    if (live !== arena.sets) throw new LayoutError(`${arena.sets} sets in ${live} rows`);
    return arena;
  }

  private create(hash32: number): number {
    if (this.sets >= this.bounds.maxSets) return this.refuse(0);
    this.sets++;
    const row = this.slabs[0]!.allocate();
    this.slabs[0]!.words[row] = hash32;
    return ((row + 1) << COUNT_BITS) | 1;
  }

  private createPair(element: number, hash32: number): number {
    if (this.sets >= this.bounds.maxSets) return this.refuse(element);
    this.sets++;
    const slab = this.slabs[1]!;
    const row = slab.allocate();
    slab.words[2 * row] = element;
    slab.words[2 * row + 1] = hash32;
    return ((row + 1) << COUNT_BITS) | 2;
  }

  private addToNextClass(handle: number, element: number): number {
    const count = handle & COUNT_MASK;
    if (count === EXACT_LIMIT) {
      const sketch = this.toSketch(handle);
      return sketch === handle ? handle : this.add(sketch, element);
    }
    const from = this.slabs[classOf(count)]!;
    const to = this.slabs[classOf(count + 1)]!;
    const row = to.allocate();
    const start = ((handle >>> COUNT_BITS) - 1) * from.stride;
    const at = row * to.stride;
    for (let i = 0; i < count; i++) to.words[at + i] = from.words[start + i]!;
    to.words[at + count] = element;
    this.freeRow(handle);
    return ((row + 1) << COUNT_BITS) | (count + 1);
  }

  /** Turns an exact set (or none) into a sketch of the same elements. Returns the same handle where no sketch is left. */
  private toSketch(handle: number): number {
    const sketches = this.slabs[SKETCH_CLASS]!;
    if (sketches.isFull) return this.refuse(handle);
    const row = sketches.allocate();
    const at = row * REGISTERS;
    this.estimates[row] = 0;
    sketches.bytes.fill(0, at, at + REGISTERS);
    const count = handle & COUNT_MASK;
    const { words, stride } = this.slabs[classOf(count)]!;
    const start = ((handle >>> COUNT_BITS) - 1) * stride;
    for (let i = start; i < start + count; i++) sketchAdd(sketches.bytes, at, words[i]!);
    this.freeRow(handle);
    return ((row + 1) << COUNT_BITS) | SKETCH;
  }

  private mergeSketch(into: number, from: number): number {
    if (into === 0) return this.copySketch(from);
    if (isElement(into)) return this.addToCopy(from, into);
    const sketch = (into & COUNT_MASK) === SKETCH ? into : this.toSketch(into);
    if ((sketch & COUNT_MASK) !== SKETCH) return into;
    const registers = this.slabs[SKETCH_CLASS]!.bytes;
    const row = (sketch >>> COUNT_BITS) - 1;
    this.estimates[row] = 0;
    sketchMerge(registers, row * REGISTERS, { registers, at: ((from >>> COUNT_BITS) - 1) * REGISTERS });
    return sketch;
  }

  /** A copy of a sketch, with one element more; that alone where there is no room. */
  private addToCopy(from: number, element: number): number {
    const copy = this.copySketch(from);
    return copy === 0 ? element : this.add(copy, element);
  }

  private copyExact(from: number): number {
    if (this.sets >= this.bounds.maxSets) return this.refuse(0);
    return this.copyRow(from, this.slabs[classOf(from & COUNT_MASK)]!);
  }

  private copySketch(from: number): number {
    const sketches = this.slabs[SKETCH_CLASS]!;
    if (this.sets >= this.bounds.maxSets || sketches.isFull) return this.refuse(0);
    const copy = this.copyRow(from, sketches);
    this.estimates[(copy >>> COUNT_BITS) - 1] = 0;
    return copy;
  }

  private copyRow(from: number, slab: Slab): number {
    this.sets++;
    const { stride } = slab;
    const row = slab.allocate();
    const start = ((from >>> COUNT_BITS) - 1) * stride;
    slab.words.copyWithin(row * stride, start, start + stride);
    return ((row + 1) << COUNT_BITS) | (from & COUNT_MASK);
  }

  private refuse(handle: number): number {
    this.overflowed++;
    return handle;
  }

  private freeRow(handle: number): void {
    if (handle === 0) return;
    const count = handle & COUNT_MASK;
    this.slabs[count === SKETCH ? SKETCH_CLASS : classOf(count)]!.free((handle >>> COUNT_BITS) - 1);
  }
}

/** Whether a handle is the only element of its set. */
function isElement(handle: number): boolean {
  return handle >>> ELEMENT_BITS !== 0;
}

/** Slab of a set with `count` elements (1 to 64): 0 for 1, 1 for 2, 2 for 3 and 4, and so on. */
function classOf(count: number): number {
  return 32 - Math.clz32(count - 1);
}
