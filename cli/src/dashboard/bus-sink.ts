import type { Decoder } from '@weir/capture-agent';
import {
  CONFORMANCE_BREACHES,
  END_OF_TIME_S,
  type FlowRecordTable,
  flowSummaryOf,
  type SensorBatch,
  type SensorHealth,
} from '@weir/contracts';
import type { FeedBus, StageCount } from '@weir/dashboard-server';
import type { RuntimeSink } from '@weir/functions';
import { TrafficSeconds } from './traffic-seconds.js';

/** Health is told at most this often, ms by the clock. */
const HEALTH_EACH_MS = 1000;
/** Seconds of traffic are told at most this often, ms by the clock. */
const SECONDS_EACH_MS = 250;

/** Hands what a run in this process finds to the dashboard, and counts it on the way. */
export class BusSink {
  private readonly counts = { packets: 0, dropped: 0, batches: 0, flows: 0, windows: 0, incidents: 0 };
  private toldAtMs = Number.NEGATIVE_INFINITY;
  private secondsToldAtMs = Number.NEGATIVE_INFINITY;
  private watermarkS = 0;
  private readonly seconds = new TrafficSeconds();

  constructor(
    private readonly bus: FeedBus,
    private readonly decoder: Decoder,
    private readonly elapsedMs: () => number,
  ) {}

  /** `other` hears everything as well. */
  sink(other: RuntimeSink): RuntimeSink {
    return {
      incident: (change) => {
        this.counts.incidents++;
        this.bus.push({ kind: 'incident', incident: change.incident });
        other.incident(change);
      },
      window: (window) => {
        this.counts.windows++;
        this.bus.push({ kind: 'window', window });
        other.window?.(window);
      },
      flowRecords: (sensor, records) => {
        this.flows(sensor, records);
        other.flowRecords?.(sensor, records);
      },
      sensorCounters: (sensor, counters) => other.sensorCounters?.(sensor, counters),
    };
  }

  /** Notes a batch on its way in. */
  batch(batch: SensorBatch): void {
    const { header, counters } = batch;
    const { packetsDroppedByKernel, packetsDroppedByInterface } = counters;
    this.counts.batches++;
    this.counts.packets = counters.packetsCaptured;
    this.counts.dropped = packetsDroppedByKernel + packetsDroppedByInterface;
    const isEnd = header.watermarkS === END_OF_TIME_S;
    if (!isEnd) this.watermarkS = Math.max(this.watermarkS, header.watermarkS);
    this.seconds.add(batch);
    this.tellSeconds(isEnd);
    if (!isEnd && this.elapsedMs() - this.toldAtMs < HEALTH_EACH_MS) return;
    this.toldAtMs = this.elapsedMs();
    const health: SensorHealth = {
      sensor: header.sensor,
      atMs: this.watermarkS * 1000,
      ...counters,
      breaches: breachesOf(this.decoder),
    };
    this.bus.push({ kind: 'health', health });
  }

  private tellSeconds(isEnd: boolean): void {
    if (!isEnd && this.elapsedMs() - this.secondsToldAtMs < SECONDS_EACH_MS) return;
    this.secondsToldAtMs = this.elapsedMs();
    for (const second of this.seconds.take()) this.bus.push({ kind: 'second', second });
  }

  /** What each stage did so far. */
  stages(): StageCount[] {
    const { packets, dropped, flows, windows, incidents } = this.counts;
    return [
      { name: 'capture', unit: 'packet', total: packets, dropped },
      { name: 'flow', unit: 'flow', total: flows, dropped: 0 },
      { name: 'host', unit: 'window', total: windows, dropped: 0 },
      { name: 'incident', unit: 'restatement', total: incidents, dropped: 0 },
    ];
  }

  private flows(sensor: string, records: FlowRecordTable): void {
    this.counts.flows += records.count;
    for (let row = 0; row < records.count; row++) {
      if (this.bus.isFull) {
        this.bus.skipFlows(records.count - row);
        return;
      }
      this.bus.push({ kind: 'flow', flow: flowSummaryOf(sensor, records, row) });
    }
  }
}

function breachesOf({ counters }: Decoder): Record<string, number> {
  const counted = CONFORMANCE_BREACHES.map(({ name }, i) => [name, counters.breaches[i] ?? 0] as const);
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}
