/** How regular a series of gaps and of sizes is, as scores in [0, 1]. */

/** The value that `share` of the values lie below; 0 without values. */
export function quantile(values: ArrayLike<number>, share: number): number {
  // Typed arrays sort numbers as such, several times as fast as a comparison would.
  const sorted = new Float64Array(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The median; 0 without values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * How regular the gaps are: 1 for a clock, about 0.5 with a jitter of ±50 %, near 0 for events that come at random
 * (whose median absolute deviation is 0.7 of the median). The better of two views: how close gaps lie to their median,
 * and how close they lie to multiples of a base gap, as where some beats are missing. 0 below three gaps.
 */
export function intervalScore(gaps: readonly number[]): number {
  if (gaps.length < 3) return 0;
  const middle = median(gaps);
  if (middle <= 0) return 0;
  const deviation = median(gaps.map((gap) => Math.abs(gap - middle)));
  return Math.max(clampShare(1 - (2 * deviation) / middle), 0.9 * latticeScore(gaps));
}

/** How close gaps lie to whole multiples of their 20 % quantile: 1 on them, 0 where they are spread evenly between. */
function latticeScore(gaps: readonly number[]): number {
  const base = quantile(gaps, 0.2);
  if (base <= 0) return 0;
  const offs = gaps.map((gap) => Math.abs(gap / base - Math.max(1, Math.round(gap / base))));
  const mean = offs.reduce((sum, off) => sum + Math.min(0.5, off), 0) / offs.length;
  return clampShare(1 - 4 * mean);
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
