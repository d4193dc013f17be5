import type { Random } from '../random.js';
import type { PacketStream, Scene, Tally } from '../simulation.js';

/** The score program's attack categories that the traffic engine makes. */
export type AttackCategory = 'flood' | 'scan' | 'anomaly' | 'dns_tunnel' | 'bruteforce';

/** What the truth file says of an attack besides its time and size. */
export interface AttackLabel {
  readonly label: string;
  readonly category: AttackCategory;
  readonly attacker: string;
  readonly victim: string;
  readonly note: string;
}

/** Where an attack takes place: its part of the simulation, its own randomness, and its beginning. */
export interface AttackStage {
  readonly scene: Scene;
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

/** Duration of an attack at its pace, unit: seconds. */
export function paceSeconds(pace: AttackPace): number {
  return pace.packets / pace.packetsPerSecond;
}
