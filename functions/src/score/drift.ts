/**
 * Drift as the population stability index (PSI): how far the values of clean rows have moved from those that were learned.
 * PSI = Σ (a − e)·ln(a / e) over bins, a and e being the shares of rows now and then; it is the sum of both Kullback-Leibler
 * divergences (Jeffreys 1946), used under this name since Lewis 1994. Below 0.1 little has moved, above 0.25 much has
 * (Siddiqi 2006). By chance alone it is about (bins in use − 1)·(1/rows now + 1/rows then).
 */

/** Bins of one feature: unknown, and half steps of log2(1 + |x|), which hold any count, size or time. */
export const DRIFT_BINS = 34;
/** What a slot weighs after one more, so that what is compared is about the newest hour and a half. */
const KEPT_EACH_SLOT = 0.9;
/** Rows, weighed, without which nothing is said. */
const FEWEST_ROWS = 400;
/** Added to each bin, so that an empty one has a logarithm. Unit: row. */
const PRIOR_ROWS = 0.5;
/** Steps of a weighed row. */
const STEPS = 2 ** 20;
/** Features told. */
const MOST_TOLD = 5;

/** A PSI from which much has moved. */
export const DRIFT_ALARM = 0.25;

/** Rows by feature and bin, `DRIFT_BINS` a feature: when learning ended, and since. */
export interface DriftState {
  /** Empty while learning. */
  reference: Float64Array;
  recent: Float64Array;
}

/** One feature that has moved. */
export interface FeatureDrift {
  /** Index in the feature list. */
  readonly feature: number;
  readonly psi: number;
}

/** How far a network has moved from what was learned of it. */
export interface Drift {
  /** Rows compared with what was learned, newer ones weighing more. */
  readonly rows: number;
  /** The features that moved most, furthest first. */
  readonly features: readonly FeatureDrift[];
}

export function initialDriftState(): DriftState {
  return { reference: new Float64Array(0), recent: new Float64Array(0) };
}

/** Counts a clean row that came so many times. */
export function countRow(state: DriftState, features: Float32Array, times = 1): void {
  if (state.recent.length === 0) state.recent = new Float64Array(features.length * DRIFT_BINS);
  const { recent } = state;
  for (let k = 0; k < features.length; k++) recent[k * DRIFT_BINS + binOf(features[k]!)]! += times;
}

/** What was counted until now is what was learned. */
export function settleReference(state: DriftState): void {
  state.reference = state.recent;
  state.recent = new Float64Array(state.reference.length);
}

/** A slot is over: older rows weigh less. In steps, so that sums do not depend on the order in which rows are added. */
export function ageRows({ reference, recent }: DriftState): void {
  if (reference.length === 0) return;
  for (let k = 0; k < recent.length; k++) recent[k] = Math.round(recent[k]! * KEPT_EACH_SLOT * STEPS) / STEPS;
}

/** Undefined while learning, and until enough rows were seen since. */
export function driftOf({ reference, recent }: DriftState): Drift | undefined {
  const features = reference.length / DRIFT_BINS;
  const rows = sumOf(recent, 0);
  if (features === 0 || rows < FEWEST_ROWS) return undefined;
  const moved = Array.from({ length: features }, (_, feature) => ({
    feature,
    psi: psiOf(reference, recent, feature * DRIFT_BINS),
  }));
  moved.sort((a, b) => b.psi - a.psi || a.feature - b.feature);
  return { rows: Math.round(rows), features: moved.slice(0, MOST_TOLD) };
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);
/** Fraction of the square root of 2 as a float32 has it. */
const ROOT_OF_TWO = 0x3504f3;

/** 0 for what is not told; else 1 + ⌊2·log2(1 + |x|)⌋, read from exponent and fraction: a logarithm each would cost more. */
function binOf(value: number): number {
  if (Number.isNaN(value)) return 0;
  float[0] = 1 + Math.abs(value);
  const word = bits[0]!;
  const halves = 2 * ((word >>> 23) - 127) + ((word & 0x7fffff) >= ROOT_OF_TWO ? 1 : 0);
  return 1 + Math.min(DRIFT_BINS - 2, halves);
}

/** PSI of the feature whose bins begin at `from`. */
export function psiOf(reference: Float64Array, recent: Float64Array, from: number): number {
  const [then, now] = [sumOf(reference, from), sumOf(recent, from)];
  let psi = 0;
  for (let k = from; k < from + DRIFT_BINS; k++) {
    const [e, a] = [reference[k]!, recent[k]!];
    if (e === 0 && a === 0) continue;
    const was = (e + PRIOR_ROWS) / (then + PRIOR_ROWS);
    const is = (a + PRIOR_ROWS) / (now + PRIOR_ROWS);
    psi += (is - was) * Math.log(is / was);
  }
  return psi;
}

function sumOf(bins: Float64Array, from: number): number {
  let sum = 0;
  for (let k = from; k < from + DRIFT_BINS && k < bins.length; k++) sum += bins[k]!;
  return sum;
}
