import { finish, hashAddress, mix } from '@weir/contracts';
import type { FeatureRows } from '../features/feature-rows.js';
import { type AlarmSettings, SLOT_S } from './config.js';
import { countRow } from './drift.js';
import { closeSlot, remember } from './learning.js';
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

/** A row, what models see of it, and what they say; both are valid until it is judged. */
export interface ScoredRow {
  readonly rows: FeatureRows;
  readonly row: number;
  readonly features: Float32Array;
  readonly scores: Float64Array;
}

/**
 * Judges rows one by one in the order of time. A row is over the threshold, and then told once for its source and slot and
 * again when it has doubled; or it is benign, and learned from.
 */
export class Judge {
  constructor(
    private readonly selection: Selection,
    private readonly alarms: AlarmSettings,
  ) {}

  take(state: ScoreState, { rows, row, features, scores }: ScoredRow): Finding | undefined {
    const { timeUs, tellableS, source, destination, sourcePort, destinationPort } = rows.keys.columns;
    const nowS = tellableS[row]!;
    this.enterSlot(state, nowS);
    state.counters.rows++;
    const { tables, threshold, isLearning } = this.inForce(state);
    const strangeness = strangenessOf(this.selection, tables, scores);
    const from = hashAddress(source.words, row * 4);
    const to = hashAddress(destination.words, row * 4);
    if (strangeness <= threshold) {
      noteBenign(state, from, strangeness);
      if (!isAccused(state, from, nowS) && !isAccused(state, to, nowS)) countRow(state.drift, features);
      if (state.learned) return undefined;
      const ports = ((sourcePort[row]! << 16) | destinationPort[row]!) >>> 0;
      const hash = finish(mix(mix(mix(from, to), ports), (timeUs[row]! % 4_294_967_296) >>> 0)) >>> 0;
      remember(state, { hash, source: from, destination: to, slotS: state.slotS, scores: [...scores] });
      return undefined;
    }
    if (isAccused(state, from, nowS) || isAccused(state, to, nowS)) {
      state.counters.toldByRules++;
      return undefined;
    }
    const magnitude = powerOfTen(strangeness - threshold);
    return isWorthSaying(state, from, magnitude)
      ? { row, features: features.slice(), strangeness, threshold, magnitude, tables, isLearning }
      : undefined;
  }

  /** What rows are judged by now. */
  inForce({ learned }: ScoreState): { tables: Tables; threshold: number; isLearning: boolean } {
    if (learned) return { tables: learned.tables, threshold: learned.threshold, isLearning: false };
    const { factory, manifest } = this.selection;
    return { tables: factory, threshold: factoryThreshold(manifest.calibration, this.alarms), isLearning: true };
  }

  private enterSlot(state: ScoreState, nowS: number): void {
    const slotS = nowS - (nowS % SLOT_S);
    if (slotS <= state.slotS) return;
    if (state.slotS >= 0) closeSlot(state, this.selection, this.alarms);
    for (const [address, untilS] of state.accused) if (untilS < slotS) state.accused.delete(address);
    state.slotS = slotS;
  }
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

function noteBenign({ strangest }: ScoreState, source: number, strangeness: number): void {
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
