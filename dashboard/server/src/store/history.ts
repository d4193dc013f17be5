import type { Incident, SensorHealth, TrafficWindow } from '@weir/contracts';
import type { FlowItem, SuppressionRule } from '@weir/contracts/dashboard-api';
import type { FeedBatch, FeedPosition, TrafficSecond } from '../feed/feed.js';
import { Database, type DatabaseOptions, type Queries } from './database.js';
import { type BatchRows, rowsOf } from './rows.js';
import { type RuleSubject, ruleFits } from './rules.js';
import { takeRows } from './staging.js';

/** What a batch changed. */
export interface Recorded {
  /** Incidents that are new or newer than what was known. */
  readonly incidents: readonly { readonly id: string; readonly isNew: boolean }[];
  readonly flows: readonly FlowItem[];
  /** Windows of 10 s. */
  readonly windows: readonly TrafficWindow[];
  readonly seconds: readonly TrafficSecond[];
  readonly health: ReadonlyMap<string, SensorHealth>;
}

interface ActiveRule {
  readonly id: string;
  readonly rule: SuppressionRule;
  readonly expiresAtMs: number;
}

/** Everything the dashboard remembers. */
export class History {
  private rules: ActiveRule[] = [];
  private newest = 0;
  private writeMs = 0;

  private constructor(
    readonly database: Database,
    private readonly nowMs: () => number,
  ) {}

  /** Opens or makes the database. Rejects with a StoreError. */
  static async open(options: DatabaseOptions & { readonly nowMs: () => number }): Promise<History> {
    const history = new History(await Database.open(options), options.nowMs);
    const [newest] = await history.database.rows<{ ms: number | null }>(NEWEST);
    history.newest = newest?.ms ?? 0;
    await history.loadRules();
    return history;
  }

  /** Newest capture time that was heard of, ms; 0 before any. */
  get newestMs(): number {
    return this.newest;
  }

  /** How long the last batch took to be kept, ms. */
  get lastWriteMs(): number {
    return this.writeMs;
  }

  /** Keeps a batch and its positions, or neither. */
  async record({ events, positions }: FeedBatch): Promise<Recorded> {
    const beganMs = performance.now();
    const rows = rowsOf(events, this.nowMs(), (incident) => this.hiddenBy(incident));
    const incidents = await this.database.write(async (transaction) => {
      const changed = await newerIncidents(transaction, rows.incidents);
      await takeRows(transaction, rows.tables, positions.length > 0);
      for (const position of positions) await keepPosition(transaction, position);
      return changed;
    });
    this.noteTime(rows);
    this.writeMs = performance.now() - beganMs;
    const { flows, windows, health } = rows;
    return { incidents, flows, windows, seconds: [...rows.seconds.values()], health };
  }

  /** How far each topic was read. */
  async positions(): Promise<FeedPosition[]> {
    return this.database.rows('SELECT topic, part AS partition, next_offset AS "offset" FROM positions');
  }

  /** Id of the suppression that hides an incident, if any. */
  hiddenBy(subject: RuleSubject): string | null {
    const nowMs = this.nowMs();
    return this.rules.find(({ rule, expiresAtMs }) => expiresAtMs > nowMs && ruleFits(rule, subject))?.id ?? null;
  }

  /** Reads the suppressions again and hides or shows what they now say. Gives the ids that changed. */
  async applyRules(): Promise<string[]> {
    await this.loadRules();
    return this.database.write(async (transaction) => {
      const changed: string[] = [];
      for (const { id, hidden_by, ...subject } of await ruleSubjects(transaction)) {
        const hiddenBy = this.hiddenBy(subject);
        if (hiddenBy === hidden_by) continue;
        await transaction.rows('UPDATE incidents SET hidden_by = $1 WHERE id = $2', [hiddenBy, id]);
        changed.push(id);
      }
      return changed;
    });
  }

  /** Closes what is open: a process that was killed left it so, and what it knew of it is gone. */
  async closeIncidents(): Promise<void> {
    await this.database.write((transaction) => transaction.rows(CLOSE_ALL));
  }

  /** Whether a suppression has expired since the rules were last applied. */
  get hasExpiredRule(): boolean {
    return this.rules.some(({ expiresAtMs }) => expiresAtMs <= this.nowMs());
  }

  close(): Promise<void> {
    return this.database.close();
  }

  private async loadRules(): Promise<void> {
    const rows = await this.database.rows<{ id: string; rule: string; expires_at: number }>(
      'SELECT id, rule, expires_at FROM suppressions WHERE expires_at > $1 ORDER BY created_at, id',
      [this.nowMs()],
    );
    this.rules = rows.map(({ id, rule, expires_at }) => ({ id, rule: JSON.parse(rule), expiresAtMs: expires_at }));
  }

  private noteTime({ windows, seconds, health, incidents }: BatchRows): void {
    for (const { startMs } of seconds.values()) this.newest = Math.max(this.newest, startMs + 1000);
    for (const { endMs } of windows) this.newest = Math.max(this.newest, endMs);
    for (const { detectedAtMs } of incidents.values()) this.newest = Math.max(this.newest, detectedAtMs);
    for (const { atMs } of health.values()) this.newest = Math.max(this.newest, plausibleMs(atMs));
  }
}

/** The watermark of a sensor that has ended stands at the end of time, which is no time to show. */
function plausibleMs(atMs: number): number {
  return atMs < LAST_PLAUSIBLE_MS ? atMs : 0;
}
const LAST_PLAUSIBLE_MS = 0xffff_0000 * 1000;

const NEWEST = `SELECT greatest(
  (SELECT max(start_ms) + 10000 FROM windows), (SELECT max(detected_ms) FROM incidents)) AS ms`;

/** Within a text of JSON its quotes would be escaped. */
const CLOSE_ALL = `UPDATE incidents SET state = 'closed', json = replace(json, '"state":"open"', '"state":"closed"')
  WHERE state = 'open'`;

/** Incidents as rules look at them, with what hides them now. Newest first. */
export async function ruleSubjects(
  queries: Queries,
): Promise<(RuleSubject & { id: string; severity: string; hidden_by: string | null })[]> {
  return queries.rows(`SELECT i.id, i.kind, i.entity, i.domain, i.severity, i.hidden_by,
    coalesce(list(h.address) FILTER (h.role = 'source'), []) AS sources,
    coalesce(list(h.address) FILTER (h.role = 'target'), []) AS targets
    FROM incidents i LEFT JOIN incident_hosts h ON h.incident_id = i.id
    GROUP BY i.id, i.kind, i.entity, i.domain, i.severity, i.hidden_by, i.detected_ms ORDER BY i.detected_ms DESC, i.id`);
}

async function newerIncidents(
  queries: Queries,
  incidents: ReadonlyMap<string, Incident>,
): Promise<{ id: string; isNew: boolean }[]> {
  const ids = [...incidents.keys()];
  if (ids.length === 0) return [];
  const list = ids.map((_, i) => `$${i + 1}`).join(', ');
  const known = new Map(
    (
      await queries.rows<{ id: string; revision: number }>(
        `SELECT id, revision FROM incidents WHERE id IN (${list})`,
        ids,
      )
    ).map(({ id, revision }) => [id, revision]),
  );
  return ids
    .filter((id) => incidents.get(id)!.revision > (known.get(id) ?? -1))
    .map((id) => ({ id, isNew: !known.has(id) }));
}

async function keepPosition(queries: Queries, { topic, partition, offset }: FeedPosition): Promise<void> {
  await queries.rows(
    `INSERT INTO positions VALUES ($1, $2::INTEGER, $3)
     ON CONFLICT (topic, part) DO UPDATE SET next_offset = excluded.next_offset`,
    [topic, partition, offset],
  );
}
