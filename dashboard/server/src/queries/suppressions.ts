import type { HiddenRule, SuppressionPreview, SuppressionRule } from '@weir/contracts/dashboard-api';
import type { Queries } from '../store/database.js';
import { ruleSubjects } from '../store/history.js';
import { ruleFits } from '../store/rules.js';
import { itemsById } from './incidents.js';

/** Incidents that a preview shows. */
const MOST_SHOWN = 20;

/** All suppressions, newest first, with how many incidents each hides. */
export async function hiddenRules(queries: Queries, nowMs: number): Promise<HiddenRule[]> {
  const rows = await queries.rows<{
    id: string;
    rule: string;
    reason: string;
    author: string;
    created_at: number;
    expires_at: number;
    everywhere: boolean;
    hidden: number;
  }>(
    `SELECT s.*, (SELECT count(*) FROM incidents i WHERE i.hidden_by = s.id) AS hidden FROM suppressions s
     ORDER BY created_at DESC, id LIMIT 1000`,
  );
  return rows.map(({ id, rule, reason, author, created_at, expires_at, everywhere, hidden }) => ({
    id,
    rule: JSON.parse(rule) as SuppressionRule,
    reason,
    author,
    createdAtMs: created_at,
    expiresAtMs: expires_at,
    isActive: expires_at > nowMs,
    everywhere,
    hidden,
  }));
}

/** What a rule would have hidden, over all of history. */
export async function previewRule(queries: Queries, rule: SuppressionRule): Promise<SuppressionPreview> {
  const subjects = await ruleSubjects(queries);
  const fitting = subjects.filter((subject) => ruleFits(rule, subject));
  const bySeverity: Record<string, number> = {};
  for (const { severity } of fitting) bySeverity[severity] = (bySeverity[severity] ?? 0) + 1;
  const sample = await itemsById(
    queries,
    fitting.slice(0, MOST_SHOWN).map(({ id }) => id),
  );
  return { matched: fitting.length, total: subjects.length, bySeverity, sample };
}
