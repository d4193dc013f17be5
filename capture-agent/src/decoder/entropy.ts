/** Tables for the compiled core, which counts (capture-agent/decode-core/entropy.ts). */

/** Most bytes that are looked at: random bytes show 6.6 bit with a deviation of 0.06 there, text some 4.5. */
export const MAX_ENTROPY_BYTES = 128;
/** Fewer bytes say too little. */
export const MIN_ENTROPY_BYTES = 64;

/** Fixed point of the sums below: 128 · log2 128 · 2^20 stays under 2^31. */
const SCALE = 2 ** 20;

/** What counting one more of a byte value adds to the sum of c · log2 c, when it was counted c times before. */
export const STEP = Int32Array.from({ length: MAX_ENTROPY_BYTES }, (_, c) =>
  Math.round((countTerm(c + 1) - countTerm(c)) * SCALE),
);

/** Factor from entropy in bits to the column's unit, by number of bytes. */
export const SHARE = Float64Array.from({ length: MAX_ENTROPY_BYTES + 1 }, (_, n) =>
  n < MIN_ENTROPY_BYTES ? 0 : 254 / expectedEntropyBits(n),
);
/** log2, by number of bytes. */
export const LOG2 = Float64Array.from({ length: MAX_ENTROPY_BYTES + 1 }, (_, n) => Math.log2(Math.max(n, 1)));

function countTerm(c: number): number {
  return c === 0 ? 0 : c * Math.log2(c);
}

/**
 * Expected entropy of `n` uniformly random bytes as they are counted (plug-in estimate). Unit: bit per byte; 0 for none.
 * Exact: with H = log2 n − (1/n) Σ c·log2 c over 256 counts, each count is binomial (n, 1/256), so by linearity
 * E[H] = log2 n − (256/n) Σ_c P(c)·c·log2 c. Miller 1955 gives the first-order correction of the same estimate.
 */
export function expectedEntropyBits(n: number): number {
  if (n === 0) return 0;
  const p = 1 / 256;
  let probability = (1 - p) ** n;
  let sum = 0;
  for (let c = 0; c <= n; c++) {
    sum += probability * countTerm(c);
    probability *= ((n - c) / (c + 1)) * (p / (1 - p));
  }
  return Math.log2(n) - (256 / n) * sum;
}
