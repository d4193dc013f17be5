import { type Alert, END_OF_TIME_S, type Evidence } from '@weir/contracts';
import { blindnessOf, raiseAlert } from './alerts.js';
import type { HostConfig } from './config.js';
import { counted, type DetectorCard, readable } from './detectors/detector.js';
import type { SensorFinding } from './sensor-looks.js';
import type { HostPartitionState } from './state.js';

const MINUTE_S = 60;
/** By how much the distance of two clocks may change and still be the same distance. */
const SAME_DISTANCE_MS = 2000;

/** What a sensor that falls behind is told as. */
export const SENSOR_LAG: DetectorCard = {
  name: 'sensor-lag',
  kind: 'sensor-lag',
  sees: 'A live sensor that falls behind: packets are old before they are read, or batches before they are sent.',
  how: 'Each batch of a live sensor tells the greatest age that a packet had when it was read, and that of the oldest batch that waits to be sent. That is looked at once a minute; three minutes in a row above the threshold are told. Files have no such age, at whatever pace they are read.',
  blindTo: 'Time lost on the way from the sensor to the functions, as when Flink is behind: its metrics tell that.',
  evadedBy: 'Nothing that an attacker does; but a flood may be sent to cause it.',
  settings: 'sensorLag',
  techniques: [{ id: 'T1562', name: 'Impair Defenses' }],
  advice: [
    'Look whether the machine of the sensor is busy, and whether Kafka takes what it sends: its log and sensor_health say what waits.',
    'Give it a faster machine, more flow partitions, or a filter for what need not be seen.',
    'Findings hold, but come late by this much; when its queue is full, packets are lost, which is told by itself.',
  ],
};

/** What a clock that is wrong is told as. */
export const SENSOR_CLOCK: DetectorCard = {
  name: 'sensor-clock',
  kind: 'sensor-clock',
  sees: 'A live sensor whose clock was set on or back, differs from that of its network card, or from those of the other sensors.',
  how: 'The sensor compares the clock of its machine with the time that has passed, and with the times of packets. Its batches tell the clock too: where two live sensors lie the same distance apart for three minutes, the one behind is told, as a queue would grow or shrink.',
  blindTo:
    'A clock that has been wrong by the same since the start, on the only sensor; differences below the threshold. A machine that was asleep shows as a clock that was set on.',
  evadedBy: 'Setting the clock of the sensor in steps below the threshold.',
  settings: 'sensorClock',
  techniques: [
    { id: 'T1562', name: 'Impair Defenses' },
    { id: 'T1070.006', name: 'Indicator Removal: Timestomp' },
  ],
  advice: [
    'Look at the time service of the sensor (chronyc tracking, timedatectl) and mend it.',
    'Windows, beacons and the order of events around this time may be wrong by this much.',
    'If nobody set the clock, find out who could: log in to the sensor from elsewhere and look at its log.',
  ],
};

/** How far a sensor's clock has been behind the furthest, and since when by the clock of ticks. Unit: ms. */
export interface ClockApart {
  behindMs: number;
  sinceMs: number;
}

/** Takes note, at a tick, of how far apart the clocks of live sensors are; a distance that changes begins anew. */
export function noteClocks(state: HostPartitionState, nowMs: number): void {
  const clocks = liveClocks(state);
  const furthestMs = Math.max(...clocks.values());
  for (const sensor of state.sensors) {
    const clockMs = clocks.get(sensor);
    if (clockMs === undefined) {
      state.clocksApart.delete(sensor);
      continue;
    }
    const behindMs = furthestMs - clockMs;
    const known = state.clocksApart.get(sensor);
    if (!known || Math.abs(known.behindMs - behindMs) > SAME_DISTANCE_MS)
      state.clocksApart.set(sensor, { behindMs, sinceMs: nowMs });
  }
}

/** Clocks, by sensor, of those that are live and have not ended. */
function liveClocks({ queues, sensorCounters, silentSensors }: HostPartitionState): Map<string, number> {
  const clocks = new Map<string, number>();
  for (const { sensor, watermarkS } of queues.values()) {
    const live = sensorCounters.get(sensor)?.live;
    if (live && watermarkS !== END_OF_TIME_S && !silentSensors.has(sensor)) clocks.set(sensor, live.clockMs);
  }
  return clocks;
}

/** The alert that a sensor is behind, where it has been so for long enough. */
export function lagAlert(
  state: HostPartitionState,
  finding: SensorFinding,
  { sensorLag }: HostConfig,
): Alert | undefined {
  const { sensor, now } = finding;
  if (now.lagMinutes < sensorLag.minutes) return undefined;
  const lagS = now.lagMs / 1000;
  return tell(state, SENSOR_LAG, {
    ...finding,
    magnitude: lagS / sensorLag.seconds,
    severity: 'low',
    minutes: now.lagMinutes,
    title: `Sensor ${sensor} falls behind`,
    summary: `Packets of sensor ${sensor} were up to ${readable(lagS)} s old before they were read or sent, for ${counted(now.lagMinutes, 'minute')}. What is found comes late by this much.`,
    evidence: [
      { measure: 'age of packets', unit: 's', value: lagS, normal: 1, threshold: sensorLag.seconds },
      { measure: 'minutes in a row', unit: 'min', value: now.lagMinutes, threshold: sensorLag.minutes },
    ],
    counterfactual: `Packets read and sent within ${sensorLag.seconds} s.`,
  });
}

/** The alert that a sensor's clock is wrong, in the way that shows most plainly. */
export function clockAlert(
  state: HostPartitionState,
  finding: SensorFinding,
  { sensorClock }: HostConfig,
): Alert | undefined {
  const { sensor, now, before } = finding;
  const apart = state.clocksApart.get(sensor);
  const isApart = apart !== undefined && state.tickedAtMs - apart.sinceMs >= sensorClock.minutes * MINUTE_S * 1000;
  // A sensor that was started anew counts from 0.
  const setMs = now.clockSetMs - (now.clockSetMs < before.clockSetMs ? 0 : before.clockSetMs);
  const ways = [
    { offMs: setMs, what: 'was set on or back', measure: 'clock set on or back' },
    {
      offMs: now.aheadMinutes >= sensorClock.minutes ? now.aheadMs : 0,
      what: 'is behind the times of its own packets, which its network card may tell,',
      measure: 'times of packets ahead of the clock',
    },
    {
      offMs: isApart ? apart.behindMs : 0,
      what: 'is behind that of another sensor',
      measure: 'clock behind that of another sensor',
    },
  ];
  const { offMs, what, measure } = ways.find((way) => way.offMs >= sensorClock.seconds * 1000) ?? { offMs: 0 };
  if (offMs === 0 || !measure) return undefined;
  const offS = offMs / 1000;
  return tell(state, SENSOR_CLOCK, {
    ...finding,
    magnitude: offS / sensorClock.seconds,
    severity: 'low',
    minutes: 1,
    title: `The clock of sensor ${sensor} is wrong`,
    summary: `The clock of sensor ${sensor} ${what} by ${readable(offS)} s. What is said of times may be wrong by as much.`,
    evidence: [{ measure, unit: 's', value: offS, normal: 0, threshold: sensorClock.seconds }],
    counterfactual: `Less than ${sensorClock.seconds} s.`,
  });
}

interface Telling extends SensorFinding {
  magnitude: number;
  severity: Alert['severity'];
  /** Minutes, up to the one that is over, that it is about. */
  minutes: number;
  title: string;
  summary: string;
  evidence: Evidence[];
  counterfactual: string;
}

function tell(state: HostPartitionState, card: DetectorCard, telling: Telling): Alert {
  const { sensor, minuteS, minutes, magnitude, severity, title, summary, evidence, counterfactual } = telling;
  const argument = {
    entity: sensor,
    severity,
    confidence: 0.9,
    startUs: (minuteS - minutes * MINUTE_S) * 1e6,
    endUs: minuteS * 1e6,
    sources: [],
    targets: [],
    title,
    summary,
    evidence,
    counterfactual,
    flows: [],
  };
  return raiseAlert(card, argument, {
    windowStartS: minuteS,
    detectedAtMs: minuteS * 1000,
    magnitude,
    sensors: [sensor],
    blindness: blindnessOf(state),
  });
}
