import type { Alert, HostBatch, TrafficWindow } from '@weir/contracts';
import { DEFAULT_DETECTION_CONFIG } from '../config.js';
import { FlowBench } from '../flow/flow.fixture.js';
import { cutBatches, packetTable, type SaidPacket } from '../flow/packets.fixture.js';
import type { HostInput } from '../runtime/port.js';
import { createHostFunction, type HostPartitionState, type HostSettings } from './index.js';

/** A host partition, and what it has sent. */
export class HostBench {
  readonly hosts;
  state: HostPartitionState;
  readonly windows: TrafficWindow[] = [];
  readonly alerts: Alert[] = [];

  constructor(settings: Partial<HostSettings> = {}) {
    this.hosts = createHostFunction({
      host: DEFAULT_DETECTION_CONFIG.host,
      allowedLatenessMs: 1000,
      incidentPartitions: 1,
      sensors: [{ name: 'test', partitions: 1 }],
      windows: 'all',
      ...settings,
    });
    this.state = this.hosts.initialState('host/0');
  }

  send(...batches: HostBatch[]): this {
    for (const batch of batches) this.tell({ kind: 'host-batch', batch });
    return this;
  }

  /** Any other input: a tick, or a control. */
  tell(input: HostInput): this {
    this.hosts.transition(this.state, input, (output) => {
      if (output.kind === 'window-closed') this.windows.push(structuredClone(output.window));
      else this.alerts.push(...structuredClone(output.batch.alerts as Alert[]));
    });
    return this;
  }

  /** Replaces the state by what its bytes say, as a restart would. */
  restart(): this {
    this.state = this.hosts.decode(this.hosts.encode(this.state));
    return this;
  }

  /** What may not depend on how its input is cut or interleaved. */
  get said() {
    return { windows: this.windows, alerts: this.alerts };
  }
}

/** Timeouts that end no flow within a test. */
const PATIENT = {
  tcpHandshakeTimeoutS: 900,
  tcpIdleTimeoutS: 900,
  tcpClosedTimeoutS: 900,
  unansweredTimeoutS: 900,
  answeredTimeoutS: 900,
};

/** What one flow partition tells host partition 0 of these packets, in batches of `size` packets. */
export function toldBy(upstream: string, packets: readonly Partial<SaidPacket>[], size = 50): HostBatch[] {
  const bench = new FlowBench(PATIENT);
  for (const batch of cutBatches(packetTable(packets), { size })) bench.send(batch);
  return bench.hostBatches.map((batch) => ({ ...batch, upstream, sensor: upstream.split('/')[1]! }));
}

/** A scan of `ports` ports of one host, `perSecond` a second. */
export function portScan(ports: number, perSecond: number, said: Partial<SaidPacket> = {}): Partial<SaidPacket>[] {
  return Array.from({ length: ports }, (_, i) => ({
    source: '192.0.2.66',
    destination: '198.51.100.7',
    sourcePort: 60_000,
    protocol: 6,
    tcpFlags: 2,
    ...said,
    destinationPort: 1 + i,
    atS: (said.atS ?? 0) + i / perSecond,
  }));
}
