import type { Incident } from '@weir/contracts';
import type { FlowItem, FlowQuery } from '@weir/contracts/dashboard-api';
import { Conditions, likeText } from '../store/conditions.js';
import type { Queries, Row } from '../store/database.js';
import { pageOf } from './ranges.js';

const FLOW = `SELECT sensor, community_id AS "communityId", originator, responder, originator_port AS "originatorPort",
  responder_port AS "responderPort", protocol, outcome, start_ms AS "startMs", end_ms AS "endMs", packets, bytes,
  originator_bytes AS "originatorBytes", responder_bytes AS "responderBytes", application FROM flows`;

const SORT_COLUMN = { endMs: 'end_ms', startMs: 'start_ms', bytes: 'bytes', packets: 'packets' } as const;
/** Flows behind one incident that are shown. */
const MOST_BEHIND = 200;

/** A page of the flows that fit. */
export async function listFlows(queries: Queries, query: FlowQuery) {
  const { page, pageSize, limit } = pageOf(query);
  const fits = conditionsOf(query);
  const [counts] = await queries.rows<{ total: number }>(
    `SELECT count(*) AS total FROM flows ${fits.where}`,
    fits.values,
  );
  const direction = query.order === 'ascending' ? 'ASC' : 'DESC';
  const order = `ORDER BY ${SORT_COLUMN[query.sort ?? 'endMs']} ${direction} NULLS LAST, end_ms DESC, community_id ${limit}`;
  const rows = await queries.rows(`${FLOW} ${fits.where} ${order}`, fits.values);
  return { items: rows.map(flowItem), total: counts!.total, page, pageSize };
}

function conditionsOf(query: FlowQuery): Conditions {
  const fits = new Conditions()
    .when(query.fromMs, (v) => `end_ms >= ${v}`)
    .when(query.toMs, (v) => `start_ms < ${v}`)
    .when(query.address, (v) => `(originator = ${v} OR responder = ${v})`)
    .when(query.port, (v) => `(originator_port = ${v} OR responder_port = ${v})`)
    .when(query.protocol, (v) => `protocol = ${v}`)
    .when(query.outcome, (v) => `outcome = ${v}`)
    .when(query.communityId, (v) => `community_id = ${v}`);
  if (query.text === undefined) return fits;
  const text = fits.bind(`${likeText(query.text)}%`);
  const columns = ['originator', 'responder', 'outcome', 'application', 'responder_port::VARCHAR'];
  return fits.and(`(${columns.map((column) => `${column} ILIKE ${text} ESCAPE '!'`).join(' OR ')})`);
}

/** The flows that an incident names, as far as history has them. */
export async function flowsOf(queries: Queries, { flows, startMs, endMs }: Incident): Promise<FlowItem[]> {
  const ids = [...new Set(flows.map(({ communityId }) => communityId))].slice(0, MOST_BEHIND);
  if (ids.length === 0) return [];
  const fits = new Conditions().oneOf('community_id', ids).and(`end_ms >= ${startMs} AND start_ms <= ${endMs}`);
  const rows = await queries.rows(`${FLOW} ${fits.where} ORDER BY start_ms LIMIT ${MOST_BEHIND}`, fits.values);
  return rows.map(flowItem);
}

/** A row of FLOW without what is not known. */
function flowItem(row: Row): FlowItem {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as FlowItem;
}
