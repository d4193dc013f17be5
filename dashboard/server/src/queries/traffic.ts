import type { HeatMap, HostMeasure, TrafficPoint, TrafficSeries } from '@weir/contracts/dashboard-api';
import type { Queries } from '../store/database.js';
import { severityOf } from './incidents.js';
import { type Range, TROUBLE, WINDOW_MS } from './ranges.js';

/** Incidents marked on one chart. */
const MOST_MARKS = 500;

/** What the network did, step by step, with its incidents. */
export async function trafficSeries(queries: Queries, range: Range, stepS: number): Promise<TrafficSeries> {
  const pointsIn = stepS * 1000 < WINDOW_MS ? secondPoints : trafficPoints;
  const [points, marks] = await Promise.all([pointsIn(queries, range, stepS), marksIn(queries, range)]);
  return { stepS, points, marks };
}

/** The steps alone, oldest first. */
export async function trafficPoints(queries: Queries, { fromMs, toMs }: Range, stepS: number): Promise<TrafficPoint[]> {
  return queries.rows(
    `WITH trouble AS (${TROUBLE}),
     troubled AS (
       SELECT floor(w.start_ms / $3) * $3 AS step, sum(w.packets) AS packets, sum(w.bytes) AS bytes FROM windows w
       WHERE w.scope = 'host' AND w.start_ms >= $1 AND w.start_ms < $2 AND EXISTS (SELECT 1 FROM trouble t
         WHERE t.address = w.address AND t.start_ms < w.start_ms + ${WINDOW_MS} AND t.end_ms >= w.start_ms)
       GROUP BY step),
     network AS (
       SELECT floor(start_ms / $3) * $3 AS step, sum(packets) AS packets, sum(bytes) AS bytes,
         sum(connections) AS connections, ${weighted('failed_share', 'connections')} AS failed,
         ${weighted('tcp_share', 'packets')} AS tcp, ${weighted('udp_share', 'packets')} AS udp,
         ${weighted('icmp_share', 'packets')} AS icmp
       FROM windows WHERE scope = 'network' AND start_ms >= $1 AND start_ms < $2 GROUP BY step)
     SELECT n.step AS "startMs", n.packets, n.bytes, n.connections,
       least(n.packets, coalesce(t.packets, 0)) AS "anomalousPackets", least(n.bytes, coalesce(t.bytes, 0)) AS "anomalousBytes",
       n.failed AS "failedShare", n.tcp AS "tcpShare", n.udp AS "udpShare", n.icmp AS "icmpShare"
     FROM network n LEFT JOIN troubled t ON t.step = n.step ORDER BY n.step`,
    [fromMs, toMs, stepS * 1000],
  );
}

/**
 * Steps below the length of a window, oldest first, from seconds as they were seen. What only windows tell (flows, the part of
 * troubled hosts) is spread evenly over the window's packets, and 0 until the window is complete.
 */
export async function secondPoints(queries: Queries, { fromMs, toMs }: Range, stepS: number): Promise<TrafficPoint[]> {
  const windows = await trafficPoints(queries, { fromMs: fromMs - WINDOW_MS, toMs }, WINDOW_MS / 1000);
  const windowAt = new Map(windows.map((point) => [point.startMs, point]));
  const rows = await queries.rows<SecondRow>(
    `SELECT floor(start_ms / $3) * $3 AS "startMs", sum(packets) AS packets, sum(bytes) AS bytes, sum(tcp) AS tcp,
       sum(udp) AS udp, sum(icmp) AS icmp FROM seconds WHERE start_ms >= $1 AND start_ms < $2 GROUP BY 1 ORDER BY 1`,
    [fromMs, toMs, stepS * 1000],
  );
  return rows.map((row) => pointOf(row, windowAt.get(Math.floor(row.startMs / WINDOW_MS) * WINDOW_MS), stepS));
}

interface SecondRow {
  readonly startMs: number;
  readonly packets: number;
  readonly bytes: number;
  readonly tcp: number;
  readonly udp: number;
  readonly icmp: number;
}

function pointOf(row: SecondRow, window: TrafficPoint | undefined, stepS: number): TrafficPoint {
  const { startMs, packets, bytes } = row;
  const share = (part: number, whole: number) => (whole > 0 ? Math.min(1, part / whole) : 0);
  return {
    startMs,
    packets,
    bytes,
    connections: ((window?.connections ?? 0) * stepS * 1000) / WINDOW_MS,
    anomalousPackets: packets * share(window?.anomalousPackets ?? 0, window?.packets ?? 0),
    anomalousBytes: bytes * share(window?.anomalousBytes ?? 0, window?.bytes ?? 0),
    failedShare: window?.failedShare ?? 0,
    tcpShare: share(row.tcp, packets),
    udpShare: share(row.udp, packets),
    icmpShare: share(row.icmp, packets),
  };
}

/** Whether any second of a range is known. */
export async function hasSeconds(queries: Queries, { fromMs, toMs }: Range): Promise<boolean> {
  const sql = 'SELECT 1 FROM seconds WHERE start_ms >= $1 AND start_ms < $2 LIMIT 1';
  return (await queries.rows(sql, [fromMs, toMs])).length > 0;
}

/** Mean of a share over windows, by how much each counts; 0 for nothing. */
function weighted(share: string, weight: string): string {
  return `coalesce(least(1, greatest(0, sum(${share} * ${weight}) / nullif(sum(${weight}), 0))), 0)`;
}

async function marksIn(queries: Queries, { fromMs, toMs }: Range): Promise<TrafficSeries['marks']> {
  const rows = await queries.rows<{ id: string; startMs: number; endMs: number; rank: number; title: string }>(
    `SELECT id, start_ms AS "startMs", end_ms AS "endMs", severity_rank AS rank, title FROM incidents
     WHERE hidden_by IS NULL AND end_ms >= $1 AND start_ms < $2
     ORDER BY severity_rank DESC, start_ms DESC LIMIT ${MOST_MARKS}`,
    [fromMs, toMs],
  );
  return rows.map(({ rank, ...mark }) => ({ ...mark, severity: severityOf(rank) }));
}

const MEASURE_SUM: Readonly<Record<HostMeasure, string>> = {
  packets: 'sum(packets)',
  bytes: 'sum(bytes)',
  connections: 'sum(connections)',
  failedShare: weighted('failed_share', 'connections'),
};

/** Which hosts did how much when: those with most of the measure first. */
export async function heatMap(
  queries: Queries,
  range: Range,
  { measure, hosts, stepS }: { measure: HostMeasure; hosts: number; stepS: number },
): Promise<HeatMap> {
  const stepMs = stepS * 1000;
  const cells = await queries.rows<{ address: string; step: number; value: number; troubled: boolean }>(
    `WITH trouble AS (${TROUBLE}),
     seen AS (SELECT * FROM windows WHERE scope = 'host' AND start_ms >= $1 AND start_ms < $2),
     top AS (SELECT address, ${MEASURE_SUM[measure]} AS total FROM seen GROUP BY address
       ORDER BY total DESC, address LIMIT ${Math.trunc(hosts)}),
     cells AS (SELECT address, floor(start_ms / $3) * $3 AS step, ${MEASURE_SUM[measure]} AS value FROM seen
       WHERE address IN (SELECT address FROM top) GROUP BY address, step)
     SELECT c.address, c.step, c.value, EXISTS (SELECT 1 FROM trouble t WHERE t.address = c.address
       AND t.start_ms < c.step + $3 AND t.end_ms >= c.step) AS troubled
     FROM cells c JOIN top ON top.address = c.address ORDER BY top.total DESC, c.address, c.step`,
    [range.fromMs, range.toMs, stepMs],
  );
  return { measure, stepS, ...matrixOf(cells, stepMs) };
}

function matrixOf(cells: { address: string; step: number; value: number; troubled: boolean }[], stepMs: number) {
  const first = cells.reduce((least, { step }) => Math.min(least, step), Number.POSITIVE_INFINITY);
  const last = cells.reduce((most, { step }) => Math.max(most, step), 0);
  const steps = cells.length === 0 ? 0 : (last - first) / stepMs + 1;
  const hosts = [...new Set(cells.map(({ address }) => address))];
  const rowOf = new Map(hosts.map((host, row) => [host, row]));
  const values = hosts.map(() => Array<number | null>(steps).fill(null));
  const troubled = hosts.map(() => Array<boolean>(steps).fill(false));
  for (const cell of cells) {
    const at = (cell.step - first) / stepMs;
    values[rowOf.get(cell.address)!]![at] = cell.value;
    troubled[rowOf.get(cell.address)!]![at] = cell.troubled;
  }
  return { startsMs: Array.from({ length: steps }, (_, i) => first + i * stepMs), hosts, values, troubled };
}
