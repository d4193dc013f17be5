/** A process of its own for what users ask of files, so that a hostile one can harm nothing else: one job, then the end. */
import { SourceError } from '@weir/capture-agent';
import { UsageError } from '../errors.js';
import { type DetectionFiles, detectionConfigOf } from '../rules/with-rules.js';
import { TrafficOptionError } from '../traffic/index.js';
import { analyseFile, type FileProgress } from './analyse-file.js';
import { type GenerationRequest, generateFile } from './generate-file.js';
import type { WorkAnswer } from './work-processes.js';

/** What the process is to do, as its one argument in JSON. */
export type WorkOrder =
  | { readonly kind: 'analyse'; readonly path: string; readonly files: DetectionFiles }
  | { readonly kind: 'generate'; readonly request: GenerationRequest; readonly data: string; readonly truth: string };

const PROGRESS_EACH_MS = 200;

const answer = (message: WorkAnswer) =>
  new Promise<void>((resolve) => {
    if (process.send) process.send(message, () => resolve());
    else resolve();
  });

async function work(order: WorkOrder): Promise<WorkAnswer> {
  if (order.kind === 'generate') {
    await generateFile(order.request, order);
    return { kind: 'made' };
  }
  let toldAtMs = 0;
  const config = await detectionConfigOf(order.files);
  const onProgress = (progress: FileProgress) => {
    if (performance.now() - toldAtMs < PROGRESS_EACH_MS) return;
    toldAtMs = performance.now();
    void answer({ kind: 'progress', progress });
  };
  const result = await analyseFile(order.path, { config, stop: new AbortController().signal, onProgress });
  return { kind: 'found', result };
}

try {
  await answer(await work(JSON.parse(process.argv[2] ?? '{}') as WorkOrder));
} catch (error) {
  const isForUser = [SourceError, TrafficOptionError, UsageError].some((kind) => error instanceof kind);
  const { message, stack } = error as Error;
  await answer({ kind: isForUser ? 'refused' : 'failed', message: isForUser ? message : (stack ?? message) });
}
process.disconnect?.();
