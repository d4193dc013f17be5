/** A stretch of capture time, `[fromMs, toMs)`. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Length of the windows that charts are made of, ms. */
export const WINDOW_MS = 10_000;

/** The stretch a request asks for; what it leaves open ends at `newestMs` and is `lengthMs` long. */
export function rangeOf(
  query: { fromMs?: number | undefined; toMs?: number | undefined },
  newestMs: number,
  lengthMs = Number.POSITIVE_INFINITY,
): Range {
  const toMs = query.toMs ?? newestMs + 1;
  return { fromMs: query.fromMs ?? Math.max(0, toMs - lengthMs), toMs };
}

/** Stretches up to this long are shown second by second where seconds are known, ms. */
export const FINE_MS = 15 * 60_000;

/** Length of steps, s: a multiple of the windows', so that about `steps` of them fill the range. */
export function stepFor({ fromMs, toMs }: Range, steps: number): number {
  const windowS = WINDOW_MS / 1000;
  const wantedS = (toMs - fromMs) / 1000 / steps;
  return Math.min(86_400, Math.max(windowS, Math.ceil(wantedS / windowS) * windowS));
}

/** LIMIT and OFFSET of a page. */
export function pageOf(query: { page?: number | undefined; pageSize?: number | undefined }) {
  const page = query.page ?? 1;
  const pageSize = query.pageSize ?? 50;
  return { page, pageSize, limit: `LIMIT ${Math.trunc(pageSize)} OFFSET ${Math.trunc((page - 1) * pageSize)}` };
}

/**
 * Hosts in trouble: `(address, start_ms, end_ms, severity_rank)` of those that an incident accuses, or that it says are
 * attacked when it accuses nobody. Without what is hidden or a false alarm.
 */
export const TROUBLE = `
  SELECT h.address, i.start_ms, i.end_ms, i.severity_rank, i.id FROM incidents i
  JOIN incident_hosts h ON h.incident_id = i.id LEFT JOIN triage t ON t.id = i.id
  WHERE i.hidden_by IS NULL AND coalesce(t.status, 'new') <> 'false-alarm' AND (h.role = 'source'
    OR NOT EXISTS (SELECT 1 FROM incident_hosts s WHERE s.incident_id = i.id AND s.role = 'source'))`;

/** Each host with its incidents, and how severe the worst is: `(address, incidents, worst)`. */
export const HOST_INCIDENTS = `
  SELECT h.address, count(DISTINCT i.id) AS incidents, max(i.severity_rank) AS worst FROM incident_hosts h
  JOIN incidents i ON i.id = h.incident_id WHERE i.hidden_by IS NULL GROUP BY h.address`;
