import { Readable } from 'node:stream';
import { createCaptureFileSource } from '@weir/capture-agent';
import type { Incident } from '@weir/contracts';
import { DEFAULT_DETECTION_CONFIG, type DetectionConfig } from '@weir/functions';
import { runDetection } from '../pipeline.js';
import { type TrafficOptions, type TruthRow, writeTraffic } from '../traffic/index.js';

/** What was made, and what the detectors made of it. */
export interface Detected {
  readonly truth: readonly TruthRow[];
  /** In their final state. */
  readonly incidents: readonly Incident[];
  readonly packets: number;
}

/** Makes traffic in memory and sends it through all of the detection, from the bytes of its capture on. */
export async function detectTraffic(
  options: TrafficOptions,
  config: DetectionConfig = DEFAULT_DETECTION_CONFIG,
): Promise<Detected> {
  const chunks: Uint8Array[] = [];
  const { truth } = await writeTraffic(options, (chunk) => void chunks.push(chunk));
  const incidents = new Map<string, Incident>();
  const source = createCaptureFileSource({ path: '-', standardInput: Readable.from(chunks) });
  const { allowedLatenessMs } = config;
  const run = { source, sensor: 'sample', partitions: 1, maxBatchPackets: 4096, allowedLatenessMs, config } as const;
  const { packets } = await runDetection(
    { ...run, tick: 'none', stop: new AbortController().signal },
    { incident: ({ incident }) => void incidents.set(incident.id, incident), flowRecords: () => undefined },
  );
  return { truth, incidents: [...incidents.values()], packets };
}
