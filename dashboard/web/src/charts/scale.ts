/** A value as a place in [0, 1] between two others, by the logarithm; clamped. `low` and `high` are above 0. */
export function logPlace(value: number, low: number, high: number): number {
  if (!(high > low)) return 0.5;
  const place = Math.log(Math.max(value, low) / low) / Math.log(high / low);
  return Math.min(1, Math.max(0, place));
}

/** Powers of ten within [low, high], at most about `most` of them. */
export function decades(low: number, high: number, most: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first + 1) / most));
  const marks: number[] = [];
  for (let exponent = first; exponent <= last; exponent += step) marks.push(10 ** exponent);
  return marks;
}

/** Measured, normal and threshold as places in [0, 1] of one axis, so that their distances can be compared by eye. */
export interface EvidenceScale {
  readonly value: number;
  readonly normal: number | undefined;
  readonly threshold: number | undefined;
  /** Whether distances are ratios. */
  readonly isLogarithmic: boolean;
}

/** Where the parts of a piece of evidence stand. Linear for shares; by the logarithm when they are far apart. */
export function evidenceScale(value: number, normal?: number, threshold?: number): EvidenceScale {
  const present = [value, normal, threshold].filter((x): x is number => x !== undefined && Number.isFinite(x));
  const high = Math.max(...present, 0);
  const least = Math.min(...present.filter((x) => x > 0));
  const isLogarithmic = high / least > 8 && Math.min(...present) >= 0;
  const low = least / 2;
  const top = high > 1 || value < 0 ? high : Math.max(high, Math.min(1, high * 1.25));
  const place = (x: number | undefined) => {
    if (x === undefined) return undefined;
    if (top <= 0) return 0;
    return 0.96 * (isLogarithmic ? logPlace(x, low, top) : Math.max(0, x / top));
  };
  return { value: place(value) ?? 0, normal: place(normal), threshold: place(threshold), isLogarithmic };
}
