import { NetworkLayer } from '@weir/contracts';
import type { Block } from './block.js';
import { IPV4_PREFIX_WORD } from './frame.js';

/** The first network layer with a flow: ARP and other rows come before it and have the flow hash 0. */
const IPV4: number = NetworkLayer.ipv4;
/** What hashAddress makes of all words of an IPv4 address but the last. */
const IPV4_HEAD = 1;

/**
 * Writes the flow hash and the direction of each row of the block: hashFlow, hashEndpoint and hashAddress of the
 * contracts, repeated here so that the compiler sees one loop. A test holds both to the same values.
 */
export function hashFlows({ table, firstRow, rows, direction }: Block): void {
  const { networkLayer, sourcePort, destinationPort, protocol, tunnelKind, tunnelId, flowHash } = table.columns;
  const sources = table.columns.sourceAddress.words;
  const destinations = table.columns.destinationAddress.words;
  for (let i = 0; i < rows; i++) {
    const row = firstRow + i;
    const layer = networkLayer[row]!;
    if (layer < IPV4) {
      flowHash[row] = 0;
      continue;
    }
    const at = 4 * row;
    const sourceHead = layer === IPV4 ? IPV4_HEAD : headHash(sources, at);
    const destinationHead = layer === IPV4 ? IPV4_HEAD : headHash(destinations, at);
    const a = mix(finish(mix(sourceHead, sources[at + 3]! | 0)), sourcePort[row]!);
    const b = mix(finish(mix(destinationHead, destinations[at + 3]! | 0)), destinationPort[row]!);
    const rest = (protocol[row]! | (tunnelKind[row]! << 8)) ^ tunnelId[row]!;
    flowHash[row] = finish(mix(mix(mix(7, (a + b) | 0), a ^ b), rest));
    direction[i] = a > b ? 1 : 0;
  }
}

/** Hash of an address but for its last word. */
function headHash(words: Uint32Array, at: number): number {
  const first = words[at]! | 0;
  const second = words[at + 1]! | 0;
  const third = words[at + 2]! | 0;
  const isV4 = (first | second | (third ^ IPV4_PREFIX_WORD)) === 0;
  return isV4 ? IPV4_HEAD : mix(mix(mix(1, first), second), third);
}

function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let h = hash ^ Math.imul(k, 0x1b873593);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

/** Signed, unlike that of the contracts: the same bits, and no number too large for a small integer. */
function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
