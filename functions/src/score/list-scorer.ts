import { type Alert, type FeatureListName, hashAddress, parseAddress } from '@weir/contracts';
import { FeatureCollector } from '../features/feature-collector.js';
import { ByteReader, ByteWriter } from '../features/state-bytes.js';
import type { FlowSettings } from '../flow/config.js';
import { type AlertContext, anomalyAlert } from './alert.js';
import { type AlarmSettings, LEARNING_ROWS } from './config.js';
import { type Drift, driftOf } from './drift.js';
import { explain } from './explain.js';
import { keepLearned, type LearnedStore, rememberedState } from './learned-store.js';
import { setThreshold } from './learning.js';
import { RowMemo } from './row-memo.js';
import { fingerprintOf, type Selection } from './selection.js';
import type { ScoreState } from './state.js';
import { carriedOver, readScoreState, writeScoreState } from './state-codec.js';
import { smallestAlarmsPerDay } from './threshold.js';
import { accuse, type Finding, Judge } from './transition.js';
import { WaitingRows } from './waiting-rows.js';

/** Rows scored in one call of the models. */
const BLOCK_ROWS = 1024;

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

/** Collects, scores and judges the rows of one feature list. A row is scored when its time has come. */
export class ListScorer {
  private readonly waiting: WaitingRows;
  private readonly memo: RowMemo;
  private judge: Judge;
  private state: ScoreState;
  /** Slots that had been learned from when this was last kept. */
  private slotsKept: number;
  /** Accusations of detectors whose time has not come. */
  private accusations: { atS: number; address: number }[] = [];
  /** What models see of the rows that are being scored, all together and row by row. */
  private readonly block: Float32Array<ArrayBuffer>;
  private readonly features: readonly Float32Array[];

  /** `predecessor` scored the same list until now: what it has not judged goes on waiting here. */
  constructor(
    private readonly parts: ListScorerParts,
    predecessor?: ListScorer,
  ) {
    const { selection, settings } = parts;
    this.waiting = predecessor?.waiting ?? new WaitingRows(new FeatureCollector(selection.list, settings));
    this.memo = new RowMemo(selection);
    const { width } = this.collector;
    this.block = new Float32Array(BLOCK_ROWS * width);
    this.features = Array.from({ length: BLOCK_ROWS }, (_, k) => this.block.subarray(k * width, (k + 1) * width));
    this.judge = new Judge(selection, parts.alarms);
    this.state = rememberedState(parts.learned, selection);
    this.slotsKept = this.state.slots;
    if (!predecessor) return;
    this.accusations = predecessor.accusations;
    this.state.accused = predecessor.state.accused;
  }

  get selection(): Selection {
    return this.parts.selection;
  }

  get collector(): FeatureCollector {
    return this.waiting.collector;
  }

  /** Whether so many rows wait that they must be judged before their time. */
  get isCrowded(): boolean {
    return this.waiting.isCrowded;
  }

  /** Whether everything that came has been judged. */
  get isIdle(): boolean {
    return this.waiting.count === 0;
  }

  /** From now on alarms are raised so: the threshold is that of what was learned, under these settings. */
  useAlarms(alarms: AlarmSettings): void {
    this.judge = new Judge(this.selection, alarms);
    if (this.state.learned) setThreshold(this.state.learned, alarms);
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

  /** Scores and judges all rows whose second `watermarkS` has reached. Throws a ModelError. */
  advance(watermarkS: number): Alert[] {
    const alerts = this.judgeDue(this.isCrowded ? Number.POSITIVE_INFINITY : watermarkS);
    this.keepWhatIsNew();
    return alerts;
  }

  /** Time begins anew. What was learned goes on being known with `carriesOver`, or where it was kept of earlier runs. */
  reset(carriesOver: boolean): void {
    this.state = carriesOver ? carriedOver(this.state) : rememberedState(this.parts.learned, this.parts.selection);
    this.slotsKept = this.state.slots;
    this.waiting.clear();
    this.accusations = [];
    this.collector.forget();
  }

  /** All that is known of the list, but for the model itself, as bytes. */
  encode(): Uint8Array {
    writer.clear();
    writeScoreState(writer, fingerprintOf(this.selection), this.state);
    this.waiting.write(writer);
    this.collector.write(writer);
    writer.floats(Float64Array.from(this.accusations.flatMap(({ atS, address }) => [atS, address])));
    return writer.finish();
  }

  /** Goes on from what `encode` gave. Where the model was another, learning begins anew. */
  decode(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes);
    const { model, state } = readScoreState(reader);
    this.waiting.read(reader);
    this.collector.read(reader);
    this.accusations = pairsOf(reader.floats()).map(([atS, address]) => ({ atS, address }));
    reader.expectEnd();
    if (model !== fingerprintOf(this.selection)) {
      this.state.accused = state.accused;
      return;
    }
    this.state = state;
    this.slotsKept = state.slots;
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

  private judgeDue(watermarkS: number): Alert[] {
    const due = this.waiting.takeDue(watermarkS);
    this.accusations.sort((a, b) => a.atS - b.atS);
    const alerts: Alert[] = [];
    for (let from = 0; from < due.length; from += BLOCK_ROWS)
      alerts.push(...this.judgeBlock(due.slice(from, from + BLOCK_ROWS)));
    this.accuseUntil(watermarkS);
    this.waiting.clean();
    return alerts;
  }

  private judgeBlock(due: readonly number[]): Alert[] {
    const { collector, block, features, judge, state } = this;
    const { rows, width } = collector;
    const { tellableS } = rows.keys.columns;
    for (let k = 0; k < due.length; k++) collector.writeFeatures(due[k]!, block, k * width);
    judge.begin(state, { rows, due, features, kinds: this.memo.score(block, due.length) });
    const alerts: Alert[] = [];
    for (let k = 0; k < due.length; k++) {
      this.accuseUntil(tellableS[due[k]!]!);
      const finding = judge.take(state, k);
      if (finding) alerts.push(this.argue(finding));
    }
    judge.settle(state);
    return alerts;
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

  private argue(finding: Finding): Alert {
    const { selection, context } = this.parts;
    return anomalyAlert({ selection, rows: this.collector.rows, context }, finding, explain(selection, finding));
  }
}

function pairsOf(flat: Float64Array): [number, number][] {
  return Array.from({ length: flat.length / 2 }, (_, k) => [flat[2 * k]!, flat[2 * k + 1]!]);
}

function hashOf(text: string): number | undefined {
  try {
    return hashAddress(new Uint32Array(parseAddress(text).buffer), 0);
  } catch {
    // Blocks of addresses and hardware addresses accuse nobody in particular.
    return undefined;
  }
}
