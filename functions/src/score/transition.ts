import { finish, hashAddress, mix } from '@weir/contracts';
import type { FeatureRows } from '../features/feature-rows.js';
import { type AlarmSettings, SLOT_S } from './config.js';
import { countRow } from './drift.js';
import { closeSlot, leastKept, remember } from './learning.js';
import type { RowKinds } from './row-memo.js';
import { type Selection, strangenessOf, type Tables } from './selection.js';
import type { ScoreState } from './state.js';
import { factoryThreshold } from './threshold.js';

/** Sources that alarms name in one slot. */
const MOST_ALARMS_PER_SLOT = 16;
const MOST_SOURCES = 65_536;

/** A row over the threshold, to be explained and told. */
export interface Finding {
  readonly row: number;
  /** What the models saw of it. */
  readonly features: Float32Array;
  readonly strangeness: number;
  readonly threshold: number;
  /** How many times rarer than the threshold asks for; 1 or more. */
  readonly magnitude: number;
  readonly tables: Tables;
  readonly isLearning: boolean;
}

/** Rows that are judged one after the other: where they stand, what models see of them, and what they say. */
export interface ScoredBlock {
  readonly rows: FeatureRows;
  /** Places of the rows, in the order of time. */
  readonly due: readonly number[];
  /** What models see of the k-th of them. */
  readonly features: readonly Float32Array[];
  readonly kinds: RowKinds;
}

/** By what rows are judged. */
interface Force {
  readonly tables: Tables;
  readonly threshold: number;
  readonly isLearning: boolean;
}

/**
 * Judges rows one by one in the order of time. A row is over the threshold, and then told once for its source and slot and
 * again when it has doubled; or it is benign, and learned from. Rows of one kind are worked out once.
 */
export class Judge {
  private force: Force | undefined;
  private block: ScoredBlock | undefined;
  /** By kind of the block: its strangeness under the tables in force, NaN until it is asked for; and clean rows not yet counted. */
  private strangeness = new Float64Array(0);
  private clean = new Int32Array(0);
  /** What members say of one row. */
  private readonly scores: Float64Array;

  constructor(
    private readonly selection: Selection,
    private readonly alarms: AlarmSettings,
  ) {
    this.scores = new Float64Array(selection.members.length);
  }

  /** These rows are judged from now on. */
  begin(state: ScoreState, block: ScoredBlock): void {
    const { count } = block.kinds;
    if (this.clean.length < count) {
      this.strangeness = new Float64Array(count);
      this.clean = new Int32Array(count);
    }
    this.block = block;
    this.enforce(state);
  }

  /** Judges the k-th row of the block. */
  take(state: ScoreState, k: number): Finding | undefined {
    const { rows, due, features, kinds } = this.block!;
    const row = due[k]!;
    const kind = kinds.of[k]!;
    const { tellableS, source, destination } = rows.keys.columns;
    const nowS = tellableS[row]!;
    this.enterSlot(state, nowS);
    state.counters.rows++;
    const { tables, threshold, isLearning } = this.force!;
    const strangeness = this.strangenessOf(kind);
    const from = hashAddress(source.words, row * 4);
    const to = hashAddress(destination.words, row * 4);
    const isTold = isAccused(state, from, nowS) || isAccused(state, to, nowS);
    if (strangeness <= threshold) {
      noteBenign(state, from, strangeness);
      if (!isTold) this.clean[kind]!++;
      if (!state.learned) this.remember(state, { rows, row, kind, from, to });
      return undefined;
    }
    if (isTold) {
      state.counters.toldByRules++;
      return undefined;
    }
    const magnitude = powerOfTen(strangeness - threshold);
    return isWorthSaying(state, from, magnitude)
      ? { row, features: features[k]!.slice(), strangeness, threshold, magnitude, tables, isLearning }
      : undefined;
  }

  /** Counts the clean rows of the block so far. To be called when it is over. */
  settle(state: ScoreState): void {
    if (!this.block) return;
    const { features, kinds } = this.block;
    for (let kind = 0; kind < kinds.count; kind++) {
      if (this.clean[kind]! > 0) countRow(state.drift, features[kinds.firstRows[kind]!]!, this.clean[kind]);
      this.clean[kind] = 0;
    }
  }

  /** What rows are judged by now. */
  inForce({ learned }: ScoreState): Force {
    if (learned) return { tables: learned.tables, threshold: learned.threshold, isLearning: false };
    const { factory, manifest } = this.selection;
    return { tables: factory, threshold: factoryThreshold(manifest.calibration, this.alarms), isLearning: true };
  }

  private enterSlot(state: ScoreState, nowS: number): void {
    const slotS = nowS - (nowS % SLOT_S);
    if (slotS <= state.slotS) return;
    this.settle(state);
    if (state.slotS >= 0) closeSlot(state, this.selection, this.alarms);
    for (const [address, untilS] of state.accused) if (untilS < slotS) state.accused.delete(address);
    state.slotS = slotS;
    this.enforce(state);
  }

  private enforce(state: ScoreState): void {
    this.force = this.inForce(state);
    this.strangeness.fill(Number.NaN);
  }

  private strangenessOf(kind: number): number {
    const known = this.strangeness[kind]!;
    if (!Number.isNaN(known)) return known;
    const strangeness = strangenessOf(this.selection, this.force!.tables, this.scoresOf(kind));
    this.strangeness[kind] = strangeness;
    return strangeness;
  }

  /** Valid until the next call. */
  private scoresOf(kind: number): Float64Array {
    const { scores } = this;
    const { kinds } = this.block!;
    for (let m = 0; m < scores.length; m++) scores[m] = kinds.scores[kind * scores.length + m]!;
    return scores;
  }

  private remember(state: ScoreState, { rows, row, kind, from, to }: CleanRow): void {
    const { timeUs, sourcePort, destinationPort } = rows.keys.columns;
    const ports = ((sourcePort[row]! << 16) | destinationPort[row]!) >>> 0;
    const hash = finish(mix(mix(mix(from, to), ports), (timeUs[row]! % 4_294_967_296) >>> 0)) >>> 0;
    remember(state, { hash, source: from, destination: to, slotS: state.slotS, scores: [...this.scoresOf(kind)] });
  }
}

interface CleanRow {
  readonly rows: FeatureRows;
  readonly row: number;
  readonly kind: number;
  /** Hashes of its hosts. */
  readonly from: number;
  readonly to: number;
}

/** To nine digits: the last ones of a power differ between versions of the engine, and incidents must not. */
function powerOfTen(decades: number): number {
  return Number((10 ** decades).toPrecision(9));
}

/** A detector has accused an address: for one slot its rows are neither told again nor learned from. */
export function accuse(state: ScoreState, address: number, atS: number): void {
  const untilS = Math.max(atS + SLOT_S, state.accused.get(address) ?? 0);
  if (state.accused.size < MOST_SOURCES || state.accused.has(address)) state.accused.set(address, untilS);
}

function isAccused({ accused }: ScoreState, address: number, nowS: number): boolean {
  return (accused.get(address) ?? -1) >= nowS;
}

function noteBenign({ strangest, learned }: ScoreState, source: number, strangeness: number): void {
  // What is no stranger than all that is kept of slots before would be dropped at the end of this one.
  if (learned && strangeness <= leastKept(learned.cells)) return;
  const before = strangest.get(source);
  if (before === undefined ? strangest.size < MOST_SOURCES : strangeness > before) strangest.set(source, strangeness);
}

function isWorthSaying(state: ScoreState, source: number, magnitude: number): boolean {
  const { said, counters } = state;
  const before = said.get(source);
  if (before !== undefined && magnitude < 2 * before) return false;
  if (before === undefined) {
    if (said.size >= MOST_ALARMS_PER_SLOT) {
      counters.alarmsHeldBack++;
      return false;
    }
    counters.alarms++;
    state.alarmsSince += state.learned ? 1 : 0;
  }
  said.set(source, magnitude);
  return true;
}
