import type { Database } from './database.js';
import type { History } from './history.js';

/** How much history is kept. */
export interface RetentionLimits {
  /** Rows older than this go, by capture time, days. */
  readonly days: number;
  /** Beyond this size of the database the oldest rows go, bytes. */
  readonly bytes: number;
}

const DAY_MS = 86_400_000;
/** Tables that grow with traffic, and the time that ages them; those that can best be spared first. */
const AGEING = [
  ['seconds', 'start_ms'],
  ['flows', 'end_ms'],
  ['peers', 'start_ms'],
  ['windows', 'start_ms'],
  ['health', 'at_ms'],
] as const;
/** Seconds are for looking at what is recent; older charts are made of windows. */
const SECONDS_KEPT_MS = 86_400_000;
/** Part of a table that goes at a time when the database is too large. */
const STEP_SHARE = 0.25;
/** Rows below which a table is not cut for its size. */
const FEWEST_ROWS = 1000;

/** What a pass removed. */
export interface RetentionResult {
  readonly bytes: number;
  readonly removedRows: number;
}

/** Removes what is too old, then the oldest until the database fits. */
export async function enforceRetention(
  history: History,
  limits: RetentionLimits,
  nowMs: number,
): Promise<RetentionResult> {
  const { database } = history;
  // A replay of an old capture is as old as its newest packet, not as the calendar says.
  const olderThanMs = Math.min(nowMs, history.newestMs) - limits.days * DAY_MS;
  let removedRows = await removeOlder(database, olderThanMs);
  removedRows += await removeSeconds(database, Math.min(nowMs, history.newestMs) - SECONDS_KEPT_MS);
  removedRows += await removeFromLogs(database, nowMs - limits.days * DAY_MS);
  let bytes = await sizeOf(database);
  for (const [table, time] of AGEING) {
    while (bytes > limits.bytes) {
      const removed = await removeOldest(database, table, time);
      if (removed === 0) break;
      removedRows += removed;
      bytes = await sizeOf(database);
    }
  }
  return { bytes, removedRows };
}

async function removeOlder(database: Database, beforeMs: number): Promise<number> {
  return database.write(async (transaction) => {
    let removed = 0;
    for (const [table, time] of AGEING) {
      removed += (await transaction.rows(`DELETE FROM ${table} WHERE ${time} < $1 RETURNING 1`, [beforeMs])).length;
    }
    const old = `(SELECT id FROM incidents WHERE end_ms < $1 AND state = 'closed')`;
    await transaction.rows(`DELETE FROM incident_hosts WHERE incident_id IN ${old}`, [beforeMs]);
    await transaction.rows(`DELETE FROM notes WHERE incident_id IN ${old}`, [beforeMs]);
    for (const table of ['restatements', 'triage']) {
      await transaction.rows(`DELETE FROM ${table} WHERE id IN ${old}`, [beforeMs]);
    }
    const incidents = await transaction.rows(`DELETE FROM incidents WHERE id IN ${old} RETURNING 1`, [beforeMs]);
    return removed + incidents.length;
  });
}

async function removeSeconds(database: Database, beforeMs: number): Promise<number> {
  const sql = 'DELETE FROM seconds WHERE start_ms < $1 RETURNING 1';
  return database.write(async (transaction) => (await transaction.rows(sql, [beforeMs])).length);
}

/** Audit and controls are by the clock. */
async function removeFromLogs(database: Database, beforeMs: number): Promise<number> {
  return database.write(async (transaction) => {
    let removed = 0;
    for (const table of ['audit', 'controls']) {
      removed += (await transaction.rows(`DELETE FROM ${table} WHERE noted_at < $1 RETURNING 1`, [beforeMs])).length;
    }
    return removed;
  });
}

async function removeOldest(database: Database, table: string, time: string): Promise<number> {
  const removed = await database.write(async (transaction) => {
    const [found] = await transaction.rows<{ n: number; cut: number | null }>(
      `SELECT count(*) AS n, quantile_disc(${time}, ${STEP_SHARE}) AS cut FROM ${table}`,
    );
    if (!found || found.n < FEWEST_ROWS || found.cut === null) return 0;
    return (await transaction.rows(`DELETE FROM ${table} WHERE ${time} <= $1 RETURNING 1`, [found.cut])).length;
  });
  await database.alone('CHECKPOINT');
  return removed;
}

/** Bytes that the database takes: blocks in use of its file, or tables and indexes in memory. */
export async function sizeOf(database: Database): Promise<number> {
  const [file] = await database.rows<{ used_blocks: number; block_size: number; wal_size: string }>(
    'PRAGMA database_size',
  );
  const [memory] = await database.rows<{ bytes: number | null }>(
    "SELECT sum(memory_usage_bytes)::DOUBLE AS bytes FROM duckdb_memory() WHERE tag IN ('IN_MEMORY_TABLE', 'ART_INDEX')",
  );
  return (file?.used_blocks ?? 0) * (file?.block_size ?? 0) || (memory?.bytes ?? 0);
}
