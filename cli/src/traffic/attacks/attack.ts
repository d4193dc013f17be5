import type { Random } from '../random.js';
import type { PacketStream, Scene, Tally } from '../simulation.js';

/** Attack categories of the truth file. */
export type AttackCategory =
  | 'flood'
  | 'amplification'
  | 'slow_dos'
  | 'scan'
  | 'anomaly'
  | 'dns_tunnel'
  | 'icmp_tunnel'
  | 'bruteforce'
  | 'c2'
  | 'exfil'
  | 'arp'
  | 'lateral'
  | 'policy';

/** What the truth file says of an attack besides its time and size. */
export interface AttackLabel {
  /** Begins with the kind of incident that the attack should become, with `_` for `-`. */
  readonly label: string;
  readonly category: AttackCategory;
  readonly attacker: string;
  readonly victim: string;
  readonly note: string;
}

/** Where an attack takes place: its part of the simulation, its own randomness, and its beginning. */
export interface AttackStage {
  readonly scene: Scene;
  /** For what surrounds the attack and is none: its packets are not counted as the attack's. */
  readonly aside: Scene;
  readonly random: Random;
  readonly seed: number;
  readonly startUs: number;
  readonly tally: Tally;
  /** Adds a stream that writes packets without a play, for attacks of millions of packets. */
  addStream(stream: PacketStream): void;
}

/** How large and how fast an attack is. Units depend on the kind; see `TRAFFIC_KINDS`. */
export interface AttackPace {
  readonly packets: number;
  readonly packetsPerSecond: number;
}

/** How an attack is carried out. What a kind has no default for, it does not use. */
export interface AttackSettings extends AttackPace {
  /** One of the kind's techniques. */
  readonly technique: string;
  /** Addresses that it comes from. */
  readonly sources: number;
  readonly targetPort: number;
  /** Share of the gap between two packets by which each differs, more or less; 0 is a clock. */
  readonly jitter: number;
  /** Payload, its unit follows from the kind. */
  readonly bytes: number;
}

/** Names of the settings that a kind has a default for. */
export type SettingName = keyof AttackSettings;

/** One kind of attack. */
export interface AttackKind {
  /** What `weir traffic` takes, and what its randomness is named after. */
  readonly name: string;
  readonly summary: string;
  /** What `packets` counts. */
  readonly unit: string;
  /** Ways to carry it out, the usual one first. */
  readonly techniques?: readonly string[];
  /** Settings that the kind has, with their usual values. */
  readonly defaults: AttackPace & Partial<AttackSettings>;
  /** Where a technique differs from these. */
  readonly byTechnique?: Readonly<Record<string, Partial<AttackSettings>>>;
  /** What a detector must have seen before the attack begins. Unit: s. */
  readonly leadS?: number;
  /** How long what was begun goes on after the last beginning. Unit: s. */
  readonly tailS?: number;
  /** How calm the office around it is, for attacks that take hours. */
  readonly calm?: number;
  /** Desks of the office around it. */
  readonly hosts?: number;
  /** Bytes that must be kept of each packet. */
  readonly snapLengthBytes?: number;
  start(stage: AttackStage, settings: AttackSettings): AttackLabel;
}

/** Duration of an attack at its pace, unit: seconds. */
export function paceSeconds(pace: AttackPace): number {
  return pace.packets / pace.packetsPerSecond;
}

/** How long an attack may take: gaps that differ add up to more or less than their number (2.6 standard deviations). */
export function longestSeconds({ packets, packetsPerSecond, jitter }: AttackSettings): number {
  return (packets + 1.5 * jitter * Math.sqrt(packets)) / packetsPerSecond;
}

/** Times of an attack's packets: at its pace, each off by its jitter. Unit: µs. */
export function* paced(stage: AttackStage, settings: AttackPace & { readonly jitter?: number }): Generator<number> {
  const { jitter = 0.3 } = settings;
  const gapUs = 1_000_000 / settings.packetsPerSecond;
  let timeUs = stage.startUs;
  for (let left = settings.packets; left > 0; left -= 1) {
    yield Math.floor(timeUs);
    timeUs += Math.max(1, gapUs * (1 + jitter * (2 * stage.random.unit() - 1)));
  }
}
