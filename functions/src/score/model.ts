import type { ModelManifest } from '@weir/contracts';
import { ModelError } from './model-error.js';
import { openSession, type Session } from './session.js';

/** Scores are rounded to this, as kernels differ in the last digits between batch sizes and machines. */
const SCORE_STEPS = 10_000;

/** A model that was loaded and checked. */
export interface Model {
  readonly manifest: ModelManifest;
  /** Scores `rows` rows of `matrix`, row-major; higher is stranger, in steps of 1e-4. Throws a ModelError. */
  score(matrix: Float32Array, rows: number): Float64Array;
}

/** A model from the bytes of its graph. Throws a ModelError when it does not fit its manifest. */
export function openModel(manifest: ModelManifest, bytes: Uint8Array): Model {
  const { id, input, output } = manifest;
  const session = loaded(id, bytes);
  checkName(id, 'input', input, session.inputNames);
  checkName(id, 'output', output, session.outputNames);
  if (session.inputNames.length !== 1)
    throw new ModelError(id, `it has ${session.inputNames.length} inputs. Expected one.`);
  const model = modelOf(manifest, session);
  probe(model);
  return model;
}

function loaded(id: string, bytes: Uint8Array): Session {
  try {
    return openSession(bytes);
  } catch (error) {
    throw new ModelError(id, `the runtime cannot load it (${firstLine(error)}). Export it again.`);
  }
}

function checkName(id: string, what: string, name: string | undefined, names: readonly string[]): void {
  if (name !== undefined && names.includes(name)) return;
  throw new ModelError(id, `its manifest names the ${what} "${name}", its graph has ${names.join(', ') || 'none'}.`);
}

function modelOf(manifest: ModelManifest, session: Session): Model {
  const { id } = manifest;
  const [input, output] = [manifest.input!, manifest.output!];
  const width = manifest.features.length;
  return {
    manifest,
    score(matrix, rows) {
      if (rows === 0) return new Float64Array(0);
      try {
        return rounded(id, session.run({ input, output }, matrix.subarray(0, rows * width), rows), rows);
      } catch (error) {
        if (error instanceof ModelError) throw error;
        throw new ModelError(id, `it fails on ${rows} rows of ${width} features (${firstLine(error)}).`);
      }
    },
  };
}

function rounded(id: string, { type, data, size }: ReturnType<Session['run']>, rows: number): Float64Array {
  if (type !== 'float32' || size !== rows)
    throw new ModelError(id, `it gives ${size} numbers of ${type} for ${rows} rows. Expected one float32 a row.`);
  const scores = new Float64Array(rows);
  const raw = data as Float32Array;
  // What is no number is told as the least strange: a fault must not raise an alarm.
  for (let k = 0; k < rows; k++) scores[k] = Math.round(raw[k]! * SCORE_STEPS) / SCORE_STEPS || 0;
  return scores;
}

/** Two rows, one of unknown values and one of zeros, must give two numbers. */
function probe(model: Model): void {
  const width = model.manifest.features.length;
  const rows = new Float32Array(2 * width).fill(Number.NaN, 0, width);
  const scores = model.score(rows, 2);
  if (!scores.every(Number.isFinite)) throw new ModelError(model.manifest.id, 'it gives no number for a plain row.');
}

function firstLine(error: unknown): string {
  return String((error as Error)?.message ?? error)
    .split('\n')[0]!
    .slice(0, 200);
}
