// Which host partition an address belongs to.

import { hostPartitions } from './memory';

/** Host partition of the address at `address`: its hash (contracts/src/hash.ts) modulo their number. */
export function homeOf(address: usize): i32 {
  if (hostPartitions == 1) return 0;
  const first = load<i32>(address);
  const second = load<i32>(address, 4);
  const third = load<i32>(address, 8);
  // Third word of an IPv4 address, ::ffff:a.b.c.d.
  const isV4 = (first | second | (third ^ <i32>0xffff_0000)) == 0;
  const head = isV4 ? 1 : mix(mix(mix(1, first), second), third);
  return <i32>(finish(mix(head, load<i32>(address, 12))) % <u32>hostPartitions);
}

function mix(hash: i32, word: i32): i32 {
  const k = rotl<u32>(<u32>word * 0xcc9e2d51, 15) * 0x1b873593;
  return <i32>(rotl<u32>(<u32>hash ^ k, 13) * 5 + 0xe6546b64);
}

function finish(hash: i32): u32 {
  let h = <u32>hash;
  h = (h ^ (h >>> 16)) * 0x85ebca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  return h ^ (h >>> 16);
}
