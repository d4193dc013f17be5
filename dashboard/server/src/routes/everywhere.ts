import type { HiddenRule, SuppressionRule } from '@weir/contracts/dashboard-api';
import type { Parts } from '../parts.js';
import { RequestError } from '../ports.js';
import { hiddenRules } from '../queries/suppressions.js';
import { missing } from './capabilities.js';

type Told = Pick<Parts, 'ports' | 'history' | 'nowMs'>;

/**
 * Tells the incident function not to tell what fits. It knows kinds and entities only, and ends a suppression by capture
 * time: as much of it from here on as is left by the clock. Throws a RequestError for a rule that it cannot know.
 */
export async function suppressEverywhere(
  { ports, history, nowMs }: Told,
  { id, rule, reason, expiresAtMs }: Pick<HiddenRule, 'id' | 'rule' | 'reason' | 'expiresAtMs'>,
): Promise<void> {
  checkKnown(rule);
  const { incidentKind, entity } = rule;
  const untilMs = history.newestMs === 0 ? expiresAtMs : history.newestMs + expiresAtMs - nowMs();
  await ports.controls.apply({
    kind: 'suppress',
    id,
    ...(incidentKind === undefined ? {} : { incidentKind }),
    ...(entity === undefined ? {} : { entity }),
    reason,
    untilMs,
  });
}

/** Takes a suppression back where there is still somebody to hear it: a run that has ended tells nothing any more. */
export async function unsuppressEverywhere(parts: Parts, id: string): Promise<void> {
  if (missing(parts, 'suppressions-everywhere') !== undefined) return;
  await parts.ports.controls.apply({ kind: 'unsuppress', id });
}

/** Tells of all suppressions that still hold, as functions that began anew know none. */
export async function repeatSuppressions(parts: Parts): Promise<void> {
  for (const rule of await hiddenRules(parts.history.database, parts.nowMs())) {
    if (rule.everywhere && rule.isActive) await suppressEverywhere(parts, rule);
  }
}

function checkKnown({ address, domain }: SuppressionRule): void {
  if (address === undefined && domain === undefined) return;
  throw new RequestError(
    422,
    'Only a kind, an entity or both can be hidden everywhere. Leave out the address and the domain, or hide in the dashboard only.',
  );
}
