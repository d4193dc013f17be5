import { END_OF_TIME_S } from '@weir/contracts';
import type { AlertBatch } from '../runtime/port.js';
import { type IncidentPartitionState, NEVER_MS, type Upstream } from './state.js';

/** Files the batch's alerts and watermark. False for a batch that is to have no effect. */
export function acceptBatch(state: IncidentPartitionState, batch: AlertBatch, maxPending: number): boolean {
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
  for (const alert of batch.alerts) {
    if (alert.detectedAtMs < upstream.watermarkS * 1000) counters.alertsLate++;
    if (pending.length < maxPending) pending.push(alert);
    else counters.alertsDropped++;
  }
  upstream.watermarkS = Math.max(upstream.watermarkS, batch.watermarkS);
  return true;
}

/**
 * A host partition begins anew when all before it has ended. The first to do so finds all ended here too: time begins
 * anew for all, and the closed incidents of the run before are no longer known, so that the same capture gives the same ids.
 */
function beginRun(state: IncidentPartitionState, upstream: Upstream, run: number): void {
  if (reachedTimeMs(state) === NEVER_MS) {
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
