import { createHash } from 'node:crypto';
import type { Alert, Blindness } from '@weir/contracts';
import { scoreOf } from '../features/log-scale.js';
import type { Argument, DetectorCard } from './detectors/index.js';
import { FIELD } from './fields.js';
import { NETWORK_ROW } from './host-rows.js';
import type { HostPartitionState } from './state.js';

/** Where in event time an alert is raised. */
export interface Moment {
  windowStartS: number;
  /** When the watermark let it out, ms. */
  detectedAtMs: number;
}

/** The alert that a detector's argument makes. Its id follows from detector, entity and window. */
export function raiseAlert(
  card: DetectorCard,
  argument: Argument,
  details: Moment & { magnitude: number; sensors: string[]; blindness: Blindness },
): Alert {
  const { startUs, endUs, domain, ...said } = argument;
  return {
    id: shortHash(`${card.name}|${argument.entity}|${details.windowStartS}`),
    detector: card.name,
    kind: card.kind,
    magnitude: details.magnitude,
    score: scoreOf(details.magnitude),
    startMs: Math.floor(startUs / 1000),
    endMs: Math.floor(endUs / 1000),
    detectedAtMs: details.detectedAtMs,
    ...said,
    ...(domain === undefined ? {} : { domain }),
    techniques: [...card.techniques],
    advice: [...card.advice],
    sensors: details.sensors,
    blindness: details.blindness,
  };
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** How blind the sensors are: what the network lost in the current minute, and what they dropped since their start. */
export function blindnessOf(state: HostPartitionState): Blindness {
  const { blocks } = state.hosts;
  const inMinute = (field: number) =>
    blocks[state.hosts.blockAt(NETWORK_ROW, 0) + field]! + blocks[state.hosts.blockAt(NETWORK_ROW, 1) + field]!;
  let packetsDropped = 0;
  for (const counters of state.sensorCounters.values())
    packetsDropped += counters.packetsDroppedByKernel + counters.packetsDroppedByInterface;
  const flowsEvicted = inMinute(FIELD.evictedFlows);
  return { packetsDropped, packetsLate: inMinute(FIELD.lateRows), flowsEvicted, degraded: flowsEvicted > 0 };
}
