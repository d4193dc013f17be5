// Second pass: the flow hash of each row (hashFlow, hashEndpoint and hashAddress of contracts/src/hash.ts; a test holds both
// to the same values), and which of its flow's two directions it belongs to.

import * as G from './generated';
import { BLOCK, PACKETS } from './memory';

// What hashAddress makes of all words of an IPv4 address but the last.
const IPV4_HEAD: i32 = 1;
const IPV4_PREFIX: i32 = <i32>0xffff0000;

/** Writes hash and direction of rows `[first, end)`; ARP and other rows have the hash 0. */
export function hashFlows(first: i32, end: i32): void {
  for (let row = first; row < end; row++) {
    const i = <usize>row;
    const i4 = i << 2;
    if (load<u8>(PACKETS + i, G.PACKETS_networkLayer) < <u8>G.NetworkLayer_ipv4) {
      store<u32>(PACKETS + i4, 0, G.PACKETS_flowHash);
      continue;
    }
    const a = endpoint(PACKETS + G.PACKETS_sourceAddress + (i << 4), load<u16>(PACKETS + (i << 1), G.PACKETS_sourcePort));
    const b = endpoint(
      PACKETS + G.PACKETS_destinationAddress + (i << 4),
      load<u16>(PACKETS + (i << 1), G.PACKETS_destinationPort),
    );
    const carrier = <i32>load<u8>(PACKETS + i, G.PACKETS_protocol) | (<i32>load<u8>(PACKETS + i, G.PACKETS_tunnelKind) << 8);
    const rest = carrier ^ load<i32>(PACKETS + i4, G.PACKETS_tunnelId);
    store<i32>(PACKETS + i4, finish(mix(mix(mix(7, a + b), a ^ b), rest)), G.PACKETS_flowHash);
    store<u8>(BLOCK + i, a > b ? 1 : 0, G.BLOCK_direction);
  }
}

function endpoint(address: usize, port: i32): i32 {
  return mix(finish(mix(headOf(address), load<i32>(address, 12))), port);
}

/** Hash of an address but for its last word. */
function headOf(address: usize): i32 {
  const first = load<i32>(address);
  const second = load<i32>(address, 4);
  const third = load<i32>(address, 8);
  if ((first | second | (third ^ IPV4_PREFIX)) == 0) return IPV4_HEAD;
  return mix(mix(mix(1, first), second), third);
}

function mix(hash: i32, word: i32): i32 {
  const k = rotl<i32>(word * <i32>0xcc9e2d51, 15);
  return rotl<i32>(hash ^ (k * 0x1b873593), 13) * 5 + <i32>0xe6546b64;
}

function finish(hash: i32): i32 {
  let h = hash ^ (hash >>> 16);
  h *= <i32>0x85ebca6b;
  h ^= h >>> 13;
  h *= <i32>0xc2b2ae35;
  return h ^ (h >>> 16);
}
