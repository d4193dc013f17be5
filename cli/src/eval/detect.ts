import type { PacketSource } from '@weir/capture-agent';
import type { Incident } from '@weir/contracts';
import type { DetectionConfig } from '@weir/functions';
import { runDetection } from '../pipeline.js';
import { IncidentLedger } from '../results/incident-ledger.js';

/** What one capture gave. */
export interface Detected {
  readonly packets: number;
  /** In their final state, by start. */
  readonly incidents: Incident[];
}

/** Runs all of detection over a capture. Rejects with a SourceError for what cannot be read. */
export async function detectInCapture(
  source: PacketSource,
  config: DetectionConfig,
  stop: AbortSignal,
): Promise<Detected> {
  const ledger = new IncidentLedger();
  const cuts = { maxBatchPackets: 4096, partitions: 1, tick: 'none' } as const;
  const { allowedLatenessMs } = config;
  // A signal of its own, as each run leaves a listener on it.
  const options = { ...cuts, source, sensor: 'eval', stop: AbortSignal.any([stop]), config, allowedLatenessMs };
  const { packets } = await runDetection(options, { incident: (change) => ledger.record(change) });
  return { packets, incidents: ledger.incidents() };
}
