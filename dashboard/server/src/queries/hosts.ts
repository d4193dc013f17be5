import type { TrafficWindow } from '@weir/contracts';
import type { HostDetail, HostItem, HostMeasure, HostNormal, HostPage, HostQuery } from '@weir/contracts/dashboard-api';
import { Conditions } from '../store/conditions.js';
import type { Queries } from '../store/database.js';
import { listFlows } from './flows.js';
import { severityOf } from './incidents.js';
import { HOST_INCIDENTS, pageOf, type Range } from './ranges.js';

/** Windows below which nothing is said about what is usual. */
const FEWEST_WINDOWS = 6;
const MOST_LISTED = 50;
const MOST_WINDOWS = 1000;

interface HostRow extends Omit<HostItem, 'worstSeverity'> {
  readonly worst: number | null;
}

const HOST = `SELECT w.address, min(w.start_ms) AS "firstSeenMs", max(w.start_ms) + 10000 AS "lastSeenMs",
  sum(w.packets) AS packets, sum(w.bytes) AS bytes, sum(w.connections) AS connections,
  coalesce(least(1, sum(w.failed_share * w.connections) / nullif(sum(w.connections), 0)), 0) AS "failedShare",
  coalesce(any_value(hi.incidents), 0) AS incidents, any_value(hi.worst) AS worst
  FROM windows w LEFT JOIN (${HOST_INCIDENTS}) hi ON hi.address = w.address`;

/** A page of the hosts seen in a range. */
export async function listHosts(queries: Queries, query: HostQuery, range: Range): Promise<HostPage> {
  const { page, pageSize, limit } = pageOf(query);
  const fits = new Conditions().and("w.scope = 'host'");
  fits.and(`w.start_ms >= ${fits.bind(range.fromMs)} AND w.start_ms < ${fits.bind(range.toMs)}`);
  fits.when(query.text, (text) => `contains(w.address, ${text})`);
  const [counts] = await queries.rows<{ total: number }>(
    `SELECT count(DISTINCT w.address) AS total FROM windows w ${fits.where}`,
    fits.values,
  );
  const direction = query.order === 'ascending' ? 'ASC' : 'DESC';
  const order = `ORDER BY "${query.sort ?? 'bytes'}" ${direction}, w.address ${limit}`;
  const rows = await queries.rows<HostRow>(`${HOST} ${fits.where} GROUP BY w.address ${order}`, fits.values);
  return { items: rows.map(hostItem), total: counts!.total, page, pageSize };
}

function hostItem({ worst, ...host }: HostRow): HostItem {
  return worst === null ? host : { ...host, worstSeverity: severityOf(worst) };
}

/** One host, or undefined when history knows nothing of it. */
export async function hostDetail(queries: Queries, address: string): Promise<HostDetail | undefined> {
  const own = "w.scope = 'host' AND w.address = $1";
  const [[row], windows, peers, services, flows, incidents] = await Promise.all([
    queries.rows<HostRow>(`${HOST} WHERE ${own} GROUP BY w.address`, [address]),
    queries.rows<{ json: string }>(
      `SELECT json FROM windows w WHERE ${own} ORDER BY start_ms DESC LIMIT ${MOST_WINDOWS}`,
      [address],
    ),
    peersOf(queries, address),
    servicesOf(queries, address),
    listFlows(queries, { address, pageSize: MOST_LISTED }),
    queries.rows<{ id: string }>(
      `SELECT i.id FROM incidents i WHERE i.id IN (SELECT incident_id FROM incident_hosts WHERE address = $1)
       ORDER BY i.detected_ms DESC LIMIT 1000`,
      [address],
    ),
  ]);
  if (!row) return undefined;
  return {
    host: hostItem(row),
    normal: await normalOf(queries, address),
    windows: windows.map(({ json }) => JSON.parse(json) as TrafficWindow).reverse(),
    peers,
    services,
    flows: flows.items,
    incidentIds: incidents.map(({ id }) => id),
  };
}

async function peersOf(queries: Queries, address: string): Promise<HostDetail['peers']> {
  return queries.rows(
    `SELECT CASE WHEN address = $1 THEN peer ELSE address END AS address, sum(bytes) AS bytes FROM (
       SELECT address, peer, bytes FROM peers WHERE address = $1
       UNION ALL SELECT address, peer, bytes FROM peers p WHERE peer = $1
         AND NOT EXISTS (SELECT 1 FROM peers o WHERE o.address = $1 AND o.peer = p.address AND o.start_ms = p.start_ms))
     GROUP BY 1 ORDER BY bytes DESC, 1 LIMIT ${MOST_LISTED}`,
    [address],
  );
}

async function servicesOf(queries: Queries, address: string): Promise<HostDetail['services']> {
  return queries.rows(
    `SELECT responder_port AS port, protocol, count(*) AS flows FROM flows
     WHERE responder = $1 AND outcome IN ('answered', 'established', 'finished', 'reset')
     GROUP BY 1, 2 ORDER BY flows DESC, port LIMIT ${MOST_LISTED}`,
    [address],
  );
}

const NORMAL_COLUMNS = {
  packets: ['packets', 'packet/10 s'],
  bytes: ['bytes', 'byte/10 s'],
  connections: ['connections', 'flow/10 s'],
  destinations: ['destinations', 'host/10 s'],
  ports: ['ports', 'port/10 s'],
  failedShare: ['failed_share', '1'],
  gapMeanMs: ['gap_mean_ms', 'ms'],
  meanPacketBytes: ['mean_packet_bytes', 'byte'],
} as const satisfies Record<HostNormal['measure'] | HostMeasure, readonly [column: string, unit: string]>;

async function normalOf(queries: Queries, address: string): Promise<HostNormal[]> {
  const figures = Object.values(NORMAL_COLUMNS).map(
    ([column]) =>
      `[median(${column}), quantile_cont(${column}, 0.95), max(${column}), arg_max(${column}, start_ms)] AS ${column}`,
  );
  const [row] = await queries.rows<{ windows: number } & Record<string, number[]>>(
    `SELECT count(*) AS windows, ${figures.join(', ')} FROM windows WHERE scope = 'host' AND address = $1`,
    [address],
  );
  if (!row || row.windows < FEWEST_WINDOWS) return [];
  return Object.entries(NORMAL_COLUMNS).map(([measure, [column, unit]]) => {
    const [median = 0, p95 = 0, max = 0, latest = 0] = row[column]!;
    return { measure: measure as HostNormal['measure'], unit, median, p95, max, latest };
  });
}
