import { type Alert, type FeatureListName, hashAddress, parseAddress } from '@weir/contracts';
import { FeatureCollector } from '../features/feature-collector.js';
import { FeatureRows } from '../features/feature-rows.js';
import { ByteReader, ByteWriter } from '../features/state-bytes.js';
import type { FlowSettings } from '../flow/config.js';
import { type AlertContext, anomalyAlert } from './alert.js';
import { type AlarmSettings, LEARNING_ROWS } from './config.js';
import { type Drift, driftOf } from './drift.js';
import { explain } from './explain.js';
import { readFeatureRows, writeFeatureRows } from './feature-row-bytes.js';
import { keepLearned, type LearnedStore, rememberedState } from './learned-store.js';
import { fingerprintOf, type Selection, scoreRows } from './selection.js';
import type { ScoreState } from './state.js';
import { carriedOver, readScoreState, writeScoreState } from './state-codec.js';
import { smallestAlarmsPerDay } from './threshold.js';
import { accuse, type Finding, Judge } from './transition.js';

/** Rows that may wait for their time; beyond, all are judged at once. */
const MOST_WAITING = 262_144;

/** Accusations held; beyond, those made first are forgotten. */
const MOST_ACCUSATIONS = 65_536;

/** One buffer serves all. */
const writer = new ByteWriter(1 << 16);

/** What an operator is to know of a model at work. */
export interface ScoreStatus {
  readonly model: string;
  readonly list: FeatureListName;
  readonly isLearning: boolean;
  /** Clean rows so far, and how many learning needs. */
  readonly cleanRows: number;
  readonly neededRows: number;
  /** Strangeness from which a row is an alarm. */
  readonly threshold: number;
  /** Alarms a day that what was learned can bear out; undefined while learning. */
  readonly smallestAlarmsPerDay: number | undefined;
  /** How far clean rows have moved from what was learned; undefined while that cannot be told. */
  readonly drift: Drift | undefined;
  readonly rows: number;
  readonly alarms: number;
  readonly toldByRules: number;
  readonly alarmsHeldBack: number;
}

/** Whom a detector speaks of, and when. */
export type Accusation = Pick<Alert, 'sources' | 'targets' | 'detectedAtMs'>;

/** What one list's scoring is made of. */
export interface ListScorerParts {
  readonly selection: Selection;
  readonly alarms: AlarmSettings;
  readonly settings: FlowSettings;
  readonly context: AlertContext;
  /** Where what is learned is kept from run to run; without it, it is forgotten. */
  readonly learned?: LearnedStore | undefined;
}

/** Collects, scores and judges the rows of one feature list. */
export class ListScorer {
  readonly collector: FeatureCollector;
  private readonly judge: Judge;
  private state: ScoreState;
  /** Slots that had been learned from when this was last kept. */
  private slotsKept: number;
  /** Scored rows whose time has not come, with each member's scores. */
  private waiting: FeatureRows;
  private scores: number[][] = [];
  /** Accusations of detectors whose time has not come. */
  private accusations: { atS: number; address: number }[] = [];

  /** `predecessor` scored the same list until now: what it has not judged is scored anew. */
  constructor(
    private readonly parts: ListScorerParts,
    predecessor?: ListScorer,
  ) {
    this.collector = predecessor?.collector ?? new FeatureCollector(parts.selection.list, parts.settings);
    this.waiting = new FeatureRows(this.collector.rows.width);
    this.judge = new Judge(parts.selection, parts.alarms);
    this.state = rememberedState(parts.learned, parts.selection);
    this.slotsKept = this.state.slots;
    if (!predecessor) return;
    this.collector.rows.takeAll(predecessor.waiting);
    this.accusations = predecessor.accusations;
    this.state.accused = predecessor.state.accused;
  }

  get selection(): Selection {
    return this.parts.selection;
  }

  /** Rows that came and were not scored yet. */
  get unscored(): number {
    return this.collector.rows.count;
  }

  /** Whether everything that came has been judged. */
  get isIdle(): boolean {
    return this.unscored === 0 && this.waiting.count === 0;
  }

  /** Notes whom detectors accuse. */
  takeAlerts(alerts: readonly Accusation[]): void {
    for (const { sources, targets, detectedAtMs } of alerts)
      for (const text of [...sources, ...targets]) {
        const address = hashOf(text);
        if (address !== undefined) this.accusations.push({ atS: detectedAtMs / 1000, address });
      }
    if (this.accusations.length > MOST_ACCUSATIONS)
      this.accusations.splice(0, this.accusations.length - MOST_ACCUSATIONS);
  }

  /** Scores what came and judges all whose second is before `watermarkS`. Throws a ModelError. */
  advance(watermarkS: number): Alert[] {
    this.scoreNew();
    const isCrowded = this.waiting.count > MOST_WAITING;
    const findings = this.judgeReady(isCrowded ? Number.POSITIVE_INFINITY : watermarkS);
    this.keepWhatIsNew();
    return findings.map(({ finding, rows }) => this.argue(rows, finding));
  }

  /** Time begins anew. What was learned goes on being known with `carriesOver`, or where it was kept of earlier runs. */
  reset(carriesOver: boolean): void {
    this.state = carriesOver ? carriedOver(this.state) : rememberedState(this.parts.learned, this.parts.selection);
    this.slotsKept = this.state.slots;
    this.waiting.clear();
    this.scores = [];
    this.accusations = [];
    this.collector.windows.clear();
  }

  /** All that is known of the list, but for the model itself, as bytes. */
  encode(): Uint8Array {
    const { collector, waiting, scores, accusations } = this;
    writer.clear();
    writeScoreState(writer, fingerprintOf(this.selection), this.state);
    writeFeatureRows(writer, collector.rows);
    collector.windows.write(writer);
    writeFeatureRows(writer, waiting);
    writer.floats(Float64Array.from(scores.flat()));
    writer.floats(Float64Array.from(accusations.flatMap(({ atS, address }) => [atS, address])));
    return writer.finish();
  }

  /** Goes on from what `encode` gave. Where the model was another, learning begins anew and rows are scored again. */
  decode(bytes: Uint8Array): void {
    const { list } = this.selection;
    const reader = new ByteReader(bytes);
    const { model, state } = readScoreState(reader);
    const unscored = readFeatureRows(reader, list);
    this.collector.windows.read(reader);
    const waiting = readFeatureRows(reader, list);
    const scores = reader.floats();
    this.accusations = pairsOf(reader.floats()).map(([atS, address]) => ({ atS, address }));
    reader.expectEnd();
    this.collector.rows.takeAll(unscored);
    if (model !== fingerprintOf(this.selection)) {
      this.collector.rows.takeAll(waiting);
      this.state.accused = state.accused;
      return;
    }
    this.state = state;
    this.slotsKept = state.slots;
    this.waiting = waiting;
    const members = this.selection.members.length;
    this.scores = Array.from({ length: waiting.count }, (_, row) => [
      ...scores.subarray(row * members, (row + 1) * members),
    ]);
  }

  status(): ScoreStatus {
    const { selection } = this.parts;
    const { state } = this;
    const { threshold, isLearning } = this.judge.inForce(state);
    return {
      model: selection.id,
      list: selection.list,
      isLearning,
      cleanRows: state.cleanRows,
      neededRows: LEARNING_ROWS,
      threshold,
      smallestAlarmsPerDay: state.learned && smallestAlarmsPerDay(state.learned.cells),
      drift: driftOf(state.drift),
      ...state.counters,
    };
  }

  private scoreNew(): void {
    const { rows } = this.collector;
    if (rows.count === 0) return;
    const members = scoreRows(this.parts.selection, rows.matrix, rows.count);
    this.waiting.takeAll(rows);
    for (let row = 0; row < rows.count; row++) this.scores.push(members.map((scores) => scores[row]!));
    rows.clear();
  }

  private judgeReady(watermarkS: number): { finding: Finding; rows: FeatureRows }[] {
    const { waiting, scores } = this;
    const { tellableS } = waiting.keys.columns;
    const ready: number[] = [];
    const left: number[] = [];
    for (let row = 0; row < waiting.count; row++) (tellableS[row]! <= watermarkS ? ready : left).push(row);
    this.accusations.sort((a, b) => a.atS - b.atS);
    ready.sort((a, b) => inOrder(waiting, a, b));
    const findings: { finding: Finding; rows: FeatureRows }[] = [];
    for (const row of ready) {
      this.accuseUntil(tellableS[row]!);
      const finding = this.judge.take(this.state, { rows: waiting, row, scores: scores[row]! });
      if (finding) findings.push({ finding, rows: waiting });
    }
    this.accuseUntil(watermarkS);
    if (ready.length > 0) this.keep(left);
    return findings;
  }

  private keepWhatIsNew(): void {
    const { selection, learned } = this.parts;
    if (!learned || this.state.slots === this.slotsKept) return;
    keepLearned(learned, selection, this.state);
    this.slotsKept = this.state.slots;
  }

  private accuseUntil(nowS: number): void {
    let due = 0;
    for (; due < this.accusations.length && this.accusations[due]!.atS <= nowS; due++)
      accuse(this.state, this.accusations[due]!.address, this.accusations[due]!.atS);
    if (due > 0) this.accusations.splice(0, due);
  }

  private keep(left: readonly number[]): void {
    const kept = new FeatureRows(this.waiting.width);
    for (let from = 0, to = 0; from < left.length; from = to) {
      while (to < left.length && left[to]! - left[from]! === to - from) to++;
      kept.takeAll(this.waiting, left[from], left[to - 1]! + 1);
    }
    this.scores = left.map((row) => this.scores[row]!);
    this.waiting = kept;
  }

  private argue(rows: FeatureRows, finding: Finding): Alert {
    const { selection, context } = this.parts;
    const { tables, strangeness, threshold } = finding;
    const features = rows.features(finding.row);
    const explanation = explain(selection, { features, tables, strangeness, threshold });
    return anomalyAlert({ selection, rows, context }, finding, explanation);
  }
}

function pairsOf(flat: Float64Array): [number, number][] {
  return Array.from({ length: flat.length / 2 }, (_, k) => [flat[2 * k]!, flat[2 * k + 1]!]);
}

/** The order of time; rows of one second by their keys, so that it does not matter how they came. */
function inOrder({ keys: { columns: c } }: FeatureRows, a: number, b: number): number {
  return (
    c.tellableS[a]! - c.tellableS[b]! ||
    c.timeUs[a]! - c.timeUs[b]! ||
    c.startUs[a]! - c.startUs[b]! ||
    hashAddress(c.source.words, a * 4) - hashAddress(c.source.words, b * 4) ||
    hashAddress(c.destination.words, a * 4) - hashAddress(c.destination.words, b * 4) ||
    c.sourcePort[a]! - c.sourcePort[b]! ||
    c.destinationPort[a]! - c.destinationPort[b]! ||
    c.protocol[a]! - c.protocol[b]!
  );
}

function hashOf(text: string): number | undefined {
  try {
    return hashAddress(new Uint32Array(parseAddress(text).buffer), 0);
  } catch {
    // Blocks of addresses and hardware addresses accuse nobody in particular.
    return undefined;
  }
}
