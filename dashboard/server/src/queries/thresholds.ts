import type { IncidentItem, ThresholdPreview, ThresholdPreviewBody } from '@weir/contracts/dashboard-api';
import { Conditions } from '../store/conditions.js';
import type { Queries } from '../store/database.js';
import { itemsById } from './incidents.js';

const HOUR_MS = 3_600_000;
const MOST_SHOWN = 20;

/**
 * Which incidents would be left under higher thresholds. The magnitude of an incident is what was measured over its
 * threshold, so it stays exactly when its magnitude is at least the factor.
 */
export async function previewThresholds(
  queries: Queries,
  question: ThresholdPreviewBody,
  newestMs: number,
): Promise<ThresholdPreview> {
  const range = { fromMs: Math.max(0, newestMs - question.hours * HOUR_MS), toMs: newestMs };
  const fits = new Conditions();
  fits.and(`i.detected_ms >= ${fits.bind(range.fromMs)} AND i.detected_ms <= ${fits.bind(range.toMs)}`);
  if (question.kind === 'factor') fits.when(question.incidentKind, (kind) => `i.kind = ${kind}`);
  const rows = await queries.rows<{ id: string; magnitude: number }>(
    `SELECT i.id, i.magnitude FROM incidents i ${fits.where} ORDER BY i.severity_rank DESC, i.magnitude DESC, i.id`,
    fits.values,
  );
  const factor = question.kind === 'factor' ? question.factor : factorForBudget(rows, question);
  const lost = rows.filter(({ magnitude }) => magnitude < factor);
  return { before: rows.length, after: rows.length - lost.length, factor, ...range, lost: await shown(queries, lost) };
}

/** The least factor that leaves no more than the budget; 1 when there are no more. */
function factorForBudget(rows: readonly { magnitude: number }[], { perDay, hours }: { perDay: number; hours: number }) {
  const accepted = Math.floor((perDay * hours) / 24);
  if (rows.length <= accepted) return 1;
  const magnitudes = rows.map(({ magnitude }) => magnitude).sort((a, b) => b - a);
  const firstTooMany = magnitudes[accepted]!;
  return Math.max(1, firstTooMany * (1 + 1e-9));
}

async function shown(queries: Queries, lost: readonly { id: string }[]): Promise<IncidentItem[]> {
  const ids = lost.slice(0, MOST_SHOWN).map(({ id }) => id);
  const items = await itemsById(queries, ids);
  return items.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}
