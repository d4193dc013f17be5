/**
 * Sample standard deviation (n − 1) from the number of samples, their sum and the sum of their squares; 0 below two
 * samples, and where rounding would take the variance below 0. Unit: that of the samples. Exact to rounding as long as
 * the sums are exact (whole numbers below 2^53); the difference of large sums loses digits where the deviation is tiny
 * beside the mean (Welford 1962 discusses it).
 */
export function sampleDeviation(samples: number, sum: number, squareSum: number): number {
  if (samples < 2) return 0;
  return Math.sqrt(Math.max(0, (squareSum - (sum * sum) / samples) / (samples - 1)));
}

/** `part / whole`; 0 when `whole` is 0. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
