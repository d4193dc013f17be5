import type { Incident, SensorHealth, TrafficWindow } from '@weir/contracts';
import type { FlowItem } from '@weir/contracts/dashboard-api';
import type { FeedEvent, TrafficSecond } from './feed/feed.js';

/** Start of the made-up morning that tests are about. */
export const MORNING_MS = Date.UTC(2024, 4, 15, 9);

/** A port scan, as far as `parts` does not say otherwise. */
export function anIncident(parts: Partial<Incident> = {}): Incident {
  return {
    id: 'scan-1', state: 'open', revision: 0, entity: '10.0.0.9>10.0.0.2', alerts: 1, sensors: ['local'], magnitude: 3,
    kind: 'port-scan', severity: 'high', confidence: 0.9, score: 0.7, startMs: MORNING_MS + 20_000,
    endMs: MORNING_MS + 30_000, detectedAtMs: MORNING_MS + 31_000, sources: ['10.0.0.9'], targets: ['10.0.0.2'],
    title: '10.0.0.9 scans 10.0.0.2', summary: '90 ports.', evidence: [{ measure: 'ports', unit: 'port', value: 90, threshold: 30 }],
    counterfactual: 'Fewer ports.', flows: [{ communityId: '1:abc', originator: '10.0.0.9:5000', responder: '10.0.0.2:443', protocol: 6 }],
    techniques: [{ id: 'T1046', name: 'Network Service Discovery' }], advice: ['Look.'],
    blindness: { packetsDropped: 0, packetsLate: 0, flowsEvicted: 0, degraded: false },
    ...parts,
  }; // biome-ignore format: fields in few lines
}

export function aFlow(parts: Partial<FlowItem> = {}): FlowItem {
  return {
    communityId: '1:abc', originator: '10.0.0.9', responder: '10.0.0.2', originatorPort: 5000, responderPort: 443,
    protocol: 6, outcome: 'rejected', startMs: MORNING_MS + 20_000, endMs: MORNING_MS + 20_010, sensor: 'local',
    packets: 2, bytes: 120, originatorBytes: 60, responderBytes: 60, application: 'tls', ...parts,
  }; // biome-ignore format: fields in few lines
}

/** Ten seconds of the network; of a host when `address` is given. */
export function aWindow(parts: Partial<TrafficWindow> = {}): TrafficWindow {
  const startMs = parts.startMs ?? MORNING_MS + 20_000;
  return {
    scope: parts.address === undefined ? 'network' : 'host', partition: 0, startMs, endMs: startMs + 10_000, packets: 1000,
    bytes: 500_000, connections: 50, sources: 5, destinations: 9, ports: 4, meanPacketBytes: 500, tcpShare: 0.8,
    udpShare: 0.15, icmpShare: 0.05, gapMeanMs: 3, gapDeviationMs: 1, packetsPerConnection: 20, failedShare: 0.1,
    topPeers: [], ...parts,
  }; // biome-ignore format: fields in few lines
}

/** A second of the network. */
export function aSecond(parts: Partial<TrafficSecond> = {}): TrafficSecond {
  return {
    sensor: 'local', startMs: MORNING_MS + 20_000, packets: 100, bytes: 50_000, tcpPackets: 80, udpPackets: 15, icmpPackets: 5,
    ...parts,
  }; // biome-ignore format: fields in few lines
}

export function aHealth(parts: Partial<SensorHealth> = {}): SensorHealth {
  return {
    sensor: 'local', atMs: MORNING_MS + 31_000, packetsCaptured: 5000, packetsDroppedByKernel: 0,
    packetsDroppedByInterface: 0, packetsLate: 0, packetsUndecoded: 0, breaches: {}, ...parts,
  }; // biome-ignore format: fields in few lines
}

/** The whole of the morning: three incidents, their flows, windows of the network and of a host, health, and seconds of two sensors. */
export function aMorning(): FeedEvent[] {
  return [
    { kind: 'incident', incident: anIncident() },
    { kind: 'incident', incident: anIncident({ id: 'tunnel', kind: 'dns-tunnel', severity: 'low', domain: 'x.example.org', sources: ['10.0.0.7'], title: '<b>tunnel</b> 100%', magnitude: 1.5, entity: 'x.example.org' }) },
    { kind: 'incident', incident: anIncident({ id: 'flood', kind: 'syn-flood', severity: 'medium', state: 'closed', sources: [], magnitude: 9 }) },
    { kind: 'flow', flow: aFlow() },
    { kind: 'flow', flow: aFlow({ communityId: '1:def', originator: '10.0.0.3', responder: '198.51.100.7', outcome: 'finished', bytes: 9000 }) },
    ...[0, 1, 2, 3, 4, 5, 6].flatMap((n): FeedEvent[] => [
      { kind: 'window', window: aWindow({ startMs: MORNING_MS + n * 10_000 }) },
      { kind: 'window', window: aWindow({ startMs: MORNING_MS + n * 10_000, address: '10.0.0.9', packets: 300 + n, bytes: 1000 }) },
    ]),
    { kind: 'window', window: aWindow({ startMs: MORNING_MS, endMs: MORNING_MS + 60_000, address: '10.0.0.9', topPeers: [{ address: '10.0.0.2', bytes: 777 }] }) },
    { kind: 'health', health: aHealth({ packetsDroppedByKernel: 500 }) },
    ...[20, 21, 75].map((n): FeedEvent => ({ kind: 'second', second: aSecond({ startMs: MORNING_MS + n * 1000, packets: 10 * n }) })),
    { kind: 'second', second: aSecond({ startMs: MORNING_MS + 21_000, packets: 300 }) },
    { kind: 'second', second: aSecond({ startMs: MORNING_MS + 21_000, packets: 7, sensor: 'other' }) },
  ]; // biome-ignore format: one event a line
}
