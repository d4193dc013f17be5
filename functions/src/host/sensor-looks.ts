import type { Alert } from '@weir/contracts';
import type { HostConfig } from './config.js';
import { clockAlert, lagAlert } from './sensor-clocks.js';
import { oneSidedAlerts } from './sensor-sides.js';
import { hostTableAlerts, lossAlert, missingAlert } from './sensor-state.js';
import type { HostPartitionState } from './state.js';

/** What a sensor had told when it was looked at. Counts are since its start. */
export interface SensorLook {
  captured: number;
  /** Packets that kernel and network card dropped. */
  dropped: number;
  /** Batches that never came. */
  missing: number;
  lagMs: number;
  /** How far packets lay ahead of the clock. */
  aheadMs: number;
  clockSetMs: number;
  /** Minutes in a row in which the lag, and the distance ahead, were above the threshold. */
  lagMinutes: number;
  aheadMinutes: number;
}

/** What two looks at a sensor, about a minute apart, are to be judged by. */
export interface SensorFinding {
  sensor: string;
  before: SensorLook;
  now: SensorLook;
  /** Second of event time at which the new minute begins. */
  minuteS: number;
}

/** What was not so before the first look may be of another time, as in a file that was cut from a longer capture. */
const ALERTS = [lossAlert, missingAlert, lagAlert, clockAlert] as const;

/**
 * A new minute begins at `minuteS`: what is wrong with the sensors, and with what this partition keeps. Every partition
 * hears what sensors count, so the first speaks of it.
 */
export function sensorAlerts(state: HostPartitionState, minuteS: number, host: HostConfig): Alert[] {
  const alerts = [...oneSidedAlerts(state, minuteS, host), ...hostTableAlerts(state, minuteS)];
  if (state.partition !== 0) return alerts;
  for (const sensor of state.sensorCounters.keys()) {
    const before = state.looks.get(sensor);
    const now = lookAt(state, sensor, host);
    state.looks.set(sensor, now);
    if (!before) continue;
    for (const alertOf of ALERTS) {
      const alert = alertOf(state, { sensor, before, now, minuteS }, host);
      if (alert) alerts.push(alert);
    }
  }
  return alerts;
}

function lookAt(state: HostPartitionState, sensor: string, { sensorLag, sensorClock }: HostConfig): SensorLook {
  const counters = state.sensorCounters.get(sensor)!;
  const before = state.looks.get(sensor);
  const { lagMs, aheadMs, clockSetMs } = counters.live ?? { lagMs: 0, aheadMs: 0, clockSetMs: 0 };
  return {
    captured: counters.packetsCaptured,
    dropped: counters.packetsDroppedByKernel + counters.packetsDroppedByInterface,
    missing: missingOf(state, sensor),
    lagMs,
    aheadMs,
    clockSetMs,
    lagMinutes: lagMs >= sensorLag.seconds * 1000 ? (before?.lagMinutes ?? 0) + 1 : 0,
    aheadMinutes: aheadMs >= sensorClock.seconds * 1000 ? (before?.aheadMinutes ?? 0) + 1 : 0,
  };
}

function missingOf({ queues, batchesMissing }: HostPartitionState, sensor: string): number {
  let missing = 0;
  for (const [upstream, queue] of queues) if (queue.sensor === sensor) missing += batchesMissing.get(upstream) ?? 0;
  return missing;
}
