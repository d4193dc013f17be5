import type { Alert } from '@weir/contracts';
import type { AlertBatch, IncidentOutput } from '../runtime/port.js';
import { hasEscalated, joinAlert, markStated, openIncident, severityRank } from './merge.js';
import { type IncidentConfig, type IncidentPartitionState, keepLatest, NEVER_MS, type OpenIncident } from './state.js';
import { forgetSuppressions, isSuppressed } from './suppressions.js';
import { acceptBatch, holdBack, nextHeld, reachedTimeMs } from './upstreams.js';

/** A changed incident is stated again after this much event time. */
const RESTATE_AFTER_MS = 60_000;

/** Closed incidents whose ids are remembered. */
const REMEMBERED_INCIDENTS = 1024;

type Emit = (output: IncidentOutput) => void;

/** What a step works on. */
interface Partition {
  state: IncidentPartitionState;
  mergeGapMs: number;
  maxOpen: number;
  emit: Emit;
}

/**
 * Takes one batch of alerts, then walks event time on as far as the slowest upstream allows. Alerts, closings and
 * restatements happen in the order of event time, never in that of arrival, so batching and interleaving do not show.
 */
export function takeAlertBatch(
  config: IncidentConfig,
  state: IncidentPartitionState,
  batch: AlertBatch,
  emit: Emit,
): void {
  if (!holdBack(state, batch)) takeInTurn(config, state, batch, emit);
  for (let next = nextHeld(state); next; next = nextHeld(state)) takeInTurn(config, state, next, emit);
}

function takeInTurn(config: IncidentConfig, state: IncidentPartitionState, batch: AlertBatch, emit: Emit): void {
  const { maxOpen } = config;
  if (!acceptBatch(state, batch, config)) return;
  const reachedMs = reachedTimeMs(state);
  walk({ state, mergeGapMs: config.mergeGapS * 1000, maxOpen, emit }, reachedMs);
  // The end of time is the end of a run, not of what an operator wishes.
  if (reachedMs !== NEVER_MS) forgetSuppressions(state, reachedMs);
}

/** Lets everything happen that is due before `untilMs`. */
function walk(partition: Partition, untilMs: number): void {
  const { state } = partition;
  const ready = state.pending.filter((alert) => alert.detectedAtMs < untilMs).sort(compareAlerts);
  if (ready.length > 0) state.pending = state.pending.filter((alert) => alert.detectedAtMs >= untilMs);
  for (const alert of ready) {
    passTime(partition, alert.detectedAtMs);
    apply(partition, alert);
  }
  passTime(partition, untilMs);
}

function compareAlerts(a: Alert, b: Alert): number {
  return (
    a.detectedAtMs - b.detectedAtMs ||
    compareText(a.kind, b.kind) ||
    compareText(a.entity, b.entity) ||
    compareText(a.id, b.id) ||
    // Two partitions may tell of the same thing: a name that a client and its resolver ask for.
    compareText(a.title, b.title) ||
    compareText(a.summary, b.summary)
  );
}

/** By code units, whatever the locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** What an open incident is due for. */
interface DueStep {
  kind: 'restate' | 'close';
  key: string;
  open: OpenIncident;
  atMs: number;
}

/** Closes and restates what is due before `untilMs`, in order of time, then key. */
function passTime(partition: Partition, untilMs: number): void {
  const { state } = partition;
  if (state.nextDueMs >= untilMs) return;
  const steps = [...state.open]
    .flatMap(([key, open]) => dueSteps(partition, key, open))
    .filter(({ atMs }) => atMs < untilMs)
    .sort((a, b) => a.atMs - b.atMs || compareText(a.key, b.key));
  for (const { kind, key, open, atMs } of steps) {
    if (kind === 'restate') restate(partition, open, atMs);
    else close(partition, key, open);
  }
  state.nextDueMs = NEVER_MS;
  for (const open of state.open.values()) noteDue(partition, open);
}

/** What becomes due without a further alert: its closing, and before that the statement of a change that is untold. */
function dueSteps(partition: Partition, key: string, open: OpenIncident): DueStep[] {
  const closing: DueStep = { kind: 'close', key, open, atMs: closeMs(partition, open) };
  const atMs = dueMs(partition, open);
  return atMs < closing.atMs ? [{ kind: 'restate', key, open, atMs }, closing] : [closing];
}

function closeMs({ mergeGapMs }: Partition, { incident }: OpenIncident): number {
  return incident.endMs + mergeGapMs;
}

/** When the first of them is due. */
function dueMs(partition: Partition, open: OpenIncident): number {
  const closesAtMs = closeMs(partition, open);
  return open.changed ? Math.min(closesAtMs, open.statedAtMs + RESTATE_AFTER_MS) : closesAtMs;
}

function noteDue(partition: Partition, open: OpenIncident): void {
  partition.state.nextDueMs = Math.min(partition.state.nextDueMs, dueMs(partition, open));
}

/** Joins the alert to the open incident of its kind and entity, or opens one. */
function apply(partition: Partition, alert: Alert): void {
  const { state } = partition;
  const key = `${alert.kind}|${alert.entity}`;
  const open = state.open.get(key);
  if (open && alert.startMs <= closeMs(partition, open)) {
    join(partition, open, alert);
    return;
  }
  if (open) close(partition, key, open);
  if (state.open.size >= partition.maxOpen) closeLeast(partition);
  const opened = openIncident(alert, state.recentlyClosed);
  opened.isSuppressed = isSuppressed(state, alert, alert.detectedAtMs);
  state.open.set(key, opened);
  noteDue(partition, opened);
  if (opened.isSuppressed) state.counters.incidentsSuppressed++;
  else partition.emit({ kind: 'incident-opened', incident: { ...opened.incident } });
}

function join(partition: Partition, open: OpenIncident, alert: Alert): void {
  joinAlert(open, alert);
  const isOverdue = open.changed && alert.detectedAtMs >= open.statedAtMs + RESTATE_AFTER_MS;
  if (hasEscalated(open) || isOverdue) restate(partition, open, alert.detectedAtMs);
  noteDue(partition, open);
}

/** States an incident as it is now. One that was suppressed is opened, once nothing suppresses it any more. */
function restate({ state, emit }: Partition, open: OpenIncident, atMs: number): void {
  const wasSuppressed = open.isSuppressed;
  open.isSuppressed = wasSuppressed && isSuppressed(state, open.incident, atMs);
  if (!wasSuppressed) open.incident.revision++;
  markStated(open, atMs);
  if (!open.isSuppressed)
    emit({ kind: wasSuppressed ? 'incident-opened' : 'incident-updated', incident: { ...open.incident } });
}

function close({ state, emit }: Partition, key: string, open: OpenIncident): void {
  const { incident } = open;
  state.open.delete(key);
  if (open.isSuppressed) return;
  keepLatest(state.recentlyClosed, incident.id, REMEMBERED_INCIDENTS);
  emit({ kind: 'incident-closed', incident: { ...incident, state: 'closed', revision: incident.revision + 1 } });
}

/** Makes room: closes the least severe incident; of equals the one whose last evidence is oldest, then by key. */
function closeLeast(partition: Partition): void {
  const { open, counters } = partition.state;
  const [least] = [...open].sort(
    ([keyA, { incident: a }], [keyB, { incident: b }]) =>
      severityRank(a.severity) - severityRank(b.severity) || a.endMs - b.endMs || compareText(keyA, keyB),
  );
  counters.incidentsClosedEarly++;
  close(partition, least![0], least![1]);
}
