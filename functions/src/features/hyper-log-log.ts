import { finish } from '@weir/contracts';

/**
 * HyperLogLog over 32-bit hashes (Flajolet, Fusy, Gandouet, Meunier 2007) in one byte a register, with the estimator of
 * Ertl 2017 (arXiv:1702.01284, algorithm 6), which needs neither a small- nor a large-range correction.
 */

const REGISTER_BITS = 10;

/** Registers of a sketch, and its size in bytes. */
export const REGISTERS = 1 << REGISTER_BITS;

/** Standard error of an estimate, relative: 1.04 / √1024. */
export const RELATIVE_ERROR = 0.0325;

/** Bits of the hash that are not spent on the choice of register. */
const RANK_BITS = 32 - REGISTER_BITS;

/** 1 / (2 ln 2), written out so that it does not hang on a machine's logarithm. */
const ALPHA = 0.721347520444482;

const histogram = new Uint32Array(RANK_BITS + 2);

/** Adds an element to the sketch at `registers[at, at + REGISTERS)`. Whether that has changed it. */
export function sketchAdd(registers: Uint8Array, at: number, hash32: number): boolean {
  // Mixed once more (a bijection), so that small integers spread as well as hashes do.
  const h = finish(hash32 ^ 0x9e3779b9);
  const rank = Math.clz32((h << REGISTER_BITS) | (1 << (REGISTER_BITS - 1))) + 1;
  const register = at + (h >>> RANK_BITS);
  if (rank <= registers[register]!) return false;
  registers[register] = rank;
  return true;
}

/** Makes the sketch at `at` that of both sets: the larger of each pair of registers. */
export function sketchMerge(registers: Uint8Array, at: number, from: { registers: Uint8Array; at: number }): void {
  for (let i = 0; i < REGISTERS; i++) {
    const rank = from.registers[from.at + i]!;
    if (rank > registers[at + i]!) registers[at + i] = rank;
  }
}

/** Estimated number of distinct elements, 0 (empty) to 2^32; not rounded. */
export function sketchEstimate(registers: Uint8Array, at: number): number {
  histogram.fill(0);
  for (let i = 0; i < REGISTERS; i++) histogram[registers[at + i]!]!++;
  let z = REGISTERS * tau(1 - histogram[RANK_BITS + 1]! / REGISTERS);
  for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + histogram[rank]!);
  z += REGISTERS * sigma(histogram[0]! / REGISTERS);
  // Crafted elements could fill all registers, which would estimate infinity.
  return Math.min(2 ** 32, (ALPHA * REGISTERS * REGISTERS) / z);
}

/** x + Σ x^(2^k) 2^(k−1), k ≥ 1 (Ertl 2017, equation 13); infinite for 1. */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let sum = x;
  let power = x;
  for (let factor = 1, before = -1; sum !== before; factor *= 2) {
    power *= power;
    before = sum;
    sum += power * factor;
  }
  return sum;
}

/** (1 − x − Σ (1 − x^(2^−k))² 2^(−k), k ≥ 1) / 3 (Ertl 2017, equation 14). */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let sum = 1 - x;
  let root = x;
  for (let factor = 0.5, before = -1; sum !== before; factor *= 0.5) {
    root = Math.sqrt(root);
    before = sum;
    sum -= (1 - root) * (1 - root) * factor;
  }
  return sum / 3;
}
