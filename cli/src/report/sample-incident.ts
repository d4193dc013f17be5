import type { Incident } from '@weir/contracts';

/** A made-up incident for tests, with some fields replaced. Addresses are from the documentation ranges (RFC 5737). */
export function sampleIncident(replaced: Partial<Incident> = {}): Incident {
  return {
    id: 'a1',
    state: 'closed',
    revision: 3,
    entity: '192.0.2.7',
    alerts: 4,
    sensors: ['local'],
    magnitude: 12.5,
    kind: 'port-scan',
    severity: 'high',
    confidence: 0.9,
    score: 0.7,
    startMs: Date.UTC(2024, 4, 15, 9, 1, 20),
    endMs: Date.UTC(2024, 4, 15, 9, 1, 40),
    detectedAtMs: Date.UTC(2024, 4, 15, 9, 1, 22),
    sources: ['192.0.2.7'],
    targets: ['198.51.100.10'],
    title: '192.0.2.7 probes ports of 198.51.100.10',
    summary: '192.0.2.7 tried 1,000 ports of 198.51.100.10 in 20 s; 990 refused.',
    evidence: [
      { measure: 'distinct ports tried in 10 s', unit: '1', value: 500, normal: 3, threshold: 40 },
      { measure: 'share of tries that failed', unit: '%', value: 99.04, threshold: 60 },
    ],
    counterfactual: 'At most 40 distinct ports in 10 s.',
    flows: [],
    techniques: [{ id: 'T1046', name: 'Network Service Discovery' }],
    advice: ['Ask the owner of 192.0.2.7 whether this is a planned scan.', 'Block 192.0.2.7 if it is not.'],
    blindness: { packetsDropped: 0, packetsLate: 0, flowsEvicted: 0, degraded: false },
    ...replaced,
  };
}
