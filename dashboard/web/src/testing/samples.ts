import type { FlowItem, IncidentItem, TrafficPoint } from '@weir/contracts/dashboard-api';

/** An incident for tests; what matters is given, the rest is filled in. */
export function sampleIncident(parts: Partial<IncidentItem> = {}): IncidentItem {
  return {
    id: 'a', kind: 'port-scan', severity: 'high', state: 'open', revision: 0, title: 'a scan', summary: 'ports', entity: 'x',
    confidence: 0.9, score: 0.8, magnitude: 16, alerts: 1, startMs: 1000, endMs: 2000, detectedAtMs: 2000,
    sources: ['10.0.0.1'], targets: ['10.0.0.2'], sensors: ['local'], techniques: ['T1046'],
    triage: { status: 'new', notes: 0 }, ...parts,
  }; // biome-ignore format: a list to read
}

/** A flow for tests. */
export function sampleFlow(parts: Partial<FlowItem> = {}): FlowItem {
  return {
    communityId: '1:a', originator: '10.0.0.1', responder: '10.0.0.2', originatorPort: 50_000, responderPort: 443,
    protocol: 6, outcome: 'established', startMs: 1000, endMs: 2000, sensor: 'local',
    packets: 4, bytes: 400, originatorBytes: 200, responderBytes: 200, ...parts,
  }; // biome-ignore format: a list to read
}

/** A step of traffic for tests. */
export function samplePoint(parts: Partial<TrafficPoint> = {}): TrafficPoint {
  return {
    startMs: 0, packets: 100, bytes: 1000, connections: 10, anomalousPackets: 10, anomalousBytes: 100,
    failedShare: 0, tcpShare: 1, udpShare: 0, icmpShare: 0, ...parts,
  }; // biome-ignore format: a list to read
}
