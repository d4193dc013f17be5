import type { Alert, FeatureListName, FlowRecordTable } from '@weir/contracts';
import type { FeatureRows } from '../features/feature-rows.js';
import type { ByteReader, ByteWriter } from '../features/state-bytes.js';
import type { HostWindowFacts } from '../features/window-features.js';
import type { FlowSettings } from '../flow/config.js';
import type { AlertContext } from './alert.js';
import { type AlarmSettings, DEFAULT_ALARM_SETTINGS } from './config.js';
import type { LearnedStore } from './learned-store.js';
import { type Accusation, ListScorer, type ListScorerParts, type ScoreStatus } from './list-scorer.js';
import type { ScoreSettings } from './partition.js';
import { fingerprintOf, type Selection } from './selection.js';
import { ShadowComparison, type ShadowStatus } from './shadow.js';

export { type AlarmSettings, DEFAULT_ALARM_SETTINGS } from './config.js';
export { DRIFT_ALARM, type Drift, driftOf } from './drift.js';
export type { LearnedStore } from './learned-store.js';
export type { Accusation, ScoreStatus } from './list-scorer.js';
export { ModelError } from './model-error.js';
export { createScoreFunction, SCORE_ADDRESS, type ScoreSettings } from './partition.js';
export { Registry } from './registry.js';
export { type Selection, scoreRows, selectModel, selectModels, strangenessOf } from './selection.js';
export type { ShadowStatus } from './shadow.js';
export { Shelf } from './shelf.js';
export type { ScoreState } from './state.js';
export { decodeScoreState, encodeScoreState } from './state-codec.js';

/** What is to be scored, and how scores become alarms. */
export interface ScoringOptions {
  /** At most one for each feature list. */
  readonly selections: readonly Selection[];
  readonly alarms?: AlarmSettings;
  /** These score too; what they find is not told, only compared. */
  readonly shadow?: readonly Selection[];
  /** Where what models learn of this network is kept from run to run; without it, each run begins anew. */
  readonly learned?: LearnedStore | undefined;
}

/**
 * The score function: collects feature rows as they come, scores them in batches, and raises alerts. What it finds
 * follows from the rows in the order of time alone, so neither batches nor partitions matter.
 */
export class Scoring {
  private scorers: ListScorer[];
  private shadows: ListScorer[];
  private comparison = new ShadowComparison();
  private parts: Omit<ListScorerParts, 'selection'>;

  constructor(options: ScoringOptions, parts: { settings: FlowSettings; context: AlertContext }) {
    const { learned, alarms = DEFAULT_ALARM_SETTINGS } = options;
    this.parts = { ...parts, alarms, learned };
    this.scorers = options.selections.map((selection) => this.scorerOf(selection));
    this.shadows = (options.shadow ?? []).map((selection) => this.scorerOf(selection));
  }

  takeRecords(records: FlowRecordTable): void {
    for (const { collector } of this.all) collector.takeRecords(records);
  }

  /** Takes rows of features that were made elsewhere. */
  takeRows(list: FeatureListName, rows: FeatureRows): void {
    for (const { selection, collector } of this.all) if (selection.list === list) collector.rows.takeAll(rows);
  }

  takeWindow(window: HostWindowFacts): void {
    for (const { collector } of this.all) collector.takeWindow(window);
  }

  /** Notes what detectors found: it is not told again, nor learned from. */
  takeAlerts(alerts: readonly Accusation[]): void {
    for (const scorer of this.all) scorer.takeAlerts(alerts);
  }

  /** Whether so many rows wait that they must be judged before their time. */
  get isCrowded(): boolean {
    return this.all.some(({ isCrowded }) => isCrowded);
  }

  /** Whether everything that came has been judged. */
  get isIdle(): boolean {
    return this.all.every(({ isIdle }) => isIdle);
  }

  /** Scores and judges all rows whose second `watermarkS` has reached. Throws a ModelError. */
  advance(watermarkS: number): Alert[] {
    const alerts = advanceAll(this.scorers, watermarkS);
    if (this.shadows.length > 0) this.comparison.note(alerts, advanceAll(this.shadows, watermarkS));
    return alerts;
  }

  /**
   * From now on these score. A list that keeps its model goes on as it was; a new model takes over the rows that its
   * predecessor has not judged. Not while `advance` is under way.
   */
  use(selections: readonly Selection[]): void {
    this.scorers = this.succeeded(this.scorers, selections);
  }

  /** From now on these score in the shadow; where they are others, what was compared is forgotten. */
  useShadow(selections: readonly Selection[]): void {
    const before = this.shadows;
    this.shadows = this.succeeded(before, selections);
    if (this.shadows.some((scorer, k) => scorer !== before[k]) || this.shadows.length !== before.length)
      this.comparison = new ShadowComparison();
  }

  /** From now on alarms are raised so. What was learned stays. */
  useAlarms(alarms: AlarmSettings): void {
    this.parts = { ...this.parts, alarms };
    for (const scorer of this.all) scorer.useAlarms(alarms);
  }

  /**
   * Time begins anew, and so does learning, but for what is kept of earlier runs: the same input gives the same alerts.
   * `carriesOver`: what was learned in this one goes on being known.
   */
  reset(carriesOver = false): void {
    for (const scorer of this.all) scorer.reset(carriesOver);
  }

  /** Which models score. */
  get selections(): readonly Selection[] {
    return this.scorers.map(({ selection }) => selection);
  }

  /** All that is known, but for the models themselves. */
  write(writer: ByteWriter): void {
    writer.string(JSON.stringify(this.parts.alarms));
    for (const scorers of [this.scorers, this.shadows]) {
      writer.u32(scorers.length);
      for (const scorer of scorers) {
        writer.string(scorer.selection.id);
        writer.string(fingerprintOf(scorer.selection));
        writer.bytes(scorer.encode());
      }
    }
    this.comparison.write(writer);
  }

  /** Goes on from what `write` wrote, with the models that `find` gives; what was known of one it does not give is forgotten. */
  read(reader: ByteReader, find: ScoreSettings['find']): void {
    this.parts = { ...this.parts, alarms: JSON.parse(reader.string()) };
    this.scorers = this.readScorers(reader, find);
    this.shadows = this.readScorers(reader, find);
    this.comparison.read(reader);
  }

  /** What the models do, one by one. */
  status(): ScoreStatus[] {
    return this.scorers.map((scorer) => scorer.status());
  }

  /** How models in the shadow differ from those in use; undefined without any. */
  shadowStatus(): ShadowStatus | undefined {
    return this.shadows.length > 0 ? this.comparison.status() : undefined;
  }

  private readScorers(reader: ByteReader, find: ScoreSettings['find']): ListScorer[] {
    const scorers: ListScorer[] = [];
    for (let left = reader.u32(); left > 0; left--) {
      const selection = find(reader.string(), reader.string());
      const bytes = reader.bytes();
      if (!selection) continue;
      const scorer = this.scorerOf(selection);
      scorer.decode(bytes);
      scorers.push(scorer);
    }
    return scorers;
  }

  /** Those that stay as they are, and others that take over from those that scored their list. */
  private succeeded(before: readonly ListScorer[], selections: readonly Selection[]): ListScorer[] {
    return selections.map((selection) => {
      const same = before.find((scorer) => scorer.selection === selection);
      const predecessor = before.find(({ selection: { list } }) => list === selection.list);
      return same ?? this.scorerOf(selection, predecessor);
    });
  }

  private get all(): readonly ListScorer[] {
    return this.shadows.length > 0 ? [...this.scorers, ...this.shadows] : this.scorers;
  }

  private scorerOf(selection: Selection, predecessor?: ListScorer): ListScorer {
    return new ListScorer({ selection, ...this.parts }, predecessor);
  }
}

function advanceAll(scorers: readonly ListScorer[], watermarkS: number): Alert[] {
  return scorers.flatMap((scorer) => scorer.advance(watermarkS));
}
