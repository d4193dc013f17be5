import type { Alert, Evidence } from '@weir/contracts';
import { share } from '../features/moments.js';
import { blindnessOf, raiseAlert } from './alerts.js';
import type { HostConfig } from './config.js';
import { counted, type DetectorCard, readable, severityFor } from './detectors/detector.js';
import type { SensorFinding } from './sensor-looks.js';
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
  sees: 'What was given up for want of room: flows that gave way before they were over, hosts that were forgotten, batches of a sensor that never came.',
  how: 'Counts, minute by minute, flows that gave way in a full flow table and gaps in the numbers of batches, and looks whether hosts gave way in a full host table. Each is an incident of its own.',
  blindTo:
    'Limits of the tables of single detectors, which hold their oldest, and what agents give up before their first batch.',
  evadedBy: 'Nothing; but a flood of new flows may be sent to cause it, and is told by itself.',
  techniques: [{ id: 'T1562', name: 'Impair Defenses' }],
  advice: [
    'Look for a flood or a scan at this time: most often that is the cause.',
    'If it is ordinary traffic, raise flow.maxFlows or host.maxHosts, or spread the sensor over more partitions.',
    'Where batches are missing, look at the log of the agent: Kafka was away for longer than its queue holds (KAFKA_QUEUE_MIB).',
  ],
};

/** The alert that a sensor has lost packets since the look before, as its counters say. */
export function lossAlert(
  state: HostPartitionState,
  { sensor, before, now, minuteS }: SensorFinding,
  { sensorLoss }: HostConfig,
): Alert | undefined {
  const lost = sinceStart(before.dropped, now.dropped);
  const part = share(lost, lost + sinceStart(before.captured, now.captured));
  if (lost < sensorLoss.packets || part < sensorLoss.share) return undefined;
  return alertOfLoss(state, { sensor, lost, part, minuteS, sensorLoss });
}

/** What was counted between two looks; a sensor that was started anew counts from 0. */
function sinceStart(before: number, now: number): number {
  return now < before ? now : now - before;
}

interface Loss {
  sensor: string;
  lost: number;
  part: number;
  minuteS: number;
  sensorLoss: HostConfig['sensorLoss'];
}

function alertOfLoss(state: HostPartitionState, { sensor, lost, part, minuteS, sensorLoss }: Loss): Alert {
  const argument = {
    entity: sensor,
    severity: severityFor('medium', part / sensorLoss.share),
    confidence: 1,
    startUs: (minuteS - MINUTE_S) * 1e6,
    endUs: minuteS * 1e6,
    sources: [],
    targets: [],
    title: `Sensor ${sensor} loses packets`,
    summary: `Sensor ${sensor} lost ${counted(lost, 'packet')}, ${readable(part * 100)} % of all, within about a minute.`,
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

/** Both tables are one thing to be told: a flood fills them together. */
const TABLES = 'tables';

/** The alert that flows gave way in the minute that ends at `endS`, and hosts, if any did. */
export function degradedAlert(state: HostPartitionState, evicted: number, endS: number): Alert {
  const hosts = hostsGaveWay(state) ? [hostsKept(state)] : [];
  return alertOfDegraded(state, {
    entity: TABLES,
    endS,
    title: hosts.length > 0 ? 'The tables of flows and hosts are full' : 'The flow table is full',
    summary: `${counted(evicted, 'flow')} gave way before ${evicted === 1 ? 'it was' : 'they were'} over, within a minute. What is said of single flows may be incomplete.`,
    evidence: [{ measure: 'flows that gave way', unit: 'flow', value: evicted, normal: 0, threshold: 1 }, ...hosts],
    magnitude: evicted,
    sensors: [...state.sensors].sort(),
  });
}

/** The alert that a partition has had no room for all hosts since the look before, where that was not told with its flows. */
export function hostTableAlerts(state: HostPartitionState, minuteS: number): Alert[] {
  if (!hostsGaveWay(state)) return [];
  const alert = alertOfDegraded(state, {
    entity: TABLES,
    endS: minuteS,
    title: 'The host table is full',
    summary: `More than ${readable(state.hosts.maxHosts)} hosts were seen at the same time. Those of which least is known gave way: what is said of many hosts together may be too low.`,
    evidence: [hostsKept(state)],
    magnitude: 1,
    sensors: [...state.sensors].sort(),
  });
  return [alert];
}

/** Whether hosts gave way since this was last asked. */
function hostsGaveWay(state: HostPartitionState): boolean {
  const { forgotten } = state.hosts;
  const isMore = forgotten > state.hostsForgotten;
  state.hostsForgotten = forgotten;
  return isMore;
}

/** How many gave way would depend on the order in which equals came. */
function hostsKept({ hosts: { maxHosts } }: HostPartitionState): Evidence {
  return { measure: 'hosts kept, fewer than were seen', unit: 'host', value: maxHosts, threshold: maxHosts };
}

/** The alert that batches of a sensor have never come since the look before. */
export function missingAlert(
  state: HostPartitionState,
  { sensor, before, now, minuteS }: SensorFinding,
): Alert | undefined {
  const missing = sinceStart(before.missing, now.missing);
  if (missing === 0) return undefined;
  return alertOfDegraded(state, {
    entity: sensor,
    endS: minuteS,
    title: `Batches of sensor ${sensor} are missing`,
    summary: `${counted(missing, 'batch', 'batches')} of sensor ${sensor} never came within about a minute: its agent gave them up as its queue was full, or Kafka refused or lost them. Their packets are not part of what was found.`,
    evidence: [{ measure: 'batches missing', unit: 'batch', value: missing, normal: 0, threshold: 1 }],
    magnitude: missing,
    sensors: [sensor],
  });
}

interface Degraded {
  entity: string;
  /** End of the minute that it is about, s. */
  endS: number;
  title: string;
  summary: string;
  evidence: Evidence[];
  magnitude: number;
  sensors: string[];
}

function alertOfDegraded(state: HostPartitionState, degraded: Degraded): Alert {
  const { entity, endS, title, summary, evidence, magnitude, sensors } = degraded;
  const argument = {
    entity,
    severity: 'low' as const,
    confidence: 1,
    startUs: (endS - MINUTE_S) * 1e6,
    endUs: endS * 1e6,
    sources: [],
    targets: [],
    title,
    summary,
    evidence,
    counterfactual: 'Room for all of them.',
    flows: [],
  };
  return raiseAlert(DEGRADED, argument, {
    windowStartS: endS,
    detectedAtMs: endS * 1000,
    magnitude,
    sensors,
    blindness: blindnessOf(state),
  });
}
