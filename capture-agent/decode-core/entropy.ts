// Byte entropy of a payload's beginning. The tables hold what counting one more of a byte value adds to the sum of
// c · log2 c, and by number of bytes their log2 and the factor to the column's unit (capture-agent/src/decoder/entropy.ts).

import * as G from './generated';
import { ENTROPY_LOGS, ENTROPY_SHARES, ENTROPY_STEPS, HISTOGRAM } from './memory';

// Fixed point of the sums.
const SCALE: f64 = 1_048_576;

/**
 * The `payloadEntropy` of the bytes between two addresses: 0 below 64 bytes, else 1 + 254 times the entropy of the first 128
 * as a share of what random bytes would show, at most 255.
 */
export function payloadEntropy(start: usize, end: usize): i32 {
  const n = min(<i32>(end - start), G.MAX_ENTROPY_BYTES);
  if (n < G.MIN_ENTROPY_BYTES) return 0;
  const zero = i64x2.splat(0);
  for (let at = HISTOGRAM; at < HISTOGRAM + 256; at += 32) {
    v128.store(at, zero);
    v128.store(at, zero, 16);
  }
  let sum = 0;
  for (let at = start; at < start + <usize>n; at++) {
    const bin = HISTOGRAM + <usize>load<u8>(at);
    const count = load<u8>(bin);
    store<u8>(bin, count + 1);
    sum += load<i32>(ENTROPY_STEPS + (<usize>count << 2));
  }
  const bits = load<f64>(ENTROPY_LOGS + (<usize>n << 3)) - <f64>sum / SCALE / <f64>n;
  const share = floor(bits * load<f64>(ENTROPY_SHARES + (<usize>n << 3)) + 0.5);
  return 1 + <i32>min<f64>(254, max<f64>(0, share));
}
