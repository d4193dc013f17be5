/**
 * Hashes that every room must compute alike. They spread keys; they protect nothing. They are wire format: the partition
 * of a flow follows from them.
 */

/** One mixing step: folds `word` into `hash`. 32-bit, MurmurHash3's body (Appleby 2011). */
export function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let h = hash ^ Math.imul(k, 0x1b873593);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

/** Last step: makes each bit depend on all. Unsigned 32-bit. MurmurHash3's finaliser (Appleby 2011). */
export function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Third word of an IPv4 address (::ffff:0:0/96), as this machine loads it. */
const IPV4_THIRD_WORD = new Int32Array(Uint8Array.of(0, 0, 0xff, 0xff).buffer)[0]!;

/** Hash of the address at `words[at .. at + 4)`. Unsigned 32-bit. */
export function hashAddress(words: Uint32Array | Int32Array, at: number): number {
  const first = words[at]! | 0;
  const second = words[at + 1]! | 0;
  const third = words[at + 2]! | 0;
  // IPv4 addresses differ in the last word only: the first three are mixed to one for them.
  const isV4 = (first | second | (third ^ IPV4_THIRD_WORD)) === 0;
  const head = isV4 ? 1 : mix(mix(mix(1, first), second), third);
  return finish(mix(head, words[at + 3]! | 0));
}

/**
 * Hash of a flow key, the same for both directions. `rest` holds protocol, tunnel kind and tunnel id in one word
 * (`protocol | tunnelKind << 8`, xor the tunnel id). Unsigned 32-bit.
 */
export function hashFlow(endpointA: number, endpointB: number, rest: number): number {
  // A commutative pair of sum and xor, so that neither order nor equal endpoints collapse it.
  return finish(mix(mix(mix(7, (endpointA + endpointB) | 0), endpointA ^ endpointB), rest));
}

/** Hash of one endpoint of a flow (address hash and port), for hashFlow. */
export function hashEndpoint(addressHash: number, port: number): number {
  return mix(addressHash, port) >>> 0;
}

/** FNV-1a of `bytes[start, end)` (Fowler, Noll, Vo), finished for use as a table key. Unsigned 32-bit. */
export function hashBytes(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return finish(h);
}
