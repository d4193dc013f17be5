import type { TrafficKind, TrafficOptions } from '../../traffic/index.js';

/** The attack alone: what the office does besides changes no threshold, and takes time. */
export function alone(kind: TrafficKind, more: Partial<TrafficOptions>): TrafficOptions {
  return { kind, background: false, hosts: 8, ...more };
}

/** So much of an attack at a pace that it lasts for `seconds`, but no more than `most`. */
export function lasting(packetsPerSecond: number, seconds: number, most: number) {
  return { packetsPerSecond, packets: Math.max(1, Math.min(most, Math.floor(packetsPerSecond * seconds))) };
}
