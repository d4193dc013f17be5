// Where everything lies. Nothing grows: a block of packets that does not fit is decoded in parts.

import { BLOCK_SIZE, BYTES_CAPACITY, PACKETS_SIZE, RAW_SIZE } from './generated';

/** Columns of raw packets, as the source filled them. */
export const RAW: usize = 1024;
/** The rows being written. */
export const PACKETS: usize = RAW + RAW_SIZE;
/** What the passes over the rows hand on to each other. */
export const BLOCK: usize = PACKETS + PACKETS_SIZE;
/** Flow directions whose first payloads were looked at. */
export const DIRECTIONS: usize = BLOCK + BLOCK_SIZE;
export const DIRECTION_SLOTS: i32 = 16_384;
export const DIRECTION_BYTES: i32 = 12;
/** Tables that the other side fills: see entropy.ts. */
export const ENTROPY_STEPS: usize = DIRECTIONS + <usize>DIRECTION_SLOTS * DIRECTION_BYTES;
export const ENTROPY_SHARES: usize = ENTROPY_STEPS + 128 * 8;
export const ENTROPY_LOGS: usize = ENTROPY_SHARES + 136 * 8;
export const HISTOGRAM: usize = ENTROPY_LOGS + 136 * 8;
/** 1 for each combination of the six classic TCP flags that is illegal. */
export const ILLEGAL_FLAGS: usize = HISTOGRAM + 256;
/** What a byte of a DNS label is written as; 0: escaped. */
export const NAME_BYTES: usize = ILLEGAL_FLAGS + 64;
/** The captured bytes of the block. Positions in columns count from here. */
export const BYTES: usize = NAME_BYTES + 256;
// Room for loads of eight bytes at the end.
const END: usize = BYTES + BYTES_CAPACITY + 64;

/** Takes the memory. Once, before all else. */
export function takeMemory(): void {
  const has = <usize>memory.size() << 16;
  if (END > has && memory.grow(<i32>((END - has + 65_535) >> 16)) < 0) unreachable();
}

/** Two bytes in network order. */
export function load16(at: usize): i32 {
  return <i32>bswap<u16>(load<u16>(at));
}

/** Four bytes in network order. */
export function load32(at: usize): i32 {
  return bswap<i32>(load<i32>(at));
}
