import type { Decoder } from '@weir/capture-agent';
import { CONFORMANCE_BREACHES, END_OF_TIME_S, type PacketBatch, type SensorCounters } from '@weir/contracts';
import type { Output } from './io.js';

const EVERY_MS = 1000;

/** How a sensor is, as one JSON object a line. */
export interface AgentLine extends SensorCounters {
  readonly sensor: string;
  /** Watermark of the sensor, ms of capture time. */
  readonly atMs: number;
  readonly batches: number;
  /** Conformance breaches by name; those that occurred. */
  readonly breaches: Readonly<Record<string, number>>;
}

/** Prints how a sensor is each second of the clock, and at its end. */
export class AgentReport {
  private readonly latest = { sensor: '', watermarkS: 0, batches: 0 };
  private counters: SensorCounters | undefined;
  private printedMs: number;

  constructor(
    private readonly output: Output,
    private readonly elapsedMs: () => number,
    private readonly decoder: Decoder,
  ) {
    this.printedMs = elapsedMs();
  }

  batch({ header, counters }: PacketBatch): void {
    this.latest.sensor = header.sensor;
    this.latest.batches++;
    if (header.watermarkS !== END_OF_TIME_S)
      this.latest.watermarkS = Math.max(this.latest.watermarkS, header.watermarkS);
    this.counters = { ...counters };
    if (this.elapsedMs() - this.printedMs >= EVERY_MS) this.print();
  }

  finish(): void {
    this.print();
  }

  private print(): void {
    if (!this.counters) return;
    this.printedMs = this.elapsedMs();
    const { sensor, watermarkS, batches } = this.latest;
    const line: AgentLine = {
      sensor,
      atMs: watermarkS * 1000,
      batches,
      ...this.counters,
      breaches: breachesOf(this.decoder),
    };
    this.output.write(`${JSON.stringify(line)}\n`);
  }
}

function breachesOf({ counters }: Decoder): Record<string, number> {
  const counted = CONFORMANCE_BREACHES.map(({ name }, i) => [name, counters.breaches[i] ?? 0] as const);
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}
