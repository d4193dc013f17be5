import type { Overview, ThreatLevel } from '@weir/contracts/dashboard-api';
import type { Queries } from '../store/database.js';
import { itemsById, severityOf } from './incidents.js';
import { WINDOW_MS } from './ranges.js';
import { trafficPoints } from './traffic.js';

/** Rates are over the last three windows: the newest may still be growing on another partition. */
const RATE_WINDOW_S = (3 * WINDOW_MS) / 1000;
/** An incident that is over asks to be looked at for this long after its last evidence. */
const LINGER_MS = 15 * 60_000;
const TALKER_MS = 5 * 60_000;
const HOUR_MS = 3_600_000;

/** What is not in the database. */
export interface OverviewFacts {
  readonly newestMs: number;
  readonly health: Overview['health'];
  readonly packets: number;
  readonly flows: number;
}

/** The network at a glance. */
export async function overview(queries: Queries, facts: OverviewFacts): Promise<Overview> {
  const [rates, counts, threat, rankings] = await Promise.all([
    currentRates(queries),
    incidentCounts(queries, facts.newestMs),
    currentThreat(queries, facts.newestMs),
    rankingsOf(queries, facts.newestMs),
  ]);
  const { newestMs: atMs, health, packets, flows } = facts;
  return { atMs, health, threat, rateWindowS: RATE_WINDOW_S, packets, flows, ...rates, ...counts, ...rankings };
}

async function currentRates(queries: Queries) {
  const [last] = await queries.rows<{ ms: number | null }>(
    "SELECT max(start_ms) AS ms FROM windows WHERE scope = 'network'",
  );
  const toMs = (last?.ms ?? 0) + WINDOW_MS;
  const fromMs = toMs - RATE_WINDOW_S * 1000;
  const points = await trafficPoints(queries, { fromMs, toMs }, WINDOW_MS / 1000);
  const sum = (of: (point: (typeof points)[number]) => number) => points.reduce((total, point) => total + of(point), 0);
  const packets = sum((p) => p.packets);
  const share = (part: number) => (packets > 0 ? Math.min(1, part / packets) : 0);
  const [tcp, udp, icmp] = [
    share(sum((p) => p.tcpShare * p.packets)),
    share(sum((p) => p.udpShare * p.packets)),
    share(sum((p) => p.icmpShare * p.packets)),
  ];
  const other = packets > 0 ? Math.max(0, 1 - tcp - udp - icmp) : 0;
  return {
    packetsPerSecond: packets / RATE_WINDOW_S,
    bytesPerSecond: sum((p) => p.bytes) / RATE_WINDOW_S,
    connectionsPerSecond: sum((p) => p.connections) / RATE_WINDOW_S,
    anomalousShare: share(sum((p) => p.anomalousPackets)),
    protocols: Object.entries({ tcp, udp, icmp, other }).map(([name, part]) => ({
      name: name as 'tcp' | 'udp' | 'icmp' | 'other',
      share: part,
    })),
  };
}

async function incidentCounts(queries: Queries, newestMs: number) {
  const rows = await queries.rows<{ rank: number; shown: number; open: number; hidden: number; recent: number }>(
    `SELECT severity_rank AS rank, count(*) FILTER (hidden_by IS NULL) AS shown, count(hidden_by) AS hidden,
       count(*) FILTER (hidden_by IS NULL AND state = 'open') AS open,
       count(*) FILTER (hidden_by IS NULL AND detected_ms > $1) AS recent FROM incidents GROUP BY rank ORDER BY rank`,
    [newestMs - HOUR_MS],
  );
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    openIncidents: sum((row) => row.open),
    totalIncidents: sum((row) => row.shown),
    hiddenIncidents: sum((row) => row.hidden),
    incidentsPerHour: sum((row) => row.recent),
    incidentsBySeverity: Object.fromEntries(rows.map(({ rank, shown }) => [severityOf(rank), shown])),
  };
}

const LEVEL_OF: Readonly<Record<string, ThreatLevel>> = {
  critical: 'high',
  high: 'high',
  medium: 'medium',
  low: 'low',
  info: 'low',
};

/** What goes on decides; what is over and nobody has looked at is a reason to look, whatever it was. */
async function currentThreat(queries: Queries, newestMs: number): Promise<Overview['threat']> {
  const open = await worstOf(queries, "i.state = 'open'", []);
  if (open) {
    const { worst, others } = open;
    const more = others > 0 ? `, and ${others} more ${others === 1 ? 'incident' : 'incidents'}` : '';
    const reason = `${worst.title} (${worst.severity})${more}.`;
    return { level: LEVEL_OF[worst.severity] ?? 'low', reason, incidentId: worst.id, confidence: worst.confidence };
  }
  const over = await worstOf(queries, "i.end_ms >= $1 AND coalesce(t.status, 'new') = 'new'", [newestMs - LINGER_MS]);
  if (!over) return { level: 'none', reason: 'No incident is open.', confidence: 1 };
  const { worst, others } = over;
  const which =
    others > 0
      ? `${others + 1} incidents are over and not looked at yet; the worst`
      : 'One incident is over and not looked at yet';
  const reason = `${which}: ${worst.title} (${worst.severity}).`;
  return { level: 'low', reason, incidentId: worst.id, confidence: worst.confidence };
}

/** The worst incident that fits, neither hidden nor done with, and how many others fit. */
async function worstOf(queries: Queries, condition: string, values: readonly number[]) {
  const rows = await queries.rows<{ id: string; others: number }>(
    `SELECT i.id, count(*) OVER () - 1 AS others FROM incidents i LEFT JOIN triage t ON t.id = i.id
     WHERE i.hidden_by IS NULL AND coalesce(t.status, 'new') NOT IN ('closed', 'false-alarm') AND ${condition}
     ORDER BY i.severity_rank DESC, i.confidence DESC, i.detected_ms DESC, i.id LIMIT 1`,
    values,
  );
  const [worst] = await itemsById(
    queries,
    rows.map(({ id }) => id),
  );
  return worst && { worst, others: rows[0]!.others };
}

async function rankingsOf(queries: Queries, newestMs: number) {
  const byRole = (role: string) =>
    queries.rows<{ address: string; incidents: number; bytes: number }>(
      `SELECT h.address, count(DISTINCT i.id) AS incidents, coalesce((SELECT sum(bytes) FROM windows w
         WHERE w.scope = 'host' AND w.address = h.address AND w.start_ms >= $2), 0) AS bytes
       FROM incident_hosts h JOIN incidents i ON i.id = h.incident_id
       WHERE h.role = $1 AND i.hidden_by IS NULL GROUP BY h.address
       ORDER BY max(i.severity_rank) DESC, incidents DESC, bytes DESC, h.address LIMIT 10`,
      [role, newestMs - TALKER_MS],
    );
  const talkers = queries.rows<{ address: string; incidents: number; bytes: number }>(
    `SELECT w.address, sum(w.bytes) AS bytes, (SELECT count(DISTINCT incident_id) FROM incident_hosts h
       WHERE h.address = w.address) AS incidents FROM windows w WHERE w.scope = 'host' AND w.start_ms >= $1
     GROUP BY w.address ORDER BY bytes DESC, w.address LIMIT 10`,
    [newestMs - TALKER_MS],
  );
  const [topSources, topTargets, topTalkers] = await Promise.all([byRole('source'), byRole('target'), talkers]);
  return { topSources, topTargets, topTalkers };
}
