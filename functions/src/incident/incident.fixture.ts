import { type Alert, END_OF_TIME_S, type Incident } from '@weir/contracts';
import type { AlertBatch, IncidentOutput } from '../runtime/port.js';
import { createIncidentFunction, type IncidentPartitionState, type IncidentSettings } from './index.js';

/** The one upstream of a bench. */
export const UPSTREAM = 'host/0';

/** An alert with what a test says of it. Times in seconds; it is seen two seconds after its last evidence. */
export function alertOf(
  said: Partial<Alert> & { id: string },
  times: { startS?: number; endS?: number; detectedS?: number } = {},
): Alert {
  const { startS = 0 } = times;
  const { endS = startS } = times;
  const { detectedS = endS + 2 } = times;
  return {
    detector: 'test',
    kind: 'port-scan',
    entity: '192.0.2.1',
    severity: 'medium',
    confidence: 0.8,
    score: 0.6,
    startMs: startS * 1000,
    endMs: endS * 1000,
    detectedAtMs: detectedS * 1000,
    sources: ['192.0.2.1'],
    targets: ['198.51.100.1'],
    sensors: ['office'],
    title: `title of ${said.id}`,
    summary: `summary of ${said.id}`,
    evidence: [{ measure: 'ports', unit: '1', value: 1 }],
    counterfactual: 'fewer ports',
    flows: [],
    techniques: [{ id: 'T1046', name: 'Network Service Discovery' }],
    advice: ['look'],
    blindness: { packetsDropped: 0, packetsLate: 0, flowsEvicted: 0, degraded: false },
    magnitude: 1.5,
    ...said,
  };
}

/** One partition with a single upstream unless told otherwise, and what it has emitted. */
export class Bench {
  readonly outputs: IncidentOutput[] = [];
  readonly incidents;
  state: IncidentPartitionState;
  private sequence = 0;

  constructor(settings: Partial<IncidentSettings> = {}) {
    this.incidents = createIncidentFunction({ upstreams: [UPSTREAM], ...settings });
    this.state = this.incidents.initialState('incident/0');
  }

  /** Sends alerts, and then time up to `watermarkS` (by default: all is known). */
  send(alerts: Alert[], watermarkS = END_OF_TIME_S): this {
    return this.sendBatch({ upstream: UPSTREAM, run: 0, sequence: this.sequence++, watermarkS, alerts });
  }

  sendBatch(batch: AlertBatch): this {
    this.incidents.transition(this.state, { kind: 'alert-batch', batch }, (output) =>
      this.outputs.push(structuredClone(output)),
    );
    return this;
  }

  get kinds(): string[] {
    return this.outputs.map(({ kind }) => kind.replace('incident-', ''));
  }

  get last(): Incident {
    return this.outputs.at(-1)!.incident;
  }
}
