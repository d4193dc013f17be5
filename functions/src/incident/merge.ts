import { createHash } from 'node:crypto';
import { type Alert, type Incident, SEVERITIES, type Severity, type Technique } from '@weir/contracts';
import { nextRestatement } from '../features/log-scale.js';
import { keepLatest, type OpenIncident } from './state.js';

/** Addresses an incident names on each side, and sensors. */
export const NAMED_ADDRESSES = 32;

/** Alerts an incident remembers by id. */
const REMEMBERED_ALERTS = 1024;

/** Rank of a severity, 0 for the least. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/**
 * Id of the incident that this alert opens: the first 16 hex digits of SHA-256 over `kind|entity|startMs`. Where a
 * closed incident has it, `|2`, `|3` and so on are appended: a slow detector may come back to the same first evidence.
 */
export function incidentId({ kind, entity, startMs }: Alert, taken: ReadonlySet<string>): string {
  for (let nth = 1; ; nth++) {
    const about = nth === 1 ? `${kind}|${entity}|${startMs}` : `${kind}|${entity}|${startMs}|${nth}`;
    const id = createHash('sha256').update(about).digest('hex').slice(0, 16);
    if (!taken.has(id)) return id;
  }
}

/** The incident that begins with this alert, stated now. `taken` are the ids it may not have. */
export function openIncident(alert: Alert, taken: ReadonlySet<string>): OpenIncident {
  const { id, magnitude, detectedAtMs, detector: _, sensors, sources, targets, techniques, ...argument } = alert;
  return {
    incident: {
      ...argument,
      id: incidentId(alert, taken),
      state: 'open',
      revision: 0,
      alerts: 1,
      sensors: union([], sensors),
      magnitude,
      detectedAtMs,
      sources: union([], sources),
      targets: union([], targets),
      techniques: techniqueUnion([], techniques),
    },
    strongest: { id, magnitude, detectedAtMs },
    recentAlertIds: new Set([id]),
    statedAtMs: detectedAtMs,
    statedSeverity: alert.severity,
    restateAtMagnitude: nextRestatement(magnitude),
    changed: false,
    isSuppressed: false,
  };
}

/**
 * Adds an alert to an open incident: what can be joined is joined, and the words are those of the strongest alert. An
 * alert that comes again is not counted again.
 */
export function joinAlert(open: OpenIncident, alert: Alert): void {
  const { incident } = open;
  const isNew = remember(open, alert.id);
  if (isNew) incident.alerts++;
  open.changed ||= isNew || tellsMore(incident, alert);
  incident.startMs = Math.min(incident.startMs, alert.startMs);
  incident.endMs = Math.max(incident.endMs, alert.endMs);
  incident.detectedAtMs = Math.min(incident.detectedAtMs, alert.detectedAtMs);
  if (severityRank(alert.severity) > severityRank(incident.severity)) incident.severity = alert.severity;
  incident.sensors = union(incident.sensors, alert.sensors);
  incident.sources = union(incident.sources, alert.sources);
  incident.targets = union(incident.targets, alert.targets);
  incident.techniques = techniqueUnion(incident.techniques, alert.techniques);
  if (isStronger(alert, open.strongest)) takeWords(open, alert);
}

/** Whether the incident is to be stated again at once: it is more severe, or its magnitude has passed a power of two. */
export function hasEscalated({ incident, statedSeverity, restateAtMagnitude }: OpenIncident): boolean {
  return severityRank(incident.severity) > severityRank(statedSeverity) || incident.magnitude >= restateAtMagnitude;
}

/** Notes that the incident was stated as it is, at this event time. */
export function markStated(open: OpenIncident, atMs: number): void {
  open.statedAtMs = atMs;
  open.statedSeverity = open.incident.severity;
  open.restateAtMagnitude = nextRestatement(open.incident.magnitude);
  open.changed = false;
}

/** Of repeated alerts: whether this statement of it goes beyond what the incident has. */
function tellsMore(incident: Incident, alert: Alert): boolean {
  return alert.startMs < incident.startMs || alert.endMs > incident.endMs || alert.magnitude > incident.magnitude;
}

/** Whether the id is new. The oldest is forgotten beyond the bound: what comes again comes soon. */
function remember({ recentAlertIds }: OpenIncident, id: string): boolean {
  if (recentAlertIds.has(id)) return false;
  keepLatest(recentAlertIds, id, REMEMBERED_ALERTS);
  return true;
}

function isStronger(alert: Alert, strongest: OpenIncident['strongest']): boolean {
  if (alert.magnitude !== strongest.magnitude) return alert.magnitude > strongest.magnitude;
  if (alert.detectedAtMs !== strongest.detectedAtMs) return alert.detectedAtMs < strongest.detectedAtMs;
  return alert.id < strongest.id;
}

/** Everything that is not joined comes from one alert, so that words and numbers fit each other. */
function takeWords(open: OpenIncident, alert: Alert): void {
  const { id, magnitude, detectedAtMs } = alert;
  const { confidence, score, title, summary, evidence, counterfactual, advice, flows, blindness } = alert;
  open.strongest = { id, magnitude, detectedAtMs };
  Object.assign(open.incident, { magnitude, confidence, score, title, summary });
  Object.assign(open.incident, { evidence, counterfactual, advice, flows, blindness });
  if (alert.domain !== undefined) open.incident.domain = alert.domain;
}

/** Both lists without repeats, in the order of their text; of many, the first 32. */
function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort().slice(0, NAMED_ADDRESSES);
}

function techniqueUnion(a: readonly Technique[], b: readonly Technique[]): Technique[] {
  const byId = new Map([...b, ...a].map((technique) => [technique.id, technique]));
  return [...byId.values()].sort((x, y) => (x.id < y.id ? -1 : 1));
}
