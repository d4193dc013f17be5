import { addressOf, MACHINES } from '../network.js';
import type { Stage } from '../stage.js';

/** One attack that the laboratory can carry out. */
export interface Attack {
  /** What `--only` takes. */
  readonly name: string;
  /** The kind of incident it should become, with `_` for `-`, and what did it: `port_scan_nmap_syn`. */
  readonly label: string;
  /** Category of the truth file. */
  readonly category:
    | 'scan'
    | 'flood'
    | 'amplification'
    | 'slow_dos'
    | 'bruteforce'
    | 'dns_tunnel'
    | 'icmp_tunnel'
    | 'exfil'
    | 'c2'
    | 'arp'
    | 'lateral'
    | 'policy';
  readonly attacker: string;
  readonly victim: string;
  /** Its packets, as a filter of tcpdump. */
  readonly filter: string;
  /** Ended after so many seconds of event time. */
  readonly limitS: number;
  /** Goes on beside the other attacks, for as long as the run lasts. */
  readonly isAlongside?: boolean;
  readonly tools: readonly string[];
  readonly note: string;
  run(stage: Stage): Promise<unknown>;
}

const attackerAddresses = MACHINES.find(({ name }) => name === 'attacker')!.links[0]!.addresses;
let attackersGiven = 0;

/** An address of the attacker outside that no other attack has. Throws when all are given. */
export function ownAttacker(): string {
  const address = attackerAddresses[attackersGiven++];
  if (!address) throw new Error('every address of the attacker is given: raise ATTACKER_COUNT');
  return address;
}

/** True for an address of the attacker outside. */
export function isOutsideAttacker(address: string): boolean {
  return attackerAddresses.includes(address);
}

export const INSIDER = addressOf('insider');
export const WEB = addressOf('web');
export const CONTROL = addressOf('control');
