import type { FlowItem, IncidentItem, TrafficPoint } from '@weir/contracts/dashboard-api';

/** Incidents kept in the page; older ones are asked for. */
export const MAX_INCIDENTS = 1000;
/** Flows kept in the live table. */
export const MAX_FLOWS = 5000;
/** Steps of traffic kept: an hour of ten seconds, twice over for a server that tells more. */
export const MAX_POINTS = 720;

/** Incidents with changes taken in, newest found first; a change replaces the one with its id unless that is newer. */
export function mergeIncidents(current: readonly IncidentItem[], changes: readonly IncidentItem[]): IncidentItem[] {
  const byId = new Map(current.map((incident) => [incident.id, incident]));
  for (const change of changes) {
    const known = byId.get(change.id);
    if (!known || known.revision <= change.revision) byId.set(change.id, change);
  }
  return [...byId.values()].sort(newestFirst).slice(0, MAX_INCIDENTS);
}

/** Order of the feed; ids decide ties so that nothing jumps. */
function newestFirst(a: IncidentItem, b: IncidentItem): number {
  return b.detectedAtMs - a.detectedAtMs || (a.id < b.id ? -1 : 1);
}

/** Steps with changes taken in, oldest first; a change replaces the step with its start. */
export function mergeTraffic(current: readonly TrafficPoint[], changes: readonly TrafficPoint[]): TrafficPoint[] {
  const byStart = new Map(current.map((point) => [point.startMs, point]));
  for (const change of changes) byStart.set(change.startMs, change);
  return [...byStart.values()].sort((a, b) => a.startMs - b.startMs).slice(-MAX_POINTS);
}

/** What makes two records one flow. */
export const flowKey = ({ communityId, startMs, sensor }: FlowItem) => `${communityId} ${startMs} ${sensor}`;

/** Flows with new ones on top, last heard first; a record of a known flow replaces it. */
export function mergeFlows(current: readonly FlowItem[], oldestFirst: readonly FlowItem[]): FlowItem[] {
  const fresh = new Map<string, FlowItem>();
  for (let i = oldestFirst.length - 1; i >= 0; i--) {
    const flow = oldestFirst[i]!;
    const key = flowKey(flow);
    if (!fresh.has(key)) fresh.set(key, flow);
  }
  const kept = current.filter((flow) => !fresh.has(flowKey(flow)));
  return [...fresh.values(), ...kept].slice(0, MAX_FLOWS);
}
