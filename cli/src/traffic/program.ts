/** Which attacks a kind consists of, when they start, and how large they are. */
import {
  type AttackKind,
  type AttackLabel,
  type AttackSettings,
  type AttackStage,
  longestSeconds,
  paceSeconds,
} from './attacks/attack.js';
import { SERVICE_PORTS, startBruteForce } from './attacks/brute-force.js';
import { startDnsTunnel } from './attacks/dns-tunnel.js';
import { startHighEntropy } from './attacks/high-entropy.js';
import { ATTACK_KINDS } from './attacks/index.js';
import { startPortScan } from './attacks/port-scan.js';
import { startSynFlood } from './attacks/syn-flood.js';
import type {
  CompositeKind,
  ScanTechnique,
  Surroundings,
  TrafficKind,
  TrafficOptions,
  TunnelTechnique,
} from './options.js';

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

type SingleKind = Exclude<TrafficKind, 'benign' | CompositeKind>;

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
  const technique = (options.technique ?? 'syn') as ScanTechnique;
  const isHorizontal = technique === 'horizontal';
  const byDefault = isHorizontal ? { packets: 250, packetsPerSecond: 12 } : { packets: 1000, packetsPerSecond: 50 };
  const targetPort = options.targetPort ?? (isHorizontal ? 23 : 1);
  const scan = { ...paceOf(options, byDefault), technique, targetPort, sources: options.sources ?? 1 };
  return { seconds: paceSeconds(scan), start: (stage: AttackStage) => startPortScan(stage, scan) };
}

function planHighEntropy(options: TrafficOptions) {
  const pace = paceOf(options, { packets: 240, packetsPerSecond: 12 });
  const channel = { ...pace, targetPort: options.targetPort ?? 80 };
  return { seconds: paceSeconds(pace), start: (stage: AttackStage) => startHighEntropy(stage, channel) };
}

function planDnsTunnel(options: TrafficOptions) {
  const technique = (options.technique ?? 'mixed') as TunnelTechnique;
  const pace = { ...paceOf(options, { packets: 250, packetsPerSecond: 10 }), technique };
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
} as const;

type Appointment = TrafficOptions & { readonly kind: SingleKind; readonly startS: number };

/** The attacks of the bundled capture, in order; each alone in its part of the eight minutes. */
const DAY: readonly Appointment[] = [
  { kind: 'port-scan', startS: 80 },
  { kind: 'brute-force', startS: 140 },
  { kind: 'syn-flood', startS: 220, sources: 4000, packetsPerSecond: 250 },
  { kind: 'dns-tunnel', startS: 290, packets: 320, packetsPerSecond: 8 },
  { kind: 'high-entropy', startS: 400 },
];

/** What is new on the day after the network came to be known; its surroundings are those of the first. */
const NEXT_DAY: readonly Appointment[] = [
  { kind: 'new-device', startS: 90_000 },
  { kind: 'rogue-server', startS: 90_120 },
  { kind: 'rogue-server', technique: 'router', startS: 90_240 },
  { kind: 'rare-destination', startS: 90_360 },
  { kind: 'rare-tls-client', startS: 90_480 },
  { kind: 'doh', startS: 90_600 },
];

/** When all of it is over. Unit: s. */
const NEXT_DAY_S = 90_660;

function planned(kind: SingleKind, options: TrafficOptions, startS: number): PlannedAttack {
  if (kind in PLANNERS) return { name: kind, startS, ...PLANNERS[kind as keyof typeof PLANNERS](options) };
  const attack = kindNamed(kind)!;
  const settings = settingsOf(attack, options);
  const seconds = longestSeconds(settings) + (attack.tailS ?? 0);
  return { name: kind, startS, seconds, start: (stage) => attack.start(stage, settings) };
}

function kindNamed(name: TrafficKind): AttackKind | undefined {
  return ATTACK_KINDS.find((attack) => attack.name === name);
}

/** The settings asked for; what was not asked for as the technique, and then the kind, has it. */
function settingsOf({ techniques, defaults, byTechnique }: AttackKind, options: TrafficOptions): AttackSettings {
  const technique = options.technique ?? techniques?.[0] ?? '';
  const { packets, packetsPerSecond, sources, targetPort, jitter, bytes } = options;
  const asked = { packets, packetsPerSecond, sources, targetPort, jitter, bytes };
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const unused = { sources: 1, targetPort: 0, jitter: 0, bytes: 0 };
  return { ...unused, ...defaults, ...byTechnique?.[technique], ...given, technique };
}

/** What the office around the attacks of a kind is like. */
export function surroundingsOf(kind: TrafficKind): Surroundings {
  return kindNamed(kind === 'next-day' ? 'rogue-server' : kind) ?? {};
}

/** What to stage for the options: nothing for `benign`, one attack, or a day's. */
export function planAttacks(options: TrafficOptions): PlannedAttack[] {
  switch (options.kind) {
    case 'benign':
      return [];
    case 'day':
    case 'demo':
      return DAY.map((attack) => planned(attack.kind, attack, attack.startS));
    case 'next-day': {
      // A shorter capture has all of them too, but nothing that would make them new.
      const share = Math.min(1, (options.durationS ?? NEXT_DAY_S) / NEXT_DAY_S);
      return NEXT_DAY.map((attack) => planned(attack.kind, attack, share * attack.startS));
    }
    default: {
      const leadS = kindNamed(options.kind)?.leadS ?? LEAD_S;
      const startS = options.durationS === undefined ? leadS : Math.min(leadS, options.durationS / 4);
      return [planned(options.kind, options, startS)];
    }
  }
}
