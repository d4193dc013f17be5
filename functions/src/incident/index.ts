import type { IncidentInput, IncidentOutput, StatefulFunction } from '../runtime/port.js';
import {
  DEFAULT_INCIDENT_CONFIG,
  decodeIncidentState,
  encodeIncidentState,
  type IncidentConfig,
  type IncidentPartitionState,
  initialIncidentState,
} from './state.js';
import { takeControl } from './suppressions.js';
import { takeAlertBatch } from './transition.js';

export {
  DEFAULT_INCIDENT_CONFIG,
  type IncidentConfig,
  type IncidentCounters,
  type IncidentPartitionState,
} from './state.js';

/** A century: every incident closes at the end of time. */
const MOST_GAP_S = 3_155_760_000;

/** Settings that have defaults may be left out. */
export type IncidentSettings = Pick<IncidentConfig, 'upstreams'> & Partial<IncidentConfig>;

/**
 * The function that makes incidents of alerts. Throws a RangeError that names the setting when one cannot be used.
 */
export function createIncidentFunction(
  settings: IncidentSettings,
): StatefulFunction<IncidentPartitionState, IncidentInput, IncidentOutput> {
  const config = { ...DEFAULT_INCIDENT_CONFIG, ...settings };
  check(config);
  return {
    name: 'incident',
    initialState: () => initialIncidentState(config),
    transition: (state, input, emit) => {
      if (input.kind === 'alert-batch') takeAlertBatch(config, state, input.batch, emit);
      else takeControl(state, input);
    },
    encode: encodeIncidentState,
    decode: decodeIncidentState,
  };
}

function check({ upstreams, mergeGapS, maxOpen, maxPending }: IncidentConfig): void {
  if (upstreams.length === 0)
    throw new RangeError('upstreams is empty. Expected the addresses of all host partitions.');
  if (!(mergeGapS >= 0 && mergeGapS <= MOST_GAP_S))
    throw new RangeError(`mergeGapS is ${mergeGapS}. Expected 0 to ${MOST_GAP_S} seconds.`);
  if (!(maxOpen >= 1)) throw new RangeError(`maxOpen is ${maxOpen}. Expected 1 or more.`);
  if (!(maxPending >= 1)) throw new RangeError(`maxPending is ${maxPending}. Expected 1 or more.`);
}
