import { type Alert, hashBytes } from '@weir/contracts';
import { SCORE_ADDRESS, type Scoring } from '../../score/index.js';
import type { AlertBatch } from '../port.js';

/** Rows are scored when the watermark has moved on by this. Unit: s. */
const ENOUGH_SECONDS = 1;

/** Where the stage's alerts go. */
export interface ScoringStageParts {
  readonly hostPartitions: number;
  readonly incidentPartitions: number;
  readonly emit: (partition: number, batch: AlertBatch) => void;
}

/**
 * The score function in one process. It is one more upstream of the incidents: they wait for its watermark, so that it does
 * not matter when scores come back.
 */
export class ScoringStage {
  /** How far each host partition has come. */
  private readonly watermarks = new Map<string, number>();
  private run = 0;
  private sequence = 0;
  /** What was told to the incidents. */
  private toldS = 0;

  constructor(
    readonly scoring: Scoring,
    private readonly parts: ScoringStageParts,
  ) {}

  /** Hears what a host partition sends to one of the incident partitions; each batch of alerts once. */
  hear({ upstream, run, watermarkS, alerts }: AlertBatch): void {
    if (run > this.run) this.beginRun(run);
    this.watermarks.set(upstream, watermarkS);
    this.scoring.takeAlerts(alerts);
  }

  /** Passes the watermark on at once where there is nothing to score. To be called when a batch has been carried through. */
  pass(): void {
    if (this.scoring.isIdle && this.watermarkS > this.toldS) this.tell([]);
  }

  /** Scores and judges what has come. Throws a ModelError. */
  settle(): void {
    const { scoring, watermarkS, toldS } = this;
    const isDue = scoring.isCrowded || watermarkS - toldS >= ENOUGH_SECONDS;
    if (isDue) this.tell(scoring.advance(watermarkS));
  }

  private get watermarkS(): number {
    if (this.watermarks.size < this.parts.hostPartitions) return 0;
    return Math.min(...this.watermarks.values());
  }

  private tell(alerts: readonly Alert[]): void {
    const { incidentPartitions, emit } = this.parts;
    const { run, watermarkS } = this;
    const sequence = this.sequence++;
    for (let partition = 0; partition < incidentPartitions; partition++) {
      const own = alerts.filter(
        ({ kind, entity }) => hashBytes(Buffer.from(`${kind}|${entity}`)) % incidentPartitions === partition,
      );
      emit(partition, { upstream: SCORE_ADDRESS, run, sequence, watermarkS, alerts: own });
    }
    this.toldS = watermarkS;
  }

  private beginRun(run: number): void {
    this.run = run;
    this.sequence = 0;
    this.toldS = 0;
    this.watermarks.clear();
    this.scoring.reset();
  }
}
