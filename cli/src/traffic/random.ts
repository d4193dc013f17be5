/**
 * Seeded randomness that gives the same numbers on every engine: only integer operations and the basic arithmetic that
 * IEEE 754 fixes bit for bit. `Math.log` and `Math.exp` may differ between engine versions, so they are not used.
 */

const { LN2 } = Math;

/** Natural logarithm of `x`; `x` must be positive and finite. Error below 1e-12. Series of 2 artanh((x-1)/(x+1)). */
export function naturalLog(x: number): number {
  let reduced = x;
  let exponent = 0;
  for (; reduced < 0.75; exponent -= 1) reduced *= 2;
  for (; reduced >= 1.5; exponent += 1) reduced /= 2;
  const s = (reduced - 1) / (reduced + 1);
  let term = s;
  let sum = 0;
  for (let n = 1; n <= 21; n += 2) {
    sum += term / n;
    term *= s * s;
  }
  return 2 * sum + exponent * LN2;
}

/** e to the power `x`, for |x| below 700. Relative error below 1e-12. Taylor series after taking out powers of two. */
export function naturalExp(x: number): number {
  const exponent = Math.round(x / LN2);
  const rest = x - exponent * LN2;
  let term = 1;
  let sum = 1;
  for (let n = 1; n <= 14; n += 1) {
    term *= rest / n;
    sum += term;
  }
  for (let i = exponent; i > 0; i -= 1) sum *= 2;
  for (let i = exponent; i < 0; i += 1) sum /= 2;
  return sum;
}

/** 32-bit FNV-1a of a name's UTF-16 units, begun from `seed`. */
function hashName(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** One named stream of random numbers: sfc32 (C. Doty-Humphrey, PractRand; 128 bits of state). */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** The same seed and name give the same numbers; another name gives an unrelated stream. */
  constructor(seed: number, name: string) {
    this.a = seed | 0;
    this.b = hashName(seed, name) | 0;
    this.c = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0;
    for (let i = 0; i < 15; i += 1) this.uint32();
  }

  /** A new stream for a part of the simulation; takes one number from this one. */
  fork(name: string): Random {
    return new Random(this.uint32(), name);
  }

  /** Uniform over 0..2^32-1. */
  uint32(): number {
    const t = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** Uniform over [0, 1). */
  unit(): number {
    return this.uint32() / 4294967296;
  }

  /** Uniform whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.unit() * (most - least + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** One element; the list must not be empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)]!;
  }

  /** One element, early ones far more often: the weight of element i is about 1/(i+1) (Zipf). */
  pickZipf<T>(list: readonly T[]): T {
    const rank = Math.floor(naturalExp(this.unit() * naturalLog(list.length + 1))) - 1;
    return list[Math.min(rank, list.length - 1)]!;
  }

  /** Exponential with the given mean: waiting times of independent events. */
  exponential(mean: number): number {
    return -mean * naturalLog(1 - this.unit());
  }

  /** About standard normal: sum of twelve uniforms less six (range -6..6). */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i += 1) sum += this.unit();
    return sum;
  }

  /** Lognormal with the given median; `sigma` is the deviation of the logarithm. */
  logNormal(median: number, sigma: number): number {
    return median * naturalExp(sigma * this.normal());
  }

  /** Pareto: at least `least`, tail exponent `alpha`, cut at `most`. */
  pareto(least: number, alpha: number, most: number): number {
    return Math.min(most, least * naturalExp(-naturalLog(1 - this.unit()) / alpha));
  }

  /** Fresh uniform bytes. */
  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i += 1) out[i] = this.uint32() >>> 24;
    return out;
  }

  /** A word of `length` letters from `alphabet`. */
  word(length: number, alphabet: string): string {
    let out = '';
    for (let i = 0; i < length; i += 1) out += alphabet[this.between(0, alphabet.length - 1)];
    return out;
  }
}
