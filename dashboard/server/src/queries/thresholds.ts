import type { IncidentItem, Setting, ThresholdPreview, ThresholdPreviewBody } from '@weir/contracts/dashboard-api';
import { Conditions } from '../store/conditions.js';
import type { Queries } from '../store/database.js';
import { itemsById } from './incidents.js';
import { lostBySettings } from './threshold-settings.js';

const HOUR_MS = 3_600_000;
const MOST_SHOWN = 20;

/** What a preview needs to know besides history. */
export interface ThresholdFacts {
  readonly newestMs: number;
  /** Settings in force. */
  readonly settings: () => readonly Pick<Setting, 'path' | 'value'>[];
}

interface Found {
  readonly id: string;
  readonly kind: string;
  readonly magnitude: number;
  readonly json: string;
}

/** Which incidents of the last hours would be left under other thresholds. */
export async function previewThresholds(
  queries: Queries,
  question: ThresholdPreviewBody,
  { newestMs, settings }: ThresholdFacts,
): Promise<ThresholdPreview> {
  const range = { fromMs: Math.max(0, newestMs - question.hours * HOUR_MS), toMs: newestMs };
  const fits = new Conditions();
  fits.and(`i.detected_ms >= ${fits.bind(range.fromMs)} AND i.detected_ms <= ${fits.bind(range.toMs)}`);
  if (question.kind === 'factor') fits.when(question.incidentKind, (kind) => `i.kind = ${kind}`);
  const rows = await queries.rows<Found>(
    `SELECT i.id, i.kind, i.magnitude, i.json FROM incidents i ${fits.where}
     ORDER BY i.severity_rank DESC, i.magnitude DESC, i.id`,
    fits.values,
  );
  const { lost, factor, untold } = lostOf(rows, question, settings);
  return {
    before: rows.length,
    after: rows.length - lost.length,
    factor,
    untold,
    ...range,
    lost: await shown(queries, lost),
  };
}

function lostOf(rows: readonly Found[], question: ThresholdPreviewBody, settings: ThresholdFacts['settings']) {
  if (question.kind === 'settings') return { ...lostBySettings(rows, question.settings, settings()), factor: 1 };
  const factor = question.kind === 'factor' ? question.factor : factorForBudget(rows, question);
  // The magnitude is what was measured over its threshold, so an incident stays when its magnitude is at least the factor.
  return { lost: rows.filter(({ magnitude }) => magnitude < factor), factor, untold: [] };
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
