/** Which attacks a kind consists of, when they start, and how large they are. */
import { type AttackLabel, type AttackStage, paceSeconds } from './attacks/attack.js';
import { SERVICE_PORTS, startBruteForce } from './attacks/brute-force.js';
import { startDnsTunnel } from './attacks/dns-tunnel.js';
import { startHighEntropy } from './attacks/high-entropy.js';
import { startPortScan } from './attacks/port-scan.js';
import { startSynFlood } from './attacks/syn-flood.js';
import type { TrafficKind, TrafficOptions } from './options.js';

/** One attack of a capture, ready to start. */
export interface PlannedAttack {
  /** Names its randomness. */
  readonly name: string;
  /** After the capture's beginning, unit: seconds. */
  readonly startS: number;
  /** At the planned pace, unit: seconds. */
  readonly seconds: number;
  start(stage: AttackStage): AttackLabel;
}

type AttackKind = Exclude<TrafficKind, 'benign' | 'day' | 'demo'>;

/** Seconds of quiet before an attack, so that a detector can learn what is normal. */
const LEAD_S = 20;

function paceOf(options: TrafficOptions, byDefault: { packets: number; packetsPerSecond: number }) {
  return {
    packets: options.packets ?? byDefault.packets,
    packetsPerSecond: options.packetsPerSecond ?? byDefault.packetsPerSecond,
  };
}

function planSynFlood(options: TrafficOptions) {
  const sources = options.sources ?? 2800;
  const packets = options.packets ?? Math.max(sources, 2800);
  const packetsPerSecond = options.packetsPerSecond ?? Math.min(100_000, Math.round(packets / 14));
  const flood = { sources, packets, packetsPerSecond, targetPort: options.targetPort ?? 443 };
  return { seconds: paceSeconds(flood), start: (stage: AttackStage) => startSynFlood(stage, flood) };
}

function planPortScan(options: TrafficOptions) {
  const technique = options.technique ?? 'syn';
  const isHorizontal = technique === 'horizontal';
  const byDefault = isHorizontal ? { packets: 250, packetsPerSecond: 12 } : { packets: 1000, packetsPerSecond: 50 };
  const scan = { ...paceOf(options, byDefault), technique, targetPort: options.targetPort ?? (isHorizontal ? 23 : 1) };
  return { seconds: paceSeconds(scan), start: (stage: AttackStage) => startPortScan(stage, scan) };
}

function planHighEntropy(options: TrafficOptions) {
  const pace = paceOf(options, { packets: 240, packetsPerSecond: 12 });
  const channel = { ...pace, targetPort: options.targetPort ?? 80 };
  return { seconds: paceSeconds(pace), start: (stage: AttackStage) => startHighEntropy(stage, channel) };
}

function planDnsTunnel(options: TrafficOptions) {
  const pace = paceOf(options, { packets: 250, packetsPerSecond: 10 });
  return { seconds: paceSeconds(pace), start: (stage: AttackStage) => startDnsTunnel(stage, pace) };
}

function planBruteForce(options: TrafficOptions) {
  const service = options.service ?? 'ssh';
  const pace = paceOf(options, { packets: 60, packetsPerSecond: 2 });
  const guesses = { ...pace, service, targetPort: options.targetPort ?? SERVICE_PORTS[service] };
  return { seconds: paceSeconds(pace), start: (stage: AttackStage) => startBruteForce(stage, guesses) };
}

const PLANNERS = {
  'syn-flood': planSynFlood,
  'port-scan': planPortScan,
  'high-entropy': planHighEntropy,
  'dns-tunnel': planDnsTunnel,
  'brute-force': planBruteForce,
} as const satisfies Record<AttackKind, unknown>;

/** The attacks of the bundled capture, in order; each alone in its part of the eight minutes. */
const DAY: readonly (TrafficOptions & { kind: AttackKind; startS: number })[] = [
  { kind: 'port-scan', startS: 80 },
  { kind: 'brute-force', startS: 140 },
  { kind: 'syn-flood', startS: 220, sources: 4000, packetsPerSecond: 250 },
  { kind: 'dns-tunnel', startS: 290, packets: 320, packetsPerSecond: 8 },
  { kind: 'high-entropy', startS: 400 },
];

function planned(kind: AttackKind, options: TrafficOptions, startS: number): PlannedAttack {
  return { name: kind, startS, ...PLANNERS[kind](options) };
}

/** What to stage for the options: nothing for `benign`, one attack, or a day's. */
export function planAttacks(options: TrafficOptions): PlannedAttack[] {
  switch (options.kind) {
    case 'benign':
      return [];
    case 'day':
    case 'demo':
      return DAY.map((attack) => planned(attack.kind, attack, attack.startS));
    default: {
      const startS = options.durationS === undefined ? LEAD_S : Math.min(LEAD_S, options.durationS / 4);
      return [planned(options.kind, options, startS)];
    }
  }
}
