/**
 * Score in [0, 1] of a magnitude (measured over threshold): 0.5 just at the threshold, 0.2 more for each factor of ten,
 * and no more than 1; 0 for a magnitude of 0, below 0 or not a number. Rounded to four decimals, so that machines whose
 * logarithms differ in the last digit agree.
 */
export function scoreOf(magnitude: number): number {
  if (!(magnitude > 0)) return 0;
  const score = 0.5 + 0.2 * Math.log10(magnitude);
  return Math.round(Math.min(1, Math.max(0, score)) * 10_000) / 10_000;
}

/**
 * Magnitude at which an incident of this magnitude is next restated: the next power of two above it; 1 for a magnitude
 * below 1 or not a number, so that tiny ones are not restated for each doubling; infinity stays.
 */
export function nextRestatement(magnitude: number): number {
  let next = 1;
  while (next <= magnitude && next < Number.POSITIVE_INFINITY) next *= 2;
  return next;
}
