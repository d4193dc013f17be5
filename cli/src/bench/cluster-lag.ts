import type { IncomingMessage, MessageReader } from '@weir/capture-agent';
import { parseSensorHealth, type SensorBatch } from '@weir/contracts';
import { BENCH_SENSOR } from './cluster-load.js';

/** Parts of a run whose lags are told apart, to see whether it grows. */
const PARTS = 4;

interface Lag {
  readonly putAtMs: number;
  readonly lagMs: number;
}

/**
 * How far the cluster is behind: the flow functions tell on `sensor_health` how many packets they have come to, and the
 * bench knows when it put these into its queue.
 */
export class LagWatch {
  /** When the batch was put that ends with so many packets, ms. */
  private readonly putAtMs = new Map<number, number>();
  private readonly lags: Lag[] = [];

  constructor(private readonly reader: MessageReader) {}

  async start(): Promise<void> {
    await this.reader.start((message) => this.hear(message));
  }

  stop(): Promise<void> {
    return this.reader.stop();
  }

  /** Notes a batch. Only the first partition is spoken of. */
  put({ header, counters }: SensorBatch, nowMs: number): void {
    if (header.partition === 0 && !this.putAtMs.has(counters.packetsCaptured))
      this.putAtMs.set(counters.packetsCaptured, nowMs);
  }

  /** Median lag in each quarter of the run, ms; empty where nothing was told. */
  byPart(): number[] {
    const lags = [...this.lags].sort((a, b) => a.putAtMs - b.putAtMs);
    const first = lags[0]?.putAtMs ?? 0;
    const span = (lags.at(-1)?.putAtMs ?? 0) - first;
    const parts = Array.from({ length: PARTS }, (_, part) =>
      lags.filter(({ putAtMs }) => Math.min(PARTS - 1, Math.floor(((putAtMs - first) / span) * PARTS)) === part),
    );
    return parts.every((part) => part.length > 0) ? parts.map(medianOf) : [];
  }

  private hear({ value, writtenAtMs }: IncomingMessage): void {
    const { sensor, packetsCaptured } = parseSensorHealth(Buffer.from(value).toString());
    const putAtMs = sensor === BENCH_SENSOR ? this.putAtMs.get(packetsCaptured) : undefined;
    if (putAtMs !== undefined) this.lags.push({ putAtMs, lagMs: writtenAtMs - putAtMs });
  }
}

function medianOf(lags: readonly Lag[]): number {
  const sorted = lags.map(({ lagMs }) => lagMs).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
