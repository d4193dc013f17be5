import { isIpv4, parseAddress } from '@weir/contracts';
import type { Topology } from '@weir/contracts/dashboard-api';
import type { Queries } from '../store/database.js';
import { isWithinPrefix, parsePrefix } from '../store/rules.js';
import { severityOf } from './incidents.js';
import { HOST_INCIDENTS, type Range } from './ranges.js';

/** Links shown at most, those with most bytes first. */
const MOST_EDGES = 5000;

interface EdgeRow {
  readonly x: string;
  readonly y: string;
  readonly bytes: number;
  readonly flows: number;
  readonly troubled: boolean;
}

/** Pairs of hosts: from the largest peers of each minute, and from flows. */
const PAIRS = `WITH spoke AS (
    SELECT x, y, sum(bytes) AS bytes FROM (
      SELECT least(address, peer) AS x, greatest(address, peer) AS y, start_ms, max(bytes) AS bytes FROM peers
      WHERE start_ms >= $1 AND start_ms < $2 AND address <> peer GROUP BY ALL) GROUP BY x, y),
  flowed AS (
    SELECT least(originator, responder) AS x, greatest(originator, responder) AS y, count(*) AS flows,
      coalesce(sum(bytes), 0) AS bytes FROM flows WHERE end_ms >= $1 AND start_ms < $2 AND originator <> responder GROUP BY ALL),
  pairs AS (
    SELECT coalesce(s.x, f.x) AS x, coalesce(s.y, f.y) AS y, greatest(coalesce(s.bytes, 0), coalesce(f.bytes, 0)) AS bytes,
      coalesce(f.flows, 0) AS flows FROM spoke s FULL JOIN flowed f ON f.x = s.x AND f.y = s.y),
  accused AS (
    SELECT DISTINCT least(a.address, b.address) AS x, greatest(a.address, b.address) AS y FROM incident_hosts a
    JOIN incident_hosts b ON b.incident_id = a.incident_id AND a.role = 'source' AND b.role = 'target'
    JOIN incidents i ON i.id = a.incident_id WHERE i.hidden_by IS NULL),
  nodes AS (
    SELECT n.address, n.bytes, coalesce(hi.incidents, 0) AS incidents, hi.worst FROM (
      SELECT address, sum(bytes) AS bytes FROM (
        SELECT x AS address, bytes FROM pairs UNION ALL SELECT y, bytes FROM pairs) GROUP BY address) n
    LEFT JOIN (${HOST_INCIDENTS}) hi ON hi.address = n.address),
  shown AS (SELECT * FROM nodes ORDER BY (incidents > 0)::INTEGER * 1e12 + bytes DESC, address LIMIT $3::INTEGER)`;

/** Who talks to whom: at most `most` hosts, those in trouble first, then those with most bytes. */
export async function topology(queries: Queries, { fromMs, toMs }: Range, most: number): Promise<Topology> {
  const values = [fromMs, toMs, most];
  const [nodes, edges] = await Promise.all([
    queries.rows<{ address: string; bytes: number; incidents: number; worst: number | null; all_nodes: number }>(
      `${PAIRS} SELECT *, (SELECT count(*) FROM nodes) AS all_nodes FROM shown ORDER BY bytes DESC, address`,
      values,
    ),
    queries.rows<EdgeRow>(
      `${PAIRS} SELECT p.x, p.y, p.bytes, p.flows, a.x IS NOT NULL AS troubled FROM pairs p
       LEFT JOIN accused a ON a.x = p.x AND a.y = p.y
       WHERE p.x IN (SELECT address FROM shown) AND p.y IN (SELECT address FROM shown)
       ORDER BY troubled DESC, p.bytes DESC, p.x, p.y LIMIT ${MOST_EDGES}`,
      values,
    ),
  ]);
  const indexOf = new Map(nodes.map(({ address }, index) => [address, index]));
  const known = edges.filter(({ x, y }) => indexOf.has(x) && indexOf.has(y));
  return {
    nodes: nodes.map(({ address, bytes, incidents, worst }) => ({
      address,
      bytes,
      isInternal: isInternal(address),
      incidents,
      ...(worst === null ? {} : { worstSeverity: severityOf(worst) }),
    })),
    edges: known.map(({ x, y, bytes, flows, troubled }) => ({
      from: indexOf.get(x)!,
      to: indexOf.get(y)!,
      bytes,
      flows,
      isTroubled: troubled,
    })),
    omittedNodes: (nodes[0]?.all_nodes ?? 0) - nodes.length,
  };
}

/** RFC 1918, RFC 4193, RFC 6598, link-local, loopback, multicast and broadcast. */
const INTERNAL = [
  '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', '127.0.0.0/8', '224.0.0.0/3',
  '0.0.0.0/8', 'fc00::/7', 'fe80::/10', '::1/128', 'ff00::/8',
].map((text) => ({ isV4: !text.includes(':'), prefix: parsePrefix(text) })); // biome-ignore format: a list to read

/** Whether an address is not one of the public Internet. Text that is no address counts as internal. */
export function isInternal(address: string): boolean {
  try {
    const isV4 = isIpv4(parseAddress(address), 0);
    return INTERNAL.some((block) => block.isV4 === isV4 && isWithinPrefix(address, block.prefix));
  } catch {
    return true;
  }
}
