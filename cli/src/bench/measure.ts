import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.js';
import type { StageRequest, StageResult } from './stages.js';

const STAGE_PROCESS = fileURLToPath(new URL('./stage-process.js', import.meta.url));

/** Median of CPU time, and the largest memory, over `runs` runs, each in a process of its own. */
export function measureInProcesses(request: StageRequest, runs: number): StageResult {
  const results = Array.from({ length: runs }, () => runOnce(request));
  const { packets, incidents } = results[0]!;
  return {
    packets,
    incidents,
    cpuSeconds: median(results.map((r) => r.cpuSeconds)),
    peakBytes: Math.max(...results.map((r) => r.peakBytes)),
  };
}

function runOnce(request: StageRequest): StageResult {
  // Node.js reads these certificates when it starts; a stage connects to nothing.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [STAGE_PROCESS, JSON.stringify(request)], {
    encoding: 'utf8',
    env,
  });
  if (status === 0) return JSON.parse(stdout) as StageResult;
  const reason = /SourceError: (.*)/.exec(stderr)?.[1];
  if (reason) throw new UsageError(reason);
  if (signal)
    throw new UsageError(
      `the stage "${request.stage}" was ended by ${signal}. Out of memory, or stopped: run it again.`,
    );
  throw new Error(`the stage "${request.stage}" failed: ${stderr}`);
}

/** The middle value; the mean of the two middle ones for an even number. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}
