import { type Incident, SEVERITIES, type SensorHealth, type TrafficWindow } from '@weir/contracts';
import type { FlowItem } from '@weir/contracts/dashboard-api';
import type { FeedEvent, TrafficSecond } from '../feed/feed.js';
import type { Cell } from './database.js';
import { STAGED, type StagedTable } from './schema.js';

/** Windows that are kept: the shortest, for charts; and those of a minute, for who talks with whom. */
const CHART_WINDOW_MS = 10_000;
const PEER_WINDOW_MS = 60_000;

export type StagedRow = Readonly<Record<string, Cell>>;

/** Rows for each staged table, from the events of a batch. Incidents: the highest revision of each. */
export interface BatchRows {
  readonly tables: Readonly<Record<StagedTable, readonly StagedRow[]>>;
  readonly incidents: ReadonlyMap<string, Incident>;
  readonly flows: readonly FlowItem[];
  readonly windows: readonly TrafficWindow[];
  /** Newest of each second. */
  readonly seconds: ReadonlyMap<string, TrafficSecond>;
  /** Newest of each sensor. */
  readonly health: ReadonlyMap<string, SensorHealth>;
}

/** What `events` bring to the tables. `hiddenBy` says which suppression hides an incident. */
export function rowsOf(
  events: readonly FeedEvent[],
  heardAtMs: number,
  hiddenBy: (incident: Incident) => string | null,
): BatchRows {
  const tables = Object.fromEntries(STAGED.map((name) => [name, [] as StagedRow[]])) as Record<
    StagedTable,
    StagedRow[]
  >;
  const incidents = new Map<string, Incident>();
  const health = new Map<string, SensorHealth>();
  const seconds = new Map<string, TrafficSecond>();
  const flows: FlowItem[] = [];
  const windows: TrafficWindow[] = [];
  for (const event of events) {
    switch (event.kind) {
      case 'incident':
        keepNewest(incidents, event.incident);
        tables.restatements.push(restatementRow(event.incident));
        break;
      case 'flow':
        flows.push(event.flow);
        tables.flows.push(flowRow(event.flow));
        break;
      case 'window':
        if (isChartWindow(event.window)) windows.push(event.window);
        addWindow(tables, event.window);
        break;
      case 'second':
        seconds.set(`${event.second.startMs} ${event.second.sensor}`, event.second);
        break;
      case 'health':
        health.set(event.health.sensor, event.health);
    }
  }
  for (const incident of incidents.values()) addIncident(tables, incident, hiddenBy(incident));
  for (const message of health.values()) tables.health.push(healthRow(message, heardAtMs));
  for (const second of seconds.values()) tables.seconds.push(secondRow(second));
  return { tables, incidents, flows, windows, seconds, health };
}

function keepNewest(incidents: Map<string, Incident>, incident: Incident): void {
  const known = incidents.get(incident.id);
  if (!known || known.revision < incident.revision) incidents.set(incident.id, incident);
}

function addIncident(tables: Record<StagedTable, StagedRow[]>, incident: Incident, hiddenBy: string | null): void {
  tables.incidents.push(incidentRow(incident, hiddenBy));
  const hosts = (role: string, addresses: readonly string[]) =>
    [...new Set(addresses)].map((address) => ({ incident_id: incident.id, address, role }));
  tables.incident_hosts.push(...hosts('source', incident.sources), ...hosts('target', incident.targets));
}

function incidentRow(incident: Incident, hiddenBy: string | null): StagedRow {
  const { id, revision, kind, severity, state, title, summary, entity, confidence, score, magnitude, alerts } =
    incident;
  return {
    id, revision, kind, severity, severity_rank: SEVERITIES.indexOf(severity), state, title, summary, entity,
    domain: incident.domain ?? null, confidence, score, magnitude, alerts, start_ms: incident.startMs,
    end_ms: incident.endMs, detected_ms: incident.detectedAtMs, hidden_by: hiddenBy, json: JSON.stringify(incident),
  }; // biome-ignore format: columns in few lines
}

function restatementRow({ id, revision, state, severity, magnitude, alerts, endMs }: Incident): StagedRow {
  return { id, revision, state, severity, magnitude, alerts, end_ms: endMs };
}

function flowRow(flow: FlowItem): StagedRow {
  return {
    sensor: flow.sensor, community_id: flow.communityId, originator: flow.originator, responder: flow.responder,
    originator_port: flow.originatorPort, responder_port: flow.responderPort, protocol: flow.protocol,
    outcome: flow.outcome, start_ms: flow.startMs, end_ms: flow.endMs, packets: flow.packets,
    bytes: flow.bytes, originator_bytes: flow.originatorBytes,
    responder_bytes: flow.responderBytes, application: flow.application ?? null,
  }; // biome-ignore format: columns in few lines
}

function isChartWindow({ startMs, endMs }: TrafficWindow): boolean {
  return endMs - startMs === CHART_WINDOW_MS;
}

function addWindow(tables: Record<StagedTable, StagedRow[]>, window: TrafficWindow): void {
  if (isChartWindow(window)) tables.windows.push(windowRow(window));
  const { scope, address, startMs, endMs, topPeers } = window;
  if (scope !== 'host' || address === undefined || endMs - startMs !== PEER_WINDOW_MS) return;
  for (const peer of topPeers) tables.peers.push({ address, peer: peer.address, start_ms: startMs, bytes: peer.bytes });
}

function windowRow(window: TrafficWindow): StagedRow {
  return {
    scope: window.scope, address: window.address ?? '', part: window.partition, start_ms: window.startMs,
    packets: window.packets, bytes: window.bytes, connections: window.connections, failed_share: window.failedShare,
    tcp_share: window.tcpShare, udp_share: window.udpShare, icmp_share: window.icmpShare,
    destinations: window.destinations, ports: window.ports, gap_mean_ms: window.gapMeanMs,
    mean_packet_bytes: window.meanPacketBytes, json: window.scope === 'host' ? JSON.stringify(window) : '',
  }; // biome-ignore format: columns in few lines
}

function secondRow({ sensor, startMs, packets, bytes, ...of }: TrafficSecond): StagedRow {
  return { sensor, start_ms: startMs, packets, bytes, tcp: of.tcpPackets, udp: of.udpPackets, icmp: of.icmpPackets };
}

function healthRow(health: SensorHealth, heardAtMs: number): StagedRow {
  return { sensor: health.sensor, at_ms: health.atMs, heard_at: heardAtMs, json: JSON.stringify(health) };
}
