import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { KeyedFinding } from '../keyed-detector.js';
import type { KeptFlow } from './kept-flows.js';
import { Touched } from './touched.js';

/** Length of half a sliding window. Two halves are held, so that what falls across a boundary is still seen whole. */
export const HALF_WINDOW_S = 150;

/** Seconds that a full keyed window spans. */
export const KEYED_WINDOW_S = 2 * HALF_WINDOW_S;

/** Whom a key stands for. */
export interface KeyedNames {
  readonly client: string;
  /** The other side, or the domain. */
  readonly subject: string;
  readonly port: number;
}

/** What is counted about one key: in this half of the window, and in the one before. */
export class KeyedEntry implements KeyedFinding, KeyedNames {
  readonly client: string;
  readonly subject: string;
  readonly port: number;
  /** First evidence of each half, µs; 0 none. */
  firstUs = 0;
  firstBeforeUs = 0;
  lastUs = 0;
  /** Sensors that contributed to each half, as bits. */
  sensors = 0;
  sensorsBefore = 0;
  /** Distinct things of this half, and of both together, as handles into DistinctSets. */
  set = 0;
  setOfBoth = 0;
  flows: KeptFlow[] = [];
  isTouched = false;

  constructor(
    readonly key: number,
    { client, subject, port }: KeyedNames,
    public now: number[],
    public before: number[],
  ) {
    this.client = client;
    this.subject = subject;
    this.port = port;
  }
}

/** Counters by key (a pair of hosts, or a client and a domain) over a sliding window of two halves. Bounded by `maxKeys`. */
export class KeyedCounts {
  /** By key as a signed number: V8 keeps those up to 2^31 without a box. */
  private entries = new Map<number, KeyedEntry>();
  readonly touched = new Touched<KeyedEntry>();
  halfStartS = 0;
  /** Sensor of what is counted now. */
  sensorBit = 0;
  /** Keys that found no room. */
  refused = 0;
  /** Length of half the window. Unit: s. */
  halfWindowS = HALF_WINDOW_S;

  private readonly zeros: readonly number[];

  constructor(
    readonly counters: number,
    readonly maxKeys: number,
    private readonly sets: DistinctSets,
  ) {
    this.zeros = Array<number>(counters).fill(0);
  }

  get isEmpty(): boolean {
    return this.entries.size === 0;
  }

  get(key: number): KeyedEntry | undefined {
    return this.entries.get(key | 0);
  }

  /** A new entry for a key that has none; undefined when there is no room. */
  create(key: number, names: KeyedNames): KeyedEntry | undefined {
    if (this.entries.size >= this.maxKeys) {
      this.refused++;
      return undefined;
    }
    const entry = new KeyedEntry(key, names, this.zeros.slice(), this.zeros.slice());
    this.entries.set(key | 0, entry);
    return entry;
  }

  /** Notes that something happened to the entry between two times, which is to be looked at. */
  touch(entry: KeyedEntry, firstUs: number, lastUs: number): void {
    this.note(entry, firstUs, lastUs);
    this.touched.add(entry);
  }

  /**
   * Notes the same where it cannot be worth looking at. Whether it can must not depend on the order of a pane's rows: it
   * is asked after each of them, of counts that only grow.
   */
  note(entry: KeyedEntry, timeUs: number, lastUs: number): void {
    // An end that is noticed late comes with a last packet of before.
    const firstUs = Math.min(timeUs, lastUs);
    if (entry.firstUs === 0 || firstUs < entry.firstUs) entry.firstUs = firstUs;
    if (lastUs > entry.lastUs) entry.lastUs = lastUs;
    entry.sensors |= this.sensorBit;
  }

  addDistinct(entry: KeyedEntry, hash: number): void {
    entry.set = this.sets.add(entry.set, hash);
    entry.setOfBoth = this.sets.add(entry.setOfBoth, hash);
  }

  /** Adds all that another set holds, which stays as it is. */
  addAllDistinct(entry: KeyedEntry, handle: number): void {
    entry.set = this.sets.merge(entry.set, handle);
    entry.setOfBoth = this.sets.merge(entry.setOfBoth, handle);
  }

  distinct(entry: KeyedEntry): number {
    return this.sets.count(entry.setOfBoth);
  }

  hasAtLeast(entry: KeyedEntry, distinct: number): boolean {
    return this.sets.hasAtLeast(entry.setOfBoth, distinct);
  }

  /** A counter over both halves. */
  total(entry: KeyedEntry, counter: number): number {
    return entry.now[counter]! + entry.before[counter]!;
  }

  firstUs(entry: KeyedEntry): number {
    return entry.firstBeforeUs || entry.firstUs;
  }

  /** Entries touched since the last call, in the order in which they were. */
  takeTouched(): readonly KeyedEntry[] {
    return this.touched.take();
  }

  /** Lets time come to `second`: halves that are over move back, and what is in neither half is forgotten. */
  rollTo(second: number): void {
    const start = Math.floor(second / this.halfWindowS) * this.halfWindowS;
    if (start <= this.halfStartS) return;
    const isNextHalf = start - this.halfStartS === this.halfWindowS;
    for (const entry of this.entries.values()) this.moveBack(entry, isNextHalf);
    this.halfStartS = start;
  }

  private moveBack(entry: KeyedEntry, isNextHalf: boolean): void {
    this.sets.release(entry.setOfBoth);
    if (!isNextHalf || entry.firstUs === 0) {
      this.sets.release(entry.set);
      this.entries.delete(entry.key | 0);
      return;
    }
    entry.before = entry.now;
    entry.now = this.zeros.slice();
    entry.firstBeforeUs = entry.firstUs;
    entry.firstUs = 0;
    entry.sensorsBefore = entry.sensors;
    entry.sensors = 0;
    entry.setOfBoth = entry.set;
    entry.set = 0;
  }

  /** What `restore` takes back, as JSON can hold it. */
  snapshot(): unknown {
    return { halfStartS: this.halfStartS, refused: this.refused, entries: [...this.entries.values()] };
  }

  restore(snapshot: unknown): void {
    const { halfStartS, refused, entries } = snapshot as {
      halfStartS: number;
      refused: number;
      entries: KeyedEntry[];
    };
    this.halfStartS = halfStartS;
    this.refused = refused;
    this.entries = new Map(entries.map((entry) => [entry.key | 0, restored(entry)]));
    this.touched.clear();
  }
}

/** An entry as it was, of the class that all others are of. */
function restored(entry: KeyedEntry): KeyedEntry {
  return Object.assign(new KeyedEntry(entry.key, entry, entry.now, entry.before), entry);
}
