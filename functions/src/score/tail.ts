import type { Calibration } from '@weir/contracts';

/** How far beyond its sample a tail may say a score is rarer still. */
const BEYOND_SAMPLE = 1000;

/** How rare a score is among benign rows, in (0, 1]. */
export interface Tail {
  /** What it was made of. */
  readonly calibration: Calibration;
  probability(score: number): number;
}

/** The tail that a manifest tells: empirical inside its sample, fitted outside, and capped. */
export function tailOf(calibration: Calibration): Tail {
  const { rows, quantiles, tail } = calibration;
  const shares = quantiles.map(([quantile]) => quantile);
  const scores = quantiles.map(([, score]) => score);
  const least = 1 / (BEYOND_SAMPLE * rows);
  return {
    calibration,
    probability(score) {
      const isFitted = tail !== undefined && score > tail.threshold;
      const p = isFitted
        ? tail.share * pareto((score - tail.threshold) / tail.scale, tail.shape)
        : 1 - shareBelow(score);
      return Math.min(1, Math.max(least, p));
    },
  };

  function shareBelow(score: number): number {
    const last = scores.length - 1;
    if (!(score > scores[0]!)) return 0;
    if (score >= scores[last]!) return shares[last]!;
    const k = firstAbove(scores, score);
    const within = (score - scores[k - 1]!) / (scores[k]! - scores[k - 1]!);
    return shares[k - 1]! + within * (shares[k]! - shares[k - 1]!);
  }
}

/** P(X > x) of the generalised Pareto distribution with scale 1; Pickands 1975. 0 past a bounded end. */
function pareto(x: number, shape: number): number {
  if (Math.abs(shape) < 1e-9) return Math.exp(-x);
  const base = 1 + shape * x;
  return base <= 0 ? 0 : base ** (-1 / shape);
}

/** Index of the first of `ascending` that is above `value`. */
function firstAbove(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Where the fitted tail of a sample begins to be looked at, as a share of the sample. */
const EXCESS_FROM = 0.98;
const QUANTILES = 512;

/**
 * The calibration that a sample of benign scores gives: its quantiles, and beyond its largest an exponential tail whose
 * scale is the mean excess over its 98th percentile. `scores` is sorted in place; it must not be empty.
 */
export function calibrationOf(scores: Float64Array): Calibration {
  scores.sort();
  const rows = scores.length;
  const at = (quantile: number) => scores[Math.min(rows - 1, Math.floor(quantile * rows))]!;
  const share = rows / (rows + 1);
  const quantiles: [number, number][] = [];
  for (let k = 0; k < QUANTILES; k++) quantiles.push([(k / QUANTILES) * share, at(k / QUANTILES)]);
  const top = Math.min(rows, 64);
  for (let k = top; k >= 1; k--) quantiles.push([1 - k / (rows + 1), scores[rows - k]!]);
  const threshold = scores[rows - 1]!;
  const tail = { threshold, shape: 0, scale: excessScale(scores, at(EXCESS_FROM)), share: 1 / (rows + 1) };
  return { rows, quantiles: ascending(quantiles), tail };
}

/** By share; of equal scores the lowest share, so that rows that are alike are as rare as all of them together. */
function ascending(quantiles: [number, number][]): [number, number][] {
  quantiles.sort((a, b) => a[0] - b[0]);
  return quantiles.filter(([, score], k) => k === 0 || score > quantiles[k - 1]![1]);
}

function excessScale(sorted: Float64Array, from: number): number {
  const above = sorted.filter((score) => score >= from);
  const mean = above.reduce((sum, score) => sum + score - from, 0) / Math.max(1, above.length);
  return Math.max(mean, 1e-4);
}
