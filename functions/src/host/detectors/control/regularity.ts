/** How regular a series of gaps and of sizes is, as scores in [0, 1]. */

/** The median; 0 without values. */
export function median(values: readonly number[]): number {
  return quantile(ascending(values), 0.5);
}

/** Of short series, as all are here. Filled anew by each call. */
const scratch = new Float64Array(64);

// By insertion: series are of a few dozen, for which a call of the system's sort takes twice as long.
function ascending(values: readonly number[]): Float64Array {
  if (values.length > scratch.length) return new Float64Array(values).sort();
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    let at = k;
    for (; at > 0 && scratch[at - 1]! > value; at--) scratch[at] = scratch[at - 1]!;
    scratch[at] = value;
  }
  return scratch.subarray(0, values.length);
}

/** The value that `share` of the sorted values lie below; 0 without values. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/**
 * How regular the gaps are: 1 for a clock, about 0.5 with a jitter of ±50 %, near 0 for events that come at random
 * (whose median absolute deviation is 0.7 of the median). The better of two views: how close gaps lie to their median,
 * and how close they lie to multiples of a base gap, as where some beats are missing. 0 below three gaps.
 */
export function intervalScore(gaps: readonly number[]): number {
  if (gaps.length < 3) return 0;
  const sorted = ascending(gaps);
  const middle = quantile(sorted, 0.5);
  if (middle <= 0) return 0;
  const spread = clampShare(1 - (2 * medianDeviation(sorted)) / middle);
  return spread === 1 ? 1 : Math.max(spread, 0.9 * latticeScore(gaps, quantile(sorted, 0.2)));
}

/** Median of the distances from the median: found by going outward from it, nearest first. */
function medianDeviation(sorted: Float64Array): number {
  const rank = Math.floor(sorted.length / 2);
  const middle = sorted[rank]!;
  let [below, above, distance] = [rank - 1, rank, 0];
  for (let k = 0; k <= rank; k++) {
    const down = below < 0 ? Number.POSITIVE_INFINITY : middle - sorted[below]!;
    const up = above < sorted.length ? sorted[above]! - middle : Number.POSITIVE_INFINITY;
    distance = Math.min(down, up);
    if (down < up) below--;
    else above++;
  }
  return distance;
}

/** How close gaps lie to whole multiples of a base gap: 1 on them, 0 where they are spread evenly between. */
function latticeScore(gaps: readonly number[], base: number): number {
  if (base <= 0) return 0;
  let sum = 0;
  for (const gap of gaps) sum += Math.min(0.5, Math.abs(gap / base - Math.max(1, Math.round(gap / base))));
  return clampShare(1 - (4 * sum) / gaps.length);
}

/** How alike sizes are: 1 when equal, 0 from a standard deviation of half the mean. Without sizes 0.5: nothing is known. */
export function sizeScore({ count, sum, squareSum }: { count: number; sum: number; squareSum: number }): number {
  if (count < 2 || sum <= 0) return 0.5;
  const mean = sum / count;
  const variance = Math.max(0, squareSum / count - mean * mean);
  return clampShare(1 - (2 * Math.sqrt(variance)) / mean);
}

export function clampShare(value: number): number {
  return Math.min(1, Math.max(0, value));
}
