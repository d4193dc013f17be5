import type { Alert, Control } from '@weir/contracts';
import type { IncidentPartitionState } from './state.js';

/** Suppressions held at one time. */
const MAX_SUPPRESSIONS = 1024;

/** Takes note of what an operator does not want to be told, or wants to be told again. Other controls pass by. */
export function takeControl({ suppressions, counters }: IncidentPartitionState, control: Control): void {
  if (control.kind === 'unsuppress') suppressions.delete(control.id);
  if (control.kind !== 'suppress') return;
  const { kind: _, ...suppression } = control;
  if (suppressions.size < MAX_SUPPRESSIONS || suppressions.has(control.id)) suppressions.set(control.id, suppression);
  else counters.suppressionsRefused++;
}

/** Whether findings of this kind about this entity are not to be told at this event time. */
export function isSuppressed(
  { suppressions }: IncidentPartitionState,
  { kind, entity }: Pick<Alert, 'kind' | 'entity'>,
  atMs: number,
): boolean {
  for (const { incidentKind, entity: about, untilMs } of suppressions.values()) {
    if (atMs >= untilMs) continue;
    if ((incidentKind ?? kind) === kind && (about ?? entity) === entity) return true;
  }
  return false;
}

/** Drops suppressions that are over. */
export function forgetSuppressions({ suppressions }: IncidentPartitionState, nowMs: number): void {
  for (const [id, { untilMs }] of suppressions) if (untilMs <= nowMs) suppressions.delete(id);
}
