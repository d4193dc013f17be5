import { type Alert, END_OF_TIME_S } from '@weir/contracts';
import type { AlertBatch, IncidentOutput } from '../runtime/port.js';
import { hasEscalated, joinAlert, markStated, openIncident, severityRank } from './merge.js';
import { type IncidentConfig, type IncidentPartitionState, keepLatest, NEVER_MS, type OpenIncident } from './state.js';

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
  const { maxOpen } = config;
  if (!accept(state, batch, config.maxPending)) return;
  walk({ state, mergeGapMs: config.mergeGapS * 1000, maxOpen, emit }, watermarkMs(state));
}

/** Files the batch's alerts and watermark. False for a batch that is to have no effect. */
function accept(state: IncidentPartitionState, batch: AlertBatch, maxPending: number): boolean {
  const { counters, pending } = state;
  const upstream = state.upstreams.get(batch.upstream);
  if (!upstream) {
    counters.batchesUnknown++;
    return false;
  }
  if (batch.sequence < upstream.nextSequence) {
    counters.batchesRepeated++;
    return false;
  }
  counters.batchesMissing += batch.sequence - upstream.nextSequence;
  upstream.nextSequence = batch.sequence + 1;
  for (const alert of batch.alerts) {
    if (alert.detectedAtMs < upstream.watermarkS * 1000) counters.alertsLate++;
    if (pending.length < maxPending) pending.push(alert);
    else counters.alertsDropped++;
  }
  upstream.watermarkS = Math.max(upstream.watermarkS, batch.watermarkS);
  return true;
}

/** Event time before which all is known. */
function watermarkMs({ upstreams }: IncidentPartitionState): number {
  let lowestS = END_OF_TIME_S;
  for (const { watermarkS } of upstreams.values()) lowestS = Math.min(lowestS, watermarkS);
  return lowestS === END_OF_TIME_S ? NEVER_MS : lowestS * 1000;
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
    compareText(a.id, b.id)
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
  state.open.set(key, opened);
  noteDue(partition, opened);
  partition.emit({ kind: 'incident-opened', incident: { ...opened.incident } });
}

function join(partition: Partition, open: OpenIncident, alert: Alert): void {
  joinAlert(open, alert);
  const isOverdue = open.changed && alert.detectedAtMs >= open.statedAtMs + RESTATE_AFTER_MS;
  if (hasEscalated(open) || isOverdue) restate(partition, open, alert.detectedAtMs);
  noteDue(partition, open);
}

function restate({ emit }: Partition, open: OpenIncident, atMs: number): void {
  open.incident.revision++;
  markStated(open, atMs);
  emit({ kind: 'incident-updated', incident: { ...open.incident } });
}

function close({ state, emit }: Partition, key: string, { incident }: OpenIncident): void {
  state.open.delete(key);
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
