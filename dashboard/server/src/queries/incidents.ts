import { type Incident, SEVERITIES } from '@weir/contracts';
import type {
  IncidentDetail,
  IncidentItem,
  IncidentPage,
  IncidentQuery,
  IncidentSort,
  Note,
  Restatement,
  Triage,
} from '@weir/contracts/dashboard-api';
import { Conditions, likeText } from '../store/conditions.js';
import type { Queries } from '../store/database.js';
import { flowsOf } from './flows.js';
import { pageOf } from './ranges.js';

interface ItemRow {
  readonly json: string;
  readonly hidden_by: string | null;
  readonly status: string | null;
  readonly assignee: string | null;
  readonly changed_by: string | null;
  readonly changed_at: number | null;
  readonly notes: number;
}

const ITEM = `SELECT i.json, i.hidden_by, t.status, t.assignee, t.changed_by, t.changed_at,
  (SELECT count(*) FROM notes n WHERE n.incident_id = i.id) AS notes
  FROM incidents i LEFT JOIN triage t ON t.id = i.id`;

/** Columns by the names of the API. */
const SORT_COLUMN: Readonly<Record<IncidentSort, string>> = {
  detectedAtMs: 'i.detected_ms', startMs: 'i.start_ms', severity: 'i.severity_rank', magnitude: 'i.magnitude',
  confidence: 'i.confidence', kind: 'i.kind',
}; // biome-ignore format: short

/** A page of the incidents that fit. */
export async function listIncidents(queries: Queries, query: IncidentQuery): Promise<IncidentPage> {
  const { page, pageSize, limit } = pageOf(query);
  const fits = conditionsOf(query);
  const [counts] = await queries.rows<{ total: number; hidden: number }>(
    `SELECT count(*) AS total, count(i.hidden_by) AS hidden FROM incidents i LEFT JOIN triage t ON t.id = i.id ${fits.where}`,
    fits.values,
  );
  const { total, hidden } = counts!;
  const shown = query.hidden ?? 'without';
  if (shown !== 'with') fits.and(`i.hidden_by IS ${shown === 'only' ? 'NOT ' : ''}NULL`);
  const direction = query.order === 'ascending' ? 'ASC' : 'DESC';
  const order = `ORDER BY ${SORT_COLUMN[query.sort ?? 'detectedAtMs']} ${direction}, i.detected_ms DESC, i.id ${limit}`;
  const rows = await queries.rows<ItemRow>(`${ITEM} ${fits.where} ${order}`, fits.values);
  const fitting = { without: total - hidden, with: total, only: hidden }[shown];
  return { items: rows.map(itemOf), total: fitting, page, pageSize, hidden, kinds: await kindsOf(queries) };
}

async function kindsOf(queries: Queries): Promise<Record<string, number>> {
  const sql = 'SELECT kind, count(*) AS n FROM incidents GROUP BY kind ORDER BY n DESC, kind';
  const rows = await queries.rows<{ kind: string; n: number }>(sql);
  return Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
}

function conditionsOf(query: IncidentQuery): Conditions {
  const fits = new Conditions()
    .when(query.state, (v) => `i.state = ${v}`)
    .oneOf('i.severity', query.severity)
    .oneOf('i.kind', query.kind)
    .oneOf("coalesce(t.status, 'new')", query.status)
    .when(query.assignee, (v) => `t.assignee = ${v}`)
    .when(query.fromMs, (v) => `i.end_ms >= ${v}`)
    .when(query.toMs, (v) => `i.start_ms < ${v}`)
    .when(query.address, (v) => `i.id IN (SELECT incident_id FROM incident_hosts WHERE address = ${v})`);
  if (query.text === undefined) return fits;
  const text = fits.bind(`%${likeText(query.text)}%`);
  const columns = ['i.title', 'i.summary', 'i.entity', "coalesce(i.domain, '')"];
  return fits.and(`(${columns.map((column) => `${column} ILIKE ${text} ESCAPE '!'`).join(' OR ')})`);
}

/** The incidents with these ids, newest first. */
export async function itemsById(queries: Queries, ids: readonly string[]): Promise<IncidentItem[]> {
  if (ids.length === 0) return [];
  const fits = new Conditions().oneOf('i.id', ids);
  const rows = await queries.rows<ItemRow>(`${ITEM} ${fits.where} ORDER BY i.detected_ms DESC, i.id`, fits.values);
  return rows.map(itemOf);
}

/** One incident with all that belongs to it, or undefined. */
export async function incidentDetail(queries: Queries, id: string): Promise<IncidentDetail | undefined> {
  const [row] = await queries.rows<ItemRow>(`${ITEM} WHERE i.id = $1`, [id]);
  if (!row) return undefined;
  const incident = JSON.parse(row.json) as Incident;
  const [notes, timeline, flows, similar] = await Promise.all([
    notesOf(queries, id),
    timelineOf(queries, id),
    flowsOf(queries, incident),
    similarTo(queries, incident),
  ]);
  return { incident, item: itemOf(row), notes, timeline, flows, similar };
}

async function notesOf(queries: Queries, id: string): Promise<Note[]> {
  return queries.rows(
    'SELECT id, text, author, noted_at AS "atMs" FROM notes WHERE incident_id = $1 ORDER BY noted_at, id LIMIT 1000',
    [id],
  );
}

async function timelineOf(queries: Queries, id: string): Promise<Restatement[]> {
  return queries.rows(
    `SELECT revision, state, severity, magnitude, alerts, end_ms AS "endMs" FROM restatements
     WHERE id = $1 ORDER BY revision LIMIT 1000`,
    [id],
  );
}

/** At most five others: each shared address counts twice, the same kind once. */
async function similarTo(queries: Queries, { id, kind }: Incident): Promise<IncidentItem[]> {
  const rows = await queries.rows<{ id: string }>(
    `SELECT i.id, 2 * count(DISTINCT h.address) + (i.kind = $2)::INTEGER AS alike FROM incidents i
     LEFT JOIN incident_hosts h ON h.incident_id = i.id
       AND h.address IN (SELECT address FROM incident_hosts WHERE incident_id = $1)
     WHERE i.id <> $1 GROUP BY i.id, i.kind, i.detected_ms HAVING alike > 0 ORDER BY alike DESC, i.detected_ms DESC LIMIT 5`,
    [id, kind],
  );
  const rank = new Map(rows.map((row, at) => [row.id, at]));
  const items = await itemsById(
    queries,
    rows.map((row) => row.id),
  );
  return items.sort((a, b) => rank.get(a.id)! - rank.get(b.id)!);
}

function itemOf(row: ItemRow): IncidentItem {
  const incident = JSON.parse(row.json) as Incident;
  const { id, kind, severity, state, revision, title, summary, entity, confidence, score, magnitude, alerts } =
    incident;
  const { startMs, endMs, detectedAtMs, sources, targets, sensors, domain, techniques } = incident;
  return {
    id, kind, severity, state, revision, title, summary, entity, confidence, score, magnitude, alerts, startMs, endMs,
    detectedAtMs, sources, targets, sensors, ...(domain === undefined ? {} : { domain }),
    techniques: techniques.map((technique) => technique.id), triage: triageOf(row),
    ...(row.hidden_by === null ? {} : { hiddenBy: row.hidden_by }),
  }; // biome-ignore format: fields in few lines
}

function triageOf({ status, assignee, changed_by, changed_at, notes }: ItemRow): Triage {
  return {
    status: (status ?? 'new') as Triage['status'],
    ...(assignee === null ? {} : { assignee }),
    ...(changed_by === null ? {} : { changedBy: changed_by }),
    ...(changed_at === null ? {} : { changedAtMs: changed_at }),
    notes,
  };
}

/** Name of a severity by its rank. */
export function severityOf(rank: number): (typeof SEVERITIES)[number] {
  return SEVERITIES[rank] ?? 'info';
}
