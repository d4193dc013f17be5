import { END_OF_TIME_S } from '@weir/contracts';
import { exceptionsOf } from '../rules/exceptions.js';
import type { AlertBatch } from '../runtime/port.js';
import { type IncidentConfig, type IncidentPartitionState, NEVER_MS, type Upstream } from './state.js';

/** Batches of a later run that may wait for the end of the one under way; beyond, that one is taken to be over. */
const MOST_HELD = 1024;

/** Lets a batch of a later run wait until all upstreams have ended the one under way. False for any other. */
export function holdBack(state: IncidentPartitionState, batch: AlertBatch): boolean {
  if (batch.run <= state.run || !state.upstreams.has(batch.upstream)) return false;
  state.held.push(batch);
  return true;
}

/** Files the batch's alerts and watermark. False for a batch that is to have no effect. */
export function acceptBatch(
  state: IncidentPartitionState,
  batch: AlertBatch,
  { maxPending, exceptions }: Pick<IncidentConfig, 'maxPending' | 'exceptions'>,
): boolean {
  const { counters, pending } = state;
  const upstream = state.upstreams.get(batch.upstream);
  if (!upstream) {
    counters.batchesUnknown++;
    return false;
  }
  if (batch.run > upstream.run) beginRun(state, upstream, batch.run);
  if (batch.run < upstream.run || batch.sequence < upstream.nextSequence) {
    counters.batchesRepeated++;
    return false;
  }
  counters.batchesMissing += batch.sequence - upstream.nextSequence;
  upstream.nextSequence = batch.sequence + 1;
  const excepted = exceptionsOf(exceptions);
  for (const alert of batch.alerts) {
    if (excepted.cover(alert)) {
      counters.alertsExcepted++;
      continue;
    }
    if (alert.detectedAtMs < upstream.watermarkS * 1000) counters.alertsLate++;
    if (pending.length < maxPending) pending.push(alert);
    else counters.alertsDropped++;
  }
  upstream.watermarkS = Math.max(upstream.watermarkS, batch.watermarkS);
  return true;
}

/** Takes out the next batch that waited and need not any longer. */
export function nextHeld(state: IncidentPartitionState): AlertBatch | undefined {
  const { held, run } = state;
  if (held.length === 0) return undefined;
  const at = isOver(state) ? 0 : held.findIndex((batch) => batch.run <= run);
  return at < 0 ? undefined : held.splice(at, 1)[0];
}

/** Whether the run under way has ended for all: each said so, speaks of a later one already, or has never said anything. */
function isOver({ upstreams, held, run }: IncidentPartitionState): boolean {
  if (held.length > MOST_HELD) return true;
  const isAhead = (address: string) => held.some((batch) => batch.upstream === address && batch.run > run);
  return [...upstreams].every(
    ([address, { nextSequence, watermarkS }]) =>
      watermarkS === END_OF_TIME_S || (run === 0 && nextSequence === 0) || isAhead(address),
  );
}

/** Time begins anew for all, and the closed incidents of the run before are no longer known: the same capture gives the same ids. */
function beginRun(state: IncidentPartitionState, upstream: Upstream, run: number): void {
  if (run > state.run) {
    state.run = run;
    for (const other of state.upstreams.values()) other.watermarkS = 0;
    state.recentlyClosed.clear();
  }
  Object.assign(upstream, { run, nextSequence: 0, watermarkS: 0 });
}

/** Event time before which all is known. */
export function reachedTimeMs({ upstreams }: IncidentPartitionState): number {
  let lowestS = END_OF_TIME_S;
  for (const { watermarkS } of upstreams.values()) lowestS = Math.min(lowestS, watermarkS);
  return lowestS === END_OF_TIME_S ? NEVER_MS : lowestS * 1000;
}
