// Where everything lies. Nothing grows: a block of packets that does not fit is decoded in parts.

import { BLOCK_SIZE, BYTES_CAPACITY, FOLLOWED_SLOTS, PACKETS_SIZE, RAW_SIZE } from './generated';

/** Columns of raw packets, as the source filled them. The compiler puts its constants, words of protocols, below. */
export const RAW: usize = 8192;
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
/** Followed flows: their hashes, then what is followed of each. */
export const FOLLOWED_HASHES: usize = NAME_BYTES + 256;
export const FOLLOWED_VALUES: usize = FOLLOWED_HASHES + <usize>FOLLOWED_SLOTS * 4;
/** What the other side is to do at the row where the last pass stopped, and where the text of its note begins. */
export const VISIT: usize = FOLLOWED_VALUES + <usize>FOLLOWED_SLOTS;
/** By type of ICMP and ICMPv6: fewest bytes of a message, and the type that answers it (i16). */
export const ICMP_BYTES: usize = VISIT + 64;
export const ICMPV6_BYTES: usize = ICMP_BYTES + 256;
export const ICMP_COUNTERPARTS: usize = ICMPV6_BYTES + 256;
export const ICMPV6_COUNTERPARTS: usize = ICMP_COUNTERPARTS + 512;
/** User agents whose signs are known: hash and HttpSign bits, 16 bytes each. */
export const AGENT_SLOTS: i32 = 1024;
export const AGENTS: usize = ICMPV6_COUNTERPARTS + 512;
/** The decoded target or body of a request. */
export const DECODED: usize = AGENTS + <usize>AGENT_SLOTS * 16;
/** Pipes and connections of DCE/RPC: what stands for each, and the interface bound there, 8 bytes each. */
export const PIPE_SLOTS: i32 = 2048;
export const PIPES: usize = DECODED + 768;
/** Streams of echo messages: of each what echo.ts keeps of its last request. */
export const ECHO_SLOTS: i32 = 256;
export const ECHO_BYTES: usize = 80;
export const ECHOES: usize = PIPES + <usize>PIPE_SLOTS * 8;
/** Flows of SNMP: hash, and what stands for the community that was named last, 8 bytes each. */
export const COMMUNITY_SLOTS: i32 = 512;
export const COMMUNITIES: usize = ECHOES + <usize>ECHO_SLOTS * ECHO_BYTES;
/** The captured bytes of the block. Positions in columns count from here. */
export const BYTES: usize = COMMUNITIES + <usize>COMMUNITY_SLOTS * 8;
// Room for loads of eight bytes at the end.
const END: usize = BYTES + BYTES_CAPACITY + 64;

/** Takes the memory. Once, before all else. */
export function takeMemory(): void {
  if (__heap_base > RAW) unreachable();
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
