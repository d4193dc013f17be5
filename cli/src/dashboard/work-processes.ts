import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Analyser, type AnalysisResult, type Generator, RequestError } from '@weir/dashboard-server';
import type { DetectionFiles } from '../rules/with-rules.js';
import type { FileProgress } from './analyse-file.js';
import { GENERATED_ATTACKS } from './generate-file.js';
import type { WorkOrder } from './work-process.js';

/** What a process says of its work. */
export type WorkAnswer =
  | { readonly kind: 'progress'; readonly progress: FileProgress }
  | { readonly kind: 'found'; readonly result: AnalysisResult }
  | { readonly kind: 'made' }
  | { readonly kind: 'refused' | 'failed'; readonly message: string };

/** Memory that a file may take while it is looked into, MB. */
const HEAP_MB = 768;
const MOST_SECONDS = 3600;
/** The program of each process; stands in for another in tests. */
const PROGRAM = fileURLToPath(new URL('./work-process.js', import.meta.url));

/** Looks into each file in a process of its own, which reads the settings anew: a run's own may be large. */
export function createAnalyser(files: DetectionFiles, program = PROGRAM): Analyser {
  return {
    analyse: async ({ path, fileName, stop, onProgress }) => {
      const answer = await runProcess(program, { kind: 'analyse', path, files }, { stop, onProgress }).catch(
        (error: Error) => {
          // The user knows the file by the name it came with.
          if (error instanceof RequestError) throw new RequestError(422, error.message.replaceAll(path, fileName));
          throw error;
        },
      );
      if (answer.kind === 'found') return answer.result;
      throw new Error(`an analysis answered "${answer.kind}"`);
    },
  };
}

/** Makes each piece of sample data in a process of its own. */
export function createGenerator(program = PROGRAM): Generator {
  return {
    options: () => ({ attacks: GENERATED_ATTACKS, formats: ['pcap', 'csv'], maxDurationS: MOST_SECONDS }),
    generate: async (request, { data, truth, stop }) => {
      if (request.attacks.length > 1) {
        throw new RequestError(422, 'One attack at a time. For several choose "day", which has them all.');
      }
      await runProcess(program, { kind: 'generate', request, data, truth }, { stop, onProgress: () => undefined });
    },
  };
}

function runProcess(
  program: string,
  order: WorkOrder,
  { stop, onProgress }: { stop: AbortSignal; onProgress: (progress: FileProgress) => void },
): Promise<WorkAnswer> {
  return new Promise((resolve, reject) => {
    const child = fork(program, [JSON.stringify(order)], {
      execArgv: [`--max-old-space-size=${HEAP_MB}`],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    const kill = () => child.kill('SIGKILL');
    stop.addEventListener('abort', kill, { once: true });
    if (stop.aborted) kill();
    child.on('message', (message: WorkAnswer) => {
      if (message.kind === 'progress') onProgress(message.progress);
      else if (message.kind === 'refused') reject(new RequestError(422, message.message));
      else if (message.kind === 'failed') reject(new Error(message.message));
      else resolve(message);
    });
    child.on('error', reject);
    child.on('exit', () => {
      stop.removeEventListener('abort', kill);
      const why = stop.aborted
        ? 'It was ended, or took longer than is allowed.'
        : 'The file needs more memory than one analysis may take. Analyse it with weir analyze.';
      reject(new RequestError(422, why));
    });
  });
}
