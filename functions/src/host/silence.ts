import { type Alert, END_OF_TIME_S } from '@weir/contracts';
import { blindnessOf, raiseAlert } from './alerts.js';
import type { DetectorCard } from './detectors/index.js';
import type { PaneQueue } from './pane-queue.js';
import { noteClocks } from './sensor-clocks.js';
import type { HostPartitionState } from './state.js';
import { reachedSecond } from './upstreams.js';

/** What silence is told as. */
export const SENSOR_SILENT: DetectorCard = {
  name: 'sensor-silent',
  kind: 'sensor-silent',
  sees: 'A sensor that has stopped sending without having said that it ends.',
  how: 'Looks by the clock at who was heard since the last look. A sensor that hears nothing still sends empty batches.',
  evadedBy: 'Cutting the wire of the sensor, not of its agent.',
  blindTo: 'A sensor that goes on sending, but hears nothing, as on an interface that was unplugged.',
  techniques: [{ id: 'T1562', name: 'Impair Defenses' }],
  advice: [
    'Look whether the agent is running on the machine of the sensor, and restart it if not.',
    'Look whether that machine reaches Kafka: its agent says in its log what it cannot send.',
    'What it should have seen meanwhile was seen by nobody: take care with what other sensors do not show.',
  ],
};

/**
 * Takes note of who was heard since the last tick. Upstreams not heard for `timeoutS` are no longer waited for. Returns the
 * sensors of which every upstream that has not ended is silent now, and which were not told yet.
 */
export function noteSilence(state: HostPartitionState, nowMs: number, timeoutS: number): string[] {
  // Before anyone was heard there is no time to speak of.
  if (![...state.queues.values()].some(({ epoch }) => epoch >= 0)) return [];
  // The runtime itself was away: of that the sensors are innocent.
  const wasAway = nowMs - state.tickedAtMs > timeoutS * 500;
  state.tickedAtMs = nowMs;
  for (const queue of state.queues.values()) {
    if (wasAway || queue.wasHeard || queue.heardAtMs === 0) queue.heardAtMs = nowMs;
    queue.wasHeard = false;
    if (isSilent(queue, nowMs, timeoutS)) queue.isReleased = true;
  }
  const silent = state.sensors.filter(
    (sensor) =>
      !state.silentSensors.has(sensor) && isWhollySilent(state, sensor, (queue) => isSilent(queue, nowMs, timeoutS)),
  );
  for (const sensor of silent) state.silentSensors.add(sensor);
  noteClocks(state, nowMs);
  return silent;
}

function isSilent({ heardAtMs, watermarkS }: PaneQueue, nowMs: number, timeoutS: number): boolean {
  return watermarkS !== END_OF_TIME_S && nowMs - heardAtMs >= timeoutS * 1000;
}

function isWhollySilent(state: HostPartitionState, sensor: string, isSilent: (queue: PaneQueue) => boolean): boolean {
  const own = [...state.queues.values()].filter(
    (queue) => queue.sensor === sensor && queue.watermarkS !== END_OF_TIME_S,
  );
  return own.length > 0 && own.every(isSilent);
}

/**
 * The alert that a sensor is silent. It lies between the time that the partition has reached and the one that it goes on
 * to without the sensor, so that it is told even where nothing else moves time.
 */
export function silenceAlert(state: HostPartitionState, sensor: string, timeoutS: number): Alert {
  const atS = state.watermarkS || Math.max(0, reachedSecond(state) - 1);
  const heardUntilS = heardUntil(state, sensor) || atS;
  const argument = {
    entity: sensor,
    severity: 'high' as const,
    confidence: 0.9,
    startUs: heardUntilS * 1e6,
    endUs: Math.max(heardUntilS, atS) * 1e6,
    sources: [],
    targets: [],
    title: `Sensor ${sensor} is silent`,
    summary: `Sensor ${sensor} has sent nothing for ${timeoutS} s, and has not said that it ends. The others are no longer held up by it.`,
    evidence: [
      {
        measure: 'time without any batch of the sensor, at least',
        unit: 's',
        value: timeoutS,
        normal: 1,
        threshold: timeoutS,
      },
    ],
    counterfactual: `One batch in ${timeoutS} s: an agent sends empty ones too.`,
    flows: [],
  };
  return raiseAlert(SENSOR_SILENT, argument, {
    windowStartS: heardUntilS,
    detectedAtMs: atS * 1000,
    magnitude: 1,
    sensors: [sensor],
    blindness: blindnessOf(state),
  });
}

/** How far the time of a sensor had come; 0 before it spoke. */
function heardUntil(state: HostPartitionState, sensor: string): number {
  let untilS = 0;
  for (const queue of state.queues.values())
    if (queue.sensor === sensor && queue.watermarkS !== END_OF_TIME_S) untilS = Math.max(untilS, queue.watermarkS);
  return untilS;
}
