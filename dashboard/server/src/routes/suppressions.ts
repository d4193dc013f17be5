import { randomUUID } from 'node:crypto';
import {
  HiddenRule,
  HiddenRuleList,
  SuppressionBody,
  SuppressionPreview,
  SuppressionRule,
} from '@weir/contracts/dashboard-api';
import type { FastifyInstance } from 'fastify';
import { addRoute, IdParams } from '../http/route.js';
import type { Parts } from '../parts.js';
import { RequestError } from '../ports.js';
import { hiddenRules, previewRule } from '../queries/suppressions.js';
import { parsePrefix } from '../store/rules.js';
import { need } from './capabilities.js';
import { suppressEverywhere, unsuppressEverywhere } from './everywhere.js';

const LONGEST_SUPPRESSION_MS = 366 * 86_400_000;
const MOST_SUPPRESSIONS = 1000;

/** What is hidden, and why. */
export function suppressionRoutes(app: FastifyInstance, parts: Parts): void {
  const { database } = parts.history;
  addRoute(app, {
    method: 'GET', path: 'suppressions', needs: 'read', summary: 'Rules that hide incidents', answer: HiddenRuleList,
    handle: async () => ({ items: await hiddenRules(database, parts.nowMs()) }),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'POST', path: 'suppressions/preview', needs: 'read', summary: 'What a rule would have hidden',
    body: SuppressionRule, answer: SuppressionPreview,
    handle: ({ body }) => {
      checkRule(body);
      return previewRule(database, body);
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'POST', path: 'suppressions', needs: 'triage', summary: 'Hide incidents for a while', body: SuppressionBody,
    answer: HiddenRule, status: 201,
    handle: async ({ body, who, request }) => {
      const id = await addSuppression(parts, body, who);
      await parts.audit.note({ who, action: 'suppression.add', subject: id, details: body, from: request.ip });
      await parts.watch.suppressionsChanged();
      return (await hiddenRules(database, parts.nowMs())).find((each) => each.id === id);
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'DELETE', path: 'suppressions/:id', needs: 'triage', summary: 'Show again what a rule hid', params: IdParams,
    handle: async ({ params: { id }, who, request }) => {
      await removeSuppression(parts, id);
      await parts.audit.note({ who, action: 'suppression.remove', subject: id, from: request.ip });
      await parts.watch.suppressionsChanged();
      return undefined;
    },
  }); // biome-ignore format: short
}

async function addSuppression(parts: Parts, body: SuppressionBody, who: string): Promise<string> {
  const { database } = parts.history;
  const { rule, expiresAtMs, everywhere = false } = body;
  const nowMs = parts.nowMs();
  checkRule(rule);
  checkExpiry(expiresAtMs, nowMs);
  const rules = await hiddenRules(database, nowMs);
  if (rules.length >= MOST_SUPPRESSIONS) throw new RequestError(409, 'There are too many suppressions. Remove some.');
  const id = randomUUID();
  const reason = body.reason.replaceAll('\0', '');
  // The functions first: a rule that they did not hear of is not kept as if they had.
  if (everywhere) {
    need(parts, 'suppressions-everywhere');
    await suppressEverywhere(parts, { id, rule, reason, expiresAtMs });
  }
  await database.write((transaction) =>
    transaction.rows('INSERT INTO suppressions VALUES ($1, $2, $3, $4, $5, $6, $7)', [
      id,
      JSON.stringify(rule),
      reason,
      who,
      nowMs,
      expiresAtMs,
      everywhere,
    ]),
  );
  return id;
}

async function removeSuppression(parts: Parts, id: string): Promise<void> {
  const { database } = parts.history;
  const [known] = await database.rows<{ everywhere: boolean }>('SELECT everywhere FROM suppressions WHERE id = $1', [
    id,
  ]);
  if (!known) throw new RequestError(404, 'There is no such suppression.');
  if (known.everywhere) await unsuppressEverywhere(parts, id);
  await database.write((transaction) => transaction.rows('DELETE FROM suppressions WHERE id = $1', [id]));
}

function checkRule({ address }: SuppressionRule): void {
  try {
    if (address !== undefined) parsePrefix(address);
  } catch (error) {
    throw new RequestError(422, (error as Error).message);
  }
}

function checkExpiry(expiresAtMs: number, nowMs: number): void {
  if (expiresAtMs > nowMs && expiresAtMs - nowMs <= LONGEST_SUPPRESSION_MS) return;
  throw new RequestError(422, 'A suppression needs an end that is after now and at most a year away.');
}
