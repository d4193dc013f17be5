import type { SensorBatch } from '@weir/contracts';

interface Round {
  readonly watermarkS: number;
  readonly beganAtMs: number;
}

/** When the packets were read by which a moment of event time was reached, by the rounds of batches they went out in. */
export class RoundTimes {
  private readonly rounds: Round[] = [];

  /** `endedAtMs`: when the round before the first ended, that is when reading began. */
  constructor(private endedAtMs: number) {}

  /** Notes a batch that goes out now. The first partition speaks for its round. */
  note({ header }: SensorBatch, nowMs: number): void {
    if (header.partition !== 0) return;
    this.rounds.push({ watermarkS: header.watermarkS, beganAtMs: this.endedAtMs });
    this.endedAtMs = nowMs;
  }

  /** The beginning of the round that brought event time to `eventMs`: its packets came then or later. Undefined: none did. */
  reached(eventMs: number): number | undefined {
    return this.rounds.find(({ watermarkS }) => watermarkS * 1000 >= eventMs)?.beganAtMs;
  }
}
