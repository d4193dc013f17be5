import type { TrafficWindow } from '@weir/contracts';
import type { HostDetail, TrafficPoint } from '@weir/contracts/dashboard-api';
import { measured, percent } from '../../formats/numbers.js';

type Normal = HostDetail['normal'][number];

/** What was measured of a host, in words. */
export const MEASURE_NAMES: Readonly<Record<Normal['measure'], string>> = {
  packets: 'Packets',
  bytes: 'Bytes',
  connections: 'Flows begun',
  destinations: 'Distinct peers',
  ports: 'Distinct ports',
  failedShare: 'Share of flows that failed',
  gapMeanMs: 'Mean gap in a flow, one way',
  meanPacketBytes: 'Mean packet size',
};

/** A value of a measure with its unit, of a window; the head of the table says how long that is. */
export function normalValue({ measure, unit }: Normal, value: number): string {
  return measure === 'failedShare' ? percent(value) : measured(value, unit.replace(/\/10 s$/, ''));
}

/** How the newest window compares with what is usual, in words. */
export function verdict({ latest, median, p95, max }: Normal): 'usual' | 'high for it' | 'its highest' {
  if (latest <= p95) return 'usual';
  return latest >= max && latest > median ? 'its highest' : 'high for it';
}

/** Windows of a host as points of the traffic chart. Which part was anomalous is not known of a window. */
export function windowPoints(windows: readonly TrafficWindow[]): TrafficPoint[] {
  return windows.map(({ startMs, packets, bytes, connections, failedShare, tcpShare, udpShare, icmpShare }) => ({
    startMs, packets, bytes, connections, failedShare, tcpShare, udpShare, icmpShare, anomalousPackets: 0, anomalousBytes: 0,
  })); // biome-ignore format: a list to read
}
