import type { Alert } from '@weir/contracts';
import { share } from '../features/moments.js';
import { blindnessOf, raiseAlert } from './alerts.js';
import type { HostConfig } from './config.js';
import { type DetectorCard, readable, severityFor } from './detectors/detector.js';
import type { HostPartitionState } from './state.js';

const MINUTE_S = 60;

/** What loss is told as. */
export const SENSOR_LOSS: DetectorCard = {
  name: 'sensor-loss',
  kind: 'sensor-loss',
  sees: 'A sensor that loses packets before they can be read, in the kernel or in its network card.',
  how: "Compares, minute by minute, the sensor's counters of packets captured and dropped.",
  blindTo: 'Packets that the mirror port of a switch leaves out: nobody counts these.',
  evadedBy: 'Nothing that an attacker does; but a flood may be sent to cause it.',
  techniques: [{ id: 'T1562', name: 'Impair Defenses' }],
  advice: [
    'Give the agent more buffer (--buffer-size), a filter for what need not be seen, or a faster machine.',
    'What was found in this time holds; what was not found may have been lost.',
  ],
};

/** What full tables are told as. */
export const DEGRADED: DetectorCard = {
  name: 'degraded',
  kind: 'degraded',
  sees: 'A flow table that was full, so that flows gave way before they were over.',
  how: 'Counts flows that gave way, minute by minute.',
  blindTo: 'Limits of other tables, which the metrics count.',
  evadedBy: 'Nothing; but a flood of new flows may be sent to cause it, and is told by itself.',
  techniques: [{ id: 'T1562', name: 'Impair Defenses' }],
  advice: [
    'Look for a flood or a scan at this time: most often that is the cause.',
    'If it is ordinary traffic, raise flow.maxFlows, or spread the sensor over more partitions.',
  ],
};

/** The alerts that sensors have lost packets since the minute before, as the counters that they sent last say. */
export function lossAlerts(state: HostPartitionState, minuteS: number, { sensorLoss }: HostConfig): Alert[] {
  const alerts: Alert[] = [];
  for (const [sensor, counters] of state.sensorCounters) {
    const dropped = counters.packetsDroppedByKernel + counters.packetsDroppedByInterface;
    const captured = counters.packetsCaptured;
    const before = state.lossSeen[sensor];
    state.lossSeen[sensor] = { captured, dropped };
    // What was lost before the first look may be of another time, as in a file that was cut from a longer capture.
    if (!before) continue;
    // A sensor that was started anew counts from 0.
    const lost = dropped - (dropped < before.dropped ? 0 : before.dropped);
    const read = captured - (captured < before.captured ? 0 : before.captured);
    const part = share(lost, lost + read);
    if (lost >= sensorLoss.packets && part >= sensorLoss.share)
      alerts.push(lossAlert(state, { sensor, lost, part, minuteS, sensorLoss }));
  }
  return alerts;
}

interface Loss {
  sensor: string;
  lost: number;
  part: number;
  minuteS: number;
  sensorLoss: HostConfig['sensorLoss'];
}

function lossAlert(state: HostPartitionState, { sensor, lost, part, minuteS, sensorLoss }: Loss): Alert {
  const argument = {
    entity: sensor,
    severity: severityFor('medium', part / sensorLoss.share),
    confidence: 1,
    startUs: (minuteS - MINUTE_S) * 1e6,
    endUs: minuteS * 1e6,
    sources: [],
    targets: [],
    title: `Sensor ${sensor} loses packets`,
    summary: `Sensor ${sensor} lost ${readable(lost)} packets, ${readable(part * 100)} % of all, within about a minute.`,
    evidence: [
      { measure: 'packets lost', unit: 'packet', value: lost, normal: 0, threshold: sensorLoss.packets },
      { measure: 'share of all packets', unit: '1', value: part, normal: 0, threshold: sensorLoss.share },
    ],
    counterfactual: `Less than ${readable(sensorLoss.share * 100)} % lost, or fewer than ${readable(sensorLoss.packets)} packets.`,
    flows: [],
  };
  return raiseAlert(SENSOR_LOSS, argument, {
    windowStartS: minuteS,
    detectedAtMs: minuteS * 1000,
    magnitude: part / sensorLoss.share,
    sensors: [sensor],
    blindness: blindnessOf(state),
  });
}

/** The alert that flows gave way in the minute that ends at `endS`. */
export function degradedAlert(state: HostPartitionState, evicted: number, endS: number): Alert {
  const argument = {
    entity: 'flow table',
    severity: 'low' as const,
    confidence: 1,
    startUs: (endS - MINUTE_S) * 1e6,
    endUs: endS * 1e6,
    sources: [],
    targets: [],
    title: 'The flow table is full',
    summary: `${readable(evicted)} flows gave way before they were over within a minute. What is said of single flows may be incomplete.`,
    evidence: [{ measure: 'flows that gave way', unit: 'flow', value: evicted, normal: 0, threshold: 1 }],
    counterfactual: 'Room for all flows.',
    flows: [],
  };
  return raiseAlert(DEGRADED, argument, {
    windowStartS: endS,
    detectedAtMs: endS * 1000,
    magnitude: evicted,
    sensors: [...state.sensors].sort(),
    blindness: blindnessOf(state),
  });
}
