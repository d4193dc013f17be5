import { Decoder } from '@weir/capture-agent';
import { DEFAULT_DETECTION_CONFIG, type RuntimeSink } from '@weir/functions';
import { blocksOf, runAgent, runDetection } from '../pipeline.js';
import { createRepeatedSource } from './repeated-source.js';

/** How far packets go. Each stage includes those before it. */
export const STAGES = ['read', 'decode', 'flow', 'records', 'count', 'whole'] as const;
export type Stage = (typeof STAGES)[number];

/** One measurement to make. */
export interface StageRequest {
  readonly stage: Stage;
  readonly path: string;
  readonly repeat: number;
}

/** One measurement. */
export interface StageResult {
  readonly packets: number;
  /** User and system time of the process from its start to the end of the stage, all threads. */
  readonly cpuSeconds: number;
  /** Largest resident set of the process. */
  readonly peakBytes: number;
  readonly incidents: number;
}

/**
 * Runs one stage in this process, which has done nothing before, and measures the process: loading and warming up count, as
 * they do for other programs.
 */
export async function measureStage(request: StageRequest): Promise<StageResult> {
  const { packets, incidents } = await runStage(request);
  const { user, system } = process.cpuUsage();
  return { packets, incidents, cpuSeconds: (user + system) / 1e6, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

async function runStage({ stage, path, repeat }: StageRequest): Promise<{ packets: number; incidents: number }> {
  const source = createRepeatedSource(path, repeat);
  const { signal: stop } = new AbortController();
  const { allowedLatenessMs } = DEFAULT_DETECTION_CONFIG;
  const sizes = { maxBatchPackets: 4096, partitions: 1, allowedLatenessMs };
  const options = { ...sizes, source, stop, sensor: 'bench', tick: 'none' } as const;
  switch (stage) {
    case 'read':
      return { packets: await readOnly(source), incidents: 0 };
    case 'decode':
      return { packets: (await runAgent(options, () => undefined)).packets, incidents: 0 };
    case 'flow':
    case 'records':
    case 'count':
    case 'whole': {
      const stages = stage === 'whole' ? 'all' : stage === 'count' ? 'count' : 'flow';
      return detect({ ...options, config: DEFAULT_DETECTION_CONFIG, stages }, stage === 'records');
    }
  }
}

async function readOnly(source: ReturnType<typeof createRepeatedSource>): Promise<number> {
  let packets = 0;
  await source.open();
  for await (const block of blocksOf(source, new Decoder().createBlock())) packets += block.count;
  await source.close();
  return packets;
}

async function detect(
  options: Parameters<typeof runDetection>[0],
  withRecords: boolean,
): Promise<{ packets: number; incidents: number }> {
  let incidents = 0;
  const sink: RuntimeSink = {
    // Taken and dropped. `weir analyze` writes none unless it is asked to.
    ...(withRecords ? { flowRecords: () => undefined } : {}),
    incident: ({ kind }) => {
      if (kind === 'incident-opened') incidents++;
    },
  };
  const { packets } = await runDetection(options, sink);
  return { packets, incidents };
}
