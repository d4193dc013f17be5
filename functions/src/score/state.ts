import { type DriftState, initialDriftState } from './drift.js';
import type { Tables } from './selection.js';
import type { Cells } from './threshold.js';

/** One benign row as learning remembers it. */
export interface SampleRow {
  /** Of its keys: decides which rows a bounded sample keeps, whatever their order, and in which half it is. */
  readonly hash: number;
  readonly source: number;
  readonly destination: number;
  readonly slotS: number;
  /** Of each member. */
  readonly scores: readonly number[];
}

/** What was learned of this network. */
export interface Learned {
  readonly tables: Tables;
  cells: Cells;
  threshold: number;
  /** The threshold that was learned; the one in force stays near it. */
  anchor: number;
  /** How far the threshold was raised since, as there were more alarms than the budget has. */
  raisedBy: number;
}

/** What went on, since the start. */
export interface ScoreCounters {
  rows: number;
  /** Alarms: a source in ten minutes. */
  alarms: number;
  /** Rows over the threshold about which a detector has already spoken. */
  toldByRules: number;
  /** Alarms that found no room among too many in ten minutes. */
  alarmsHeldBack: number;
}

/** State of the scoring of one feature list. All of it follows from the rows in the order of time. */
export interface ScoreState {
  /** Start of the current slot; −1 before the first row. */
  slotS: number;
  /** Slots with rows that are over. */
  slots: number;
  /** In this slot: what was said about a source, and how strange its strangest benign row was. */
  said: Map<number, number>;
  strangest: Map<number, number>;
  /** Benign rows of this slot, and of those before. */
  slotSample: SampleRow[];
  sample: SampleRow[];
  /** Benign rows seen in learning. */
  cleanRows: number;
  learned: Learned | undefined;
  /** Alarms since this network was learned. */
  alarmsSince: number;
  slotsSince: number;
  /** Until when an address is accused by a detector, by hash. Unit: s. */
  accused: Map<number, number>;
  /** How far clean rows have moved since this network was learned. */
  drift: DriftState;
  counters: ScoreCounters;
}

export function initialScoreState(): ScoreState {
  return {
    slotS: -1,
    slots: 0,
    said: new Map(),
    strangest: new Map(),
    slotSample: [],
    sample: [],
    cleanRows: 0,
    learned: undefined,
    alarmsSince: 0,
    slotsSince: 0,
    accused: new Map(),
    drift: initialDriftState(),
    counters: { rows: 0, alarms: 0, toldByRules: 0, alarmsHeldBack: 0 },
  };
}
