import type { KeyedFinding, KeyedStore } from '../keyed-detector.js';
import type { KeptFlow } from './kept-flows.js';
import { Touched } from './touched.js';

/** Idle keys are looked for once in this time. Unit: s. */
const FORGET_EVERY_S = 600;
/** No store forgets a key sooner: that is tested first, as keys hardly ever are idle. Unit: µs. */
const LEAST_IDLE_US = 600e6;

/**
 * What is remembered of a key for as long as it comes again in time. Entries of all detectors are of this one class, and
 * what differs hangs on it: code that met a dozen shapes of entry took about twice as long (docs/decisions/019-entries-of-one-class.md).
 */
export class LastingEntry<About> implements KeyedFinding {
  sensors = 0;
  sensorsBefore = 0;
  /** First and last evidence, µs; 0 none yet. */
  firstUs = 0;
  lastUs = 0;
  /** In the current pane; 0 nothing. */
  paneFirstUs = 0;
  paneLastUs = 0;
  isTouched = false;
  flows: KeptFlow[] = [];

  constructor(
    readonly key: number,
    /** What the detector knows of it. */
    readonly about: About,
  ) {}
}

/** Bounds of a store, and when it speaks again. */
export interface LastingBounds<About> {
  maxKeys: number;
  /** A key that was idle for longer begins anew; at least ten minutes. Unit: s. */
  idleS(about: About): number;
  /** A finding is said again after this time. Unit: s. */
  periodS: number;
}

/**
 * Keys that are remembered over hours or days, where KeyedCounts knows five minutes. A pane's rows only widen its times
 * and add up; `commit` is called once for each pane and key, when all of them are known, so their order does not matter.
 */
export class LastingKeys<About> implements KeyedStore<LastingEntry<About>> {
  /** By key as a signed number: V8 keeps those up to 2^31 without a box. */
  private entries = new Map<number, LastingEntry<About>>();
  readonly touched = new Touched<LastingEntry<About>>();
  private forgottenAtS = 0;
  halfStartS = 0;
  sensorBit = 0;
  /** Keys that found no room. */
  refused = 0;

  constructor(
    private readonly bounds: LastingBounds<About>,
    /** Takes what the pane holds into the entry's history; times are still those of before. */
    private readonly commit: (entry: LastingEntry<About>) => void,
  ) {}

  get(key: number): LastingEntry<About> | undefined {
    return this.entries.get(key | 0);
  }

  get all(): IterableIterator<LastingEntry<About>> {
    return this.entries.values();
  }

  /** Enters a key that is new; undefined, and nothing made, when there is no room. */
  add(key: number, describe: () => About): LastingEntry<About> | undefined {
    if (this.entries.size >= this.bounds.maxKeys) {
      this.refused++;
      return undefined;
    }
    const entry = new LastingEntry(key, describe());
    this.entries.set(key | 0, entry);
    return entry;
  }

  /** Notes that something happened to the entry between two times of the current pane. */
  touch(entry: LastingEntry<About>, timeUs: number, lastUs: number): void {
    // An end that is noticed late comes with a last packet of before.
    const firstUs = Math.min(timeUs, lastUs);
    if (entry.paneFirstUs === 0 || firstUs < entry.paneFirstUs) entry.paneFirstUs = firstUs;
    if (lastUs > entry.paneLastUs) entry.paneLastUs = lastUs;
    entry.sensors |= this.sensorBit;
    this.touched.add(entry);
  }

  /**
   * Notes evidence that cannot make the entry worth looking at: only its time goes on. False, and nothing noted, where a
   * pane has to be closed first: the key is new, was touched in this pane, or was idle for so long that it begins anew.
   */
  pass(entry: LastingEntry<About>, firstUs: number, lastUs: number): boolean {
    if (entry.firstUs === 0 || entry.isTouched || this.isStale(entry, firstUs)) return false;
    if (lastUs > entry.lastUs) entry.lastUs = lastUs;
    entry.sensors |= this.sensorBit;
    return true;
  }

  takeTouched(): readonly LastingEntry<About>[] {
    const touched = this.touched.take();
    for (let k = 0; k < touched.length; k++) this.closePane(touched[k]!);
    return touched;
  }

  private closePane(entry: LastingEntry<About>): void {
    this.commit(entry);
    if (entry.firstUs === 0) entry.firstUs = entry.paneFirstUs;
    entry.lastUs = Math.max(entry.lastUs, entry.paneLastUs);
    entry.paneFirstUs = 0;
    entry.paneLastUs = 0;
  }

  /** Whether the pane comes so late after what was before that the key begins anew. */
  isStale(entry: LastingEntry<About>, nowUs = entry.paneFirstUs): boolean {
    const idleUs = nowUs - entry.lastUs;
    if (idleUs <= LEAST_IDLE_US || entry.lastUs === 0) return false;
    return idleUs > this.bounds.idleS(entry.about) * 1e6;
  }

  rollTo(second: number): void {
    this.halfStartS = second - (second % this.bounds.periodS);
    if (second - this.forgottenAtS < FORGET_EVERY_S) return;
    this.forgottenAtS = second;
    for (const entry of this.entries.values()) if (this.isStale(entry, second * 1e6)) this.forget(entry);
  }

  protected forget(entry: LastingEntry<About>): void {
    this.entries.delete(entry.key | 0);
  }

  snapshot(): object {
    const { halfStartS, forgottenAtS, refused } = this;
    return { halfStartS, forgottenAtS, refused, entries: [...this.entries.values()] };
  }

  restore(snapshot: object): void {
    const { halfStartS, forgottenAtS, refused, entries } = snapshot as {
      halfStartS: number;
      forgottenAtS: number;
      refused: number;
      entries: LastingEntry<About>[];
    };
    this.halfStartS = halfStartS;
    this.forgottenAtS = forgottenAtS;
    this.refused = refused;
    this.entries = new Map(entries.map((entry) => [entry.key | 0, restored(entry)]));
    this.touched.clear();
  }
}

/** An entry as it was, of the class that all others are of. */
function restored<About>(entry: LastingEntry<About>): LastingEntry<About> {
  return Object.assign(new LastingEntry(entry.key, entry.about), entry);
}
