import { createRequire } from 'node:module';
import type { Tensor } from 'onnxruntime-node';

/** A graph that was loaded. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** One output for a matrix of `rows` rows, row-major. Throws what the runtime throws. */
  run(names: { input: string; output: string }, matrix: Float32Array, rows: number): Tensor;
}

const OPTIONS = {
  executionProviders: ['cpu'],
  // One thread each: functions scale by processes, and results do not depend on how work is split.
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4,
} as const;

/**
 * The runtime, loaded when the first model is: most commands need none. Its public calls wait for a turn of the event loop and
 * then do the same as those of its binding; with these a transition that scores stays a plain function of state and input.
 * The version is pinned, and the tests of models hold what is used of it.
 */
function loadRuntime() {
  // It would tell its maker of each session: a sensor tells nobody anything. Read when the library is loaded.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  const load = createRequire(import.meta.url);
  const { binding, initOrt } = load(
    'onnxruntime-node/dist/binding.js',
  ) as typeof import('onnxruntime-node/dist/binding.js');
  const { Tensor } = load('onnxruntime-node') as typeof import('onnxruntime-node');
  initOrt();
  return { Tensor, InferenceSession: binding.InferenceSession };
}

/** A session on the bytes of a graph. Throws what the runtime throws. */
export function openSession(bytes: Uint8Array): Session {
  const { Tensor, InferenceSession } = loadRuntime();
  const session = new InferenceSession();
  session.loadModel(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength, OPTIONS);
  return {
    inputNames: session.inputMetadata.map(({ name }) => name),
    outputNames: session.outputMetadata.map(({ name }) => name),
    run({ input, output }, matrix, rows) {
      const tensor = new Tensor('float32', matrix, [rows, matrix.length / rows]);
      return session.run({ [input]: tensor }, { [output]: null }, {})[output] as Tensor;
    },
  };
}
