import { type Alert, END_OF_TIME_S, hashBytes } from '@weir/contracts';
import type { FlowSettings } from '../flow/config.js';
import type { RowMark, ScoreInput, ScoreOutput, ScoreRows, ScoreTime, StatefulFunction } from '../runtime/port.js';
import type { AlarmSettings } from './config.js';
import {
  decodeScorePartition,
  encodeScorePartition,
  type FlowProgress,
  initialScorePartition,
  type ScorePartitionState,
} from './partition-state.js';
import type { Selection } from './selection.js';

/** Address of the one partition that scores, as incident partitions know it: what is learned is of the whole network. */
export const SCORE_ADDRESS = 'score/0';
/** What may wait, of a host and of a flow partition; beyond, it is not waited for what is missing. */
const MOST_WAITING = 4096;

/** What the score function needs to know. */
export interface ScoreSettings {
  /** Models that score until an operator chooses others, at most one for each feature list. */
  selections: readonly Selection[];
  alarms: AlarmSettings;
  /** Whether what was learned outlives the end of all sensors' runs. */
  keepsLearned: boolean;
  flow: FlowSettings;
  allowedLatenessMs: number;
  /** Names of the sensors that are known from the start. */
  sensors: readonly string[];
  /** Addresses of all host partitions. Rows follow the first of them. */
  hosts: readonly string[];
  incidentPartitions: number;
  /** The model with this id, with this fingerprint if there is one such; undefined where it cannot be had any more. */
  find(id: string, fingerprint: string): Selection | undefined;
  /** Hears why models failed, which then score no more. */
  failed(error: unknown): void;
}

/**
 * The score function: rows from the flow partitions, time, windows and accusations from the host partitions; alerts to the
 * incidents, for which it is one more upstream. A flow's rows and the hosts' time come on different ways, so a host tells
 * which batches of flows its time is made of, and is waited with until their rows are here.
 */
export function createScoreFunction(
  settings: ScoreSettings,
): StatefulFunction<ScorePartitionState, ScoreInput, ScoreOutput> {
  return {
    name: 'score',
    initialState: () => initialScorePartition(settings),
    transition: (state, input, emit) => new ScoreStep(settings, state, emit).take(input),
    encode: encodeScorePartition,
    decode: (bytes) => decodeScorePartition(bytes, settings),
  };
}

/** One input at work on the partition. */
class ScoreStep {
  constructor(
    private readonly settings: ScoreSettings,
    private readonly state: ScorePartitionState,
    private readonly emit: (output: ScoreOutput) => void,
  ) {}

  take(input: ScoreInput): void {
    switch (input.kind) {
      case 'score-rows':
        this.flowOf(input.batch.upstream).waiting.push(input.batch);
        break;
      case 'score-time':
        this.state.hosts.get(input.batch.upstream)?.waiting.push(input.batch);
        break;
      case 'use-models':
        this.state.scoring.use(input.selections);
        return;
      case 'shadow-models':
        this.state.scoring.useShadow(input.selections);
        return;
      case 'alarm-settings':
        this.state.scoring.useAlarms(input.alarms);
        return;
    }
    while (this.followHosts() || this.beginRun());
    this.advance();
  }

  /** Takes what hosts said, as far as rows and the run allow. Returns whether there was any. */
  private followHosts(): boolean {
    const { hosts, run } = this.state;
    let isAny = false;
    for (const { waiting } of hosts.values())
      while (waiting.length > 0 && waiting[0]!.run <= run && this.hasRowsOf(waiting)) {
        this.follow(waiting.shift()!);
        isAny = true;
      }
    return isAny;
  }

  private hasRowsOf([time, ...others]: readonly ScoreTime[]): boolean {
    if (time!.passed.every((mark) => this.hasCome(mark))) return true;
    if (others.length < MOST_WAITING) return false;
    this.state.counters.rowsGivenUp++;
    return true;
  }

  private hasCome({ upstream, epoch, sequence }: RowMark): boolean {
    const flow = this.flowOf(upstream);
    if (flow.epoch === epoch && flow.sequence >= sequence) return true;
    return flow.waiting.some((rows) => rows.epoch === epoch && rows.last >= sequence);
  }

  private follow({ upstream, run, watermarkS, accusations, windows, passed }: ScoreTime): void {
    const { scoring, hosts } = this.state;
    if (run < this.state.run) return;
    for (const mark of passed) this.takeRows(mark);
    for (const window of windows) scoring.takeWindow(window);
    scoring.takeAlerts(accusations);
    const host = hosts.get(upstream)!;
    host.watermarkS = Math.max(host.watermarkS, watermarkS);
  }

  /** The rows up to a batch count from now on. */
  private takeRows({ upstream, epoch, sequence }: RowMark): void {
    const flow = this.flowOf(upstream);
    const isThere = () => flow.waiting.some((rows) => rows.epoch === epoch);
    // What is of an earlier run, and was not asked for then, goes before.
    while (isThere() && (flow.waiting[0]!.epoch !== epoch || flow.waiting[0]!.first <= sequence))
      this.takeBatch(flow, flow.waiting.shift()!);
  }

  private takeBatch(flow: FlowProgress, { epoch, last, rows }: ScoreRows): void {
    Object.assign(flow, { epoch, sequence: last });
    for (const [list, of] of rows) this.state.scoring.takeRows(list, of);
  }

  private flowOf(upstream: string): FlowProgress {
    const { flows } = this.state;
    let flow = flows.get(upstream);
    if (!flow) {
      flow = { epoch: -1, sequence: -1, waiting: [] };
      flows.set(upstream, flow);
      this.noteSensor(upstream.split('/')[1] ?? '');
    }
    if (flow.waiting.length > MOST_WAITING) this.takeBatch(flow, flow.waiting.shift()!);
    return flow;
  }

  private noteSensor(sensor: string): void {
    const { sensors } = this.state;
    if (sensors.includes(sensor)) return;
    sensors.push(sensor);
    sensors.sort();
  }

  /**
   * Time begins anew when it has ended for each host partition, or the partition has gone on to a later run. Returns whether
   * it did.
   */
  private beginRun(): boolean {
    const { state } = this;
    const next = [...state.hosts.values()]
      .flatMap(({ waiting }) => waiting.slice(0, 1))
      .filter(({ run }) => run > state.run);
    const isOver = [...state.hosts.values()].every(
      ({ watermarkS, waiting }) => watermarkS === END_OF_TIME_S || (waiting[0]?.run ?? 0) > state.run,
    );
    if (next.length === 0 || !isOver) return false;
    this.advance();
    state.run = Math.min(...next.map(({ run }) => run));
    state.sequence = 0;
    state.toldS = 0;
    for (const host of state.hosts.values()) host.watermarkS = 0;
    state.scoring.reset(this.settings.keepsLearned);
    return true;
  }

  private advance(): void {
    const { state } = this;
    const watermarkS = Math.min(...[...state.hosts.values()].map((host) => host.watermarkS));
    const isDue = watermarkS > state.toldS || state.scoring.isCrowded;
    if (!isDue) return;
    const alerts = this.alertsUntil(watermarkS);
    if (watermarkS > state.toldS || alerts.length > 0) this.tell(watermarkS, alerts);
  }

  /** What models find. When they fail none scores any more: incidents wait for what is told here, and rules speak on. */
  private alertsUntil(watermarkS: number): Alert[] {
    const { scoring } = this.state;
    try {
      return scoring.advance(watermarkS);
    } catch (error) {
      this.settings.failed(error);
      scoring.use([]);
      scoring.useShadow([]);
      return [];
    }
  }

  private tell(watermarkS: number, alerts: readonly Alert[]): void {
    const { state, emit } = this;
    const { incidentPartitions } = this.settings;
    const { run } = state;
    const sequence = state.sequence++;
    for (let partition = 0; partition < incidentPartitions; partition++) {
      const own = alerts.filter(
        ({ kind, entity }) => hashBytes(Buffer.from(`${kind}|${entity}`)) % incidentPartitions === partition,
      );
      const batch = { upstream: SCORE_ADDRESS, run, sequence, watermarkS, alerts: own };
      emit({ kind: 'alert-batch', partition, batch });
    }
    state.toldS = watermarkS;
  }
}
