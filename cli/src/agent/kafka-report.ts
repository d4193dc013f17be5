import { type Decoder, listInterfaces, type SinkCounters } from '@weir/capture-agent';
import {
  type AgentStatus,
  CONFORMANCE_BREACHES,
  END_OF_TIME_S,
  NO_COUNTERS,
  type SensorBatch,
  type SensorCounters,
  type SensorHealth,
} from '@weir/contracts';
import { weirVersion } from '../commands/version.js';
import type { Io } from '../io.js';
import type { AgentInput } from './agent-input.js';

/** One line of an agent that sends to Kafka: how the sensor is, and what became of what it sent. */
export interface SendingLine {
  readonly sensor: string;
  /** Watermark of the sensor, ms of capture time. */
  readonly atMs: number;
  readonly packetsCaptured: number;
  /** Dropped by kernel and interface before they could be read. */
  readonly packetsLost: number;
  readonly packetsSent: number;
  /** Since the last line, by the clock. */
  readonly packetsSentPerSecond: number;
  readonly packetsQueued: number;
  readonly bytesQueued: number;
  readonly messagesSent: number;
  readonly messagesQueued: number;
  /** Given up, with the packets in them. */
  readonly messagesDropped: number;
  readonly packetsDropped: number;
  readonly lagMs: number;
  readonly isConnected: boolean;
  readonly isCapturing: boolean;
}

/** What a report tells of. */
export interface ReportParts {
  readonly sensor: string;
  readonly partitions: number;
  readonly input: AgentInput;
  readonly decoder: Decoder;
  readonly counters: () => SinkCounters;
  readonly io: Pick<Io, 'elapsedMs' | 'nowMs'>;
}

/** How a sensor and its sending are, as a line for its operator and as a message for everybody. */
export class KafkaReport {
  /** Controls that were not valid or not possible. */
  controlsRefused = 0;
  private watermarkS = 0;
  private sensorCounters: SensorCounters = NO_COUNTERS;
  private readonly startedAtMs: number;
  private last: { packets: number; elapsedMs: number };

  constructor(private readonly parts: ReportParts) {
    this.startedAtMs = parts.io.nowMs();
    this.last = { packets: 0, elapsedMs: parts.io.elapsedMs() };
  }

  batch({ header, counters }: SensorBatch): void {
    if (header.watermarkS !== END_OF_TIME_S) this.watermarkS = Math.max(this.watermarkS, header.watermarkS);
    this.sensorCounters = counters;
  }

  /** The next line; the rate is that since the last one. */
  line(): SendingLine {
    const { sent, queued, isConnected, lagMs } = this.parts.counters();
    const { packetsCaptured, packetsDroppedByKernel, packetsDroppedByInterface } = this.sensorCounters;
    return {
      sensor: this.parts.sensor,
      atMs: this.watermarkS * 1000,
      packetsCaptured,
      packetsLost: packetsDroppedByKernel + packetsDroppedByInterface,
      packetsSent: sent.packets,
      packetsSentPerSecond: this.rate(sent.packets),
      packetsQueued: queued.packets,
      bytesQueued: queued.bytes,
      messagesSent: sent.messages,
      messagesQueued: queued.messages,
      ...this.given(),
      lagMs: Math.round(lagMs),
      isConnected,
      isCapturing: !this.parts.input.controls.isPaused,
    };
  }

  /** The message of the `sensor_health` topic. */
  health(): SensorHealth {
    const { sensor, decoder } = this.parts;
    const breaches = CONFORMANCE_BREACHES.map(({ name }, i) => [name, decoder.counters.breaches[i] ?? 0] as const);
    return {
      sensor,
      atMs: this.watermarkS * 1000,
      ...this.sensorCounters,
      breaches: Object.fromEntries(breaches.filter(([, packets]) => packets > 0)),
      agent: this.status(),
    };
  }

  private status(): AgentStatus {
    const { input, partitions, counters } = this.parts;
    const { sent, queued, lagMs } = counters();
    return {
      version: weirVersion(),
      startedAtMs: this.startedAtMs,
      epoch: input.epoch,
      partitions,
      source: input.name,
      filter: input.filter,
      interfaces: listInterfaces().map(({ name }) => name),
      isCapturing: !input.controls.isPaused,
      messagesSent: sent.messages,
      packetsSent: sent.packets,
      messagesQueued: queued.messages,
      bytesQueued: queued.bytes,
      ...this.given(),
      lagMs: Math.round(lagMs),
      controlsRefused: this.controlsRefused,
    };
  }

  private given(): { messagesDropped: number; packetsDropped: number } {
    const { dropped, refused } = this.parts.counters();
    return {
      messagesDropped: dropped.messages + refused.messages,
      packetsDropped: dropped.packets + refused.packets,
    };
  }

  private rate(packets: number): number {
    const elapsedMs = this.parts.io.elapsedMs();
    const seconds = Math.max(0.001, (elapsedMs - this.last.elapsedMs) / 1000);
    const rate = Math.round((packets - this.last.packets) / seconds);
    this.last = { packets, elapsedMs };
    return rate;
  }
}
