import { type Incident, SEVERITIES } from '@weir/contracts';
import { AddressSet } from './address-set.js';
import { rightKinds } from './categories.js';
import type { Attack } from './truth.js';

/** An incident this long before or after an attack may still be about it. */
const SLOP_MS = 120_000;
/** False incidents of one kind and source within this time are one. */
const COOLDOWN_MS = 600_000;

/** How one attack was told. */
export interface AttackScore {
  readonly attack: Attack;
  /** Incidents that name one of its addresses and overlap it in time. */
  readonly incidents: readonly Incident[];
  /** Of a right kind, one at least. */
  readonly isTyped: boolean;
  /** From its first packet to when an operator could know, ms; undefined when nobody could. */
  readonly delayMs: number | undefined;
}

/** How a scenario was told. */
export interface ScenarioScore {
  readonly attacks: readonly AttackScore[];
  readonly detected: number;
  readonly typed: number;
  /** Incidents that match no attack, those of one kind and source within ten minutes taken as one. */
  readonly falseIncidents: readonly Incident[];
  /** Median time to detect, ms; undefined when nothing was detected. */
  readonly medianDelayMs: number | undefined;
}

/** What is about the sensor, not about traffic, is not scored. */
const NOT_ABOUT_TRAFFIC: ReadonlySet<string> = new Set([
  'sensor-silent',
  'sensor-loss',
  'sensor-lag',
  'sensor-clock',
  'one-sided-traffic',
  'degraded',
]);

interface Told {
  readonly incident: Incident;
  readonly addresses: AddressSet;
}

/** Scores incidents, in their final state, against what was done. */
export function scoreScenario(attacks: readonly Attack[], incidents: readonly Incident[]): ScenarioScore {
  const told = incidents.filter(isScored).map((incident) => ({ incident, addresses: addressesOf(incident) }));
  const hits = new Map<Attack, Incident[]>(attacks.map((attack) => [attack, []]));
  const stray: Incident[] = [];
  for (const one of told) {
    const candidates = attacks.filter((attack) => matches(one, attack));
    for (const attack of closest(one.incident, candidates)) hits.get(attack)!.push(one.incident);
    if (candidates.length === 0) stray.push(one.incident);
  }
  const scores = attacks.map((attack) => scoreOf(attack, hits.get(attack)!));
  return {
    attacks: scores,
    detected: scores.filter(({ incidents }) => incidents.length > 0).length,
    typed: scores.filter(({ isTyped }) => isTyped).length,
    falseIncidents: mergeAlike(stray),
    medianDelayMs: median(scores.flatMap(({ delayMs }) => (delayMs === undefined ? [] : [delayMs]))),
  };
}

function isScored({ kind, severity }: Incident): boolean {
  return !NOT_ABOUT_TRAFFIC.has(kind) && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf('low');
}

function addressesOf({ sources, targets }: Incident): AddressSet {
  return AddressSet.of([...sources, ...targets]);
}

function matches({ incident, addresses }: Told, attack: Attack): boolean {
  if (incident.endMs < attack.startMs - SLOP_MS || incident.startMs > attack.endMs + SLOP_MS) return false;
  if (addresses.isEmpty || !addresses.meets(attack.addresses)) return false;
  const domain = incident.domain?.toLowerCase().replace(/\.+$/, '');
  if (!domain || attack.domains.length === 0) return true;
  return attack.domains.some((known) => domain === known || domain.endsWith(`.${known}`));
}

/** The attacks that an incident overlaps; else, of those within the slop, the last that was over, or the first to come. */
function closest(incident: Incident, candidates: readonly Attack[]): readonly Attack[] {
  const overlapping = candidates.filter(({ startMs, endMs }) => incident.endMs >= startMs && incident.startMs <= endMs);
  if (overlapping.length > 0) return overlapping;
  const over = candidates.filter(({ endMs }) => endMs < incident.startMs);
  const byEnd = [...over].sort((a, b) => b.endMs - a.endMs);
  const byStart = [...candidates].sort((a, b) => a.startMs - b.startMs);
  return (byEnd.length > 0 ? byEnd : byStart).slice(0, 1);
}

function scoreOf(attack: Attack, incidents: readonly Incident[]): AttackScore {
  const right = rightKinds(attack.category);
  const delays = incidents.map(({ detectedAtMs }) => Math.max(0, detectedAtMs - attack.startMs));
  return {
    attack,
    incidents,
    isTyped: incidents.some(({ kind }) => right.includes(kind)),
    delayMs: delays.length === 0 ? undefined : Math.min(...delays),
  };
}

function mergeAlike(incidents: readonly Incident[]): Incident[] {
  const lastEndMs = new Map<string, number>();
  return [...incidents]
    .sort((a, b) => a.startMs - b.startMs)
    .filter(({ kind, sources, startMs, endMs }) => {
      const about = `${kind}|${[...sources].sort().join()}`;
      const before = lastEndMs.get(about);
      const isAnew = before === undefined || startMs - before > COOLDOWN_MS;
      lastEndMs.set(about, isAnew ? endMs : Math.max(before, endMs));
      return isAnew;
    });
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
