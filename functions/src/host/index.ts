import type { HostInput, HostOutput, StatefulFunction } from '../runtime/port.js';
import type { HostConfig } from './config.js';
import { createKeyedDetectors } from './detectors/index.js';
import { decodeHostState, encodeHostState, type HostPartitionState, initialHostState } from './state.js';
import { HostTransition } from './transition.js';
import { expectSensors, type SensorPartitions } from './upstreams.js';

export { detectorCards } from './cards.js';
export { HostConfig } from './config.js';
export { createKeyedDetectors, type DetectorCard, HOST_DETECTORS } from './detectors/index.js';
export type { HostPartitionState } from './state.js';
export type { SensorPartitions } from './upstreams.js';

/** What a host partition needs to know besides the thresholds. */
export interface HostSettings {
  host: HostConfig;
  allowedLatenessMs: number;
  incidentPartitions: number;
  /** Sensors that it must hear from before time begins; others join when they first speak. */
  sensors: readonly SensorPartitions[];
  /** Processing time after which an upstream that says nothing is no longer waited for. Unit: s; 60 by default. */
  silenceTimeoutS?: number;
  /** Which windows are told when they close. */
  windows: 'none' | 'network' | 'all';
  /** `none` counts and looks at nothing; to measure what detectors cost. Default: `all`. */
  detectors?: 'all' | 'none';
}

/** The host function: keeps windows of each host and of the network, and lets the detectors look at them. */
export function createHostFunction(
  settings: HostSettings,
): StatefulFunction<HostPartitionState, HostInput, HostOutput> {
  const transition = new HostTransition(settings);
  const keyed = settings.detectors === 'none' ? () => [] : createKeyedDetectors;
  return {
    name: 'host',
    initialState: (address) => expectSensors(initialHostState(address, settings.host, keyed), settings.sensors),
    transition: (state, input, emit) => transition.run(state, input, emit),
    encode: encodeHostState,
    decode: (bytes) => decodeHostState(bytes, settings.host),
  };
}
