import { concat } from './bytes.js';

/** 16 bits in little-endian order. */
export function little16(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8);
}

/** 32 bits in little-endian order. */
export function little32(value: number): Uint8Array {
  return concat([little16(value & 0xffff), little16(value >>> 16)]);
}
