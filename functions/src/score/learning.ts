import { type AlarmSettings, LEARNING_ROWS, SLOT_S } from './config.js';
import { ageRows, settleReference } from './drift.js';
import { combinedScore, type Selection, strangenessOf, type Tables } from './selection.js';
import type { Learned, SampleRow, ScoreState } from './state.js';
import { calibrationOf, tailOf } from './tail.js';
import { type Cells, thresholdFor } from './threshold.js';

/** Rows that a sample keeps: those with the smallest hashes, so that the order in which they came does not matter. */
const MOST_SAMPLE_ROWS = 8192;
const MOST_CELLS = 1024;
const DAY_S = 86_400;
/** How far a threshold may move in one slot, and rise in all. Unit: decades of the tail probability. */
const STEP = 0.05;
const MOST_RAISED = 1;
/** How far the threshold may come from the one that was learned, whatever is seen: nobody can lead it away step by step. */
const MOST_MOVED = 2;
/** Alarms over the budget before the threshold is raised. */
const PATIENCE = 3;

/** A slot is over: what was clean in it joins what is known. */
export function closeSlot(state: ScoreState, selection: Selection, alarms: AlarmSettings): void {
  const clean = state.slotSample.filter((row) => !isAccused(state, row.source) && !isAccused(state, row.destination));
  state.slots++;
  state.cleanRows += clean.length;
  if (state.learned) {
    follow(state, alarms);
    ageRows(state.drift);
  } else {
    state.sample = keepSample([...state.sample, ...clean]);
    if (state.sample.length >= LEARNING_ROWS) learn(state, selection, alarms);
  }
  state.slotSample = [];
  state.said.clear();
  state.strangest.clear();
}

/** Whether a detector accused an address in this slot or shortly before. */
function isAccused({ accused, slotS }: ScoreState, address: number): boolean {
  return (accused.get(address) ?? 0) >= slotS;
}

/** Adds a benign row to the sample of its slot, while learning. */
export function remember(state: ScoreState, row: SampleRow): void {
  state.slotSample.push(row);
  if (state.slotSample.length >= 2 * MOST_SAMPLE_ROWS) state.slotSample = keepSample(state.slotSample);
}

function keepSample(rows: SampleRow[]): SampleRow[] {
  if (rows.length <= MOST_SAMPLE_ROWS) return rows;
  return rows.sort((a, b) => a.hash - b.hash).slice(0, MOST_SAMPLE_ROWS);
}

/** Enough is known: one half of the sample gives the tails, the other half the threshold. */
function learn(state: ScoreState, selection: Selection, alarms: AlarmSettings): void {
  const fit = state.sample.filter(({ hash }) => hash % 2 === 0);
  const check = state.sample.filter(({ hash }) => hash % 2 === 1);
  if (fit.length === 0 || check.length === 0) return;
  const tables = fitTables(selection, fit);
  const cells = cellsOf(state, selection, { tables, check });
  const threshold = thresholdFor(cells, alarms);
  state.learned = { tables, cells, threshold, anchor: threshold, raisedBy: 0 };
  state.sample = [];
  settleReference(state.drift);
}

function fitTables(selection: Selection, rows: readonly SampleRow[]): Tables {
  const tailOfScores = (scores: number[]) => tailOf(calibrationOf(Float64Array.from(scores)));
  const members = selection.members.map((_, m) => tailOfScores(rows.map(({ scores }) => scores[m]!)));
  if (!selection.isFusion) return { members, combined: undefined };
  const combined = tailOfScores(rows.map(({ scores }) => combinedScore(selection, members, scores)));
  return { members, combined };
}

function cellsOf(
  state: ScoreState,
  selection: Selection,
  { tables, check }: { tables: Tables; check: readonly SampleRow[] },
): Cells {
  const strangest = new Map<string, number>();
  for (const row of check) {
    const cell = `${row.source}|${row.slotS}`;
    const strangeness = strangenessOf(selection, tables, row.scores);
    if (strangeness > (strangest.get(cell) ?? -1)) strangest.set(cell, strangeness);
  }
  // A sample of some of the rows stands for as much less time.
  const observedDays = ((state.slots * SLOT_S) / DAY_S) * (check.length / Math.max(1, state.cleanRows));
  return { observedDays, strangest: largest([...strangest.values()]) };
}

/** After learning: the cells of this slot join the others, and the threshold follows, slowly. */
function follow(state: ScoreState, alarms: AlarmSettings): void {
  const learned = state.learned!;
  const clean = [...state.strangest].filter(([source]) => !isAccused(state, source)).map(([, value]) => value);
  state.slotsSince++;
  learned.cells = {
    observedDays: learned.cells.observedDays + SLOT_S / DAY_S,
    strangest: largest([...learned.cells.strangest, ...clean]),
  };
  if (isOverBudget(state, alarms)) learned.raisedBy = Math.min(MOST_RAISED, learned.raisedBy + STEP);
  learned.threshold = nearer(learned, thresholdFor(learned.cells, alarms) + learned.raisedBy);
}

/** Alarm settings have changed: the threshold is what they make of what was learned. */
export function setThreshold(learned: Learned, alarms: AlarmSettings): void {
  learned.threshold = thresholdFor(learned.cells, alarms);
  learned.anchor = learned.threshold;
  learned.raisedBy = 0;
}

function isOverBudget(
  { alarmsSince, slotsSince }: ScoreState,
  { alarmsPerDay, scoreThreshold }: AlarmSettings,
): boolean {
  if (scoreThreshold !== undefined) return false;
  return alarmsSince > PATIENCE + PATIENCE * alarmsPerDay * ((slotsSince * SLOT_S) / DAY_S);
}

function nearer({ threshold, anchor }: Learned, wanted: number): number {
  const next = threshold + Math.max(-STEP, Math.min(STEP, wanted - threshold));
  return Math.max(anchor - MOST_MOVED, Math.min(anchor + MOST_MOVED, next));
}

/** Strangeness that a source must exceed to be among the cells that are kept; below 0 while there is room. */
export function leastKept({ strangest }: Cells): number {
  return strangest.length < MOST_CELLS ? -1 : strangest[MOST_CELLS - 1]!;
}

function largest(values: number[]): number[] {
  return values.sort((a, b) => b - a).slice(0, MOST_CELLS);
}
