import type { DistinctSets } from '../../features/distinct-sets.js';
import type { HostConfig } from '../config.js';
import { addressSweep, arpSweep } from './address-sweep.js';
import type { HostDetector } from './detector.js';
import { DnsTunnel } from './dns-tunnel.js';
import { icmpFlood, synFlood, udpFlood } from './floods.js';
import { HighEntropy } from './high-entropy.js';
import { HttpGuessing } from './http-guessing.js';
import type { KeyedDetector } from './keyed-detector.js';
import { PasswordGuessing } from './password-guessing.js';
import { portScan } from './port-scan.js';

export type { Argument, DetectorCard, HostDetector } from './detector.js';
export type { KeyedDetector } from './keyed-detector.js';

/** Detectors that look at the windows of each host. A new one is a file beside these and a line here. */
export const HOST_DETECTORS: readonly HostDetector[] = [
  portScan,
  addressSweep,
  arpSweep,
  synFlood,
  udpFlood,
  icmpFlood,
];

/** Detectors that look at pairs of hosts, and at clients and domains; one set for each partition. */
export function createKeyedDetectors(config: HostConfig, sets: DistinctSets): KeyedDetector[] {
  return [
    new PasswordGuessing(config, sets),
    new HttpGuessing(config, sets),
    new DnsTunnel(config, sets),
    new HighEntropy(config, sets),
  ];
}
