import type { HostBatch } from '@weir/contracts';
import type { HostOutput, StatefulFunction } from '../runtime/port.js';
import type { HostConfig } from './config.js';
import { decodeHostState, encodeHostState, type HostPartitionState, initialHostState } from './state.js';
import { HostTransition } from './transition.js';

export { HostConfig } from './config.js';
export { createKeyedDetectors, type DetectorCard, HOST_DETECTORS } from './detectors/index.js';
export type { HostPartitionState } from './state.js';

/** What a host partition needs to know besides the thresholds. */
export interface HostSettings {
  host: HostConfig;
  allowedLatenessMs: number;
  incidentPartitions: number;
  /** Flow partitions that it must hear from before time begins. */
  upstreams: readonly string[];
  /** Which windows are told when they close. */
  windows: 'none' | 'network' | 'all';
}

/** The host function: keeps windows of each host and of the network, and lets the detectors look at them. */
export function createHostFunction(
  settings: HostSettings,
): StatefulFunction<HostPartitionState, HostBatch, HostOutput> {
  const transition = new HostTransition(settings);
  return {
    name: 'host',
    initialState: (address) => initialHostState(address, settings.host),
    transition: (state, batch, emit) => transition.run(state, batch, emit),
    encode: encodeHostState,
    decode: (bytes) => decodeHostState(bytes, settings.host),
  };
}
