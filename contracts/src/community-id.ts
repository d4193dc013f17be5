import { isIpv4 } from './addresses.js';
import { Protocol } from './packet-batch.js';
import { SHA1_BYTES, sha1OfBlock } from './sha1-block.js';

/**
 * ICMP types that have a counterpart, by type, and the counterpart (Community ID v1 reference, after Zeek). A message of
 * one of these is bidirectional: its ports are type and counterpart. Any other is one-way: its ports are type and code.
 */
// biome-ignore format: pairs read better side by side
const ICMP_COUNTERPART: Readonly<Record<number, number>> = {
  0: 8, 8: 0, 9: 10, 10: 9, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17,
};
// biome-ignore format: pairs read better side by side
const ICMPV6_COUNTERPART: Readonly<Record<number, number>> = {
  128: 129, 129: 128, 130: 131, 131: 130, 133: 134, 134: 133, 135: 136, 136: 135, 139: 140, 140: 139, 144: 145, 145: 144,
};

/** Counterpart of an ICMP or ICMPv6 type, or −1 for a one-way message. */
export function icmpCounterpart(protocol: number, type: number): number {
  return (protocol === Protocol.icmpv6 ? ICMPV6_COUNTERPART : ICMP_COUNTERPART)[type] ?? -1;
}

/** Five-tuple for communityId. Addresses are 16 bytes; for ICMP the ports are type and counterpart, or type and code. */
export interface FiveTuple {
  source: Uint8Array;
  destination: Uint8Array;
  sourcePort: number;
  destinationPort: number;
  protocol: number;
}

/** Seed, two addresses, protocol and padding, two ports. One buffer serves all, as do the two below. */
const hashed = Buffer.alloc(2 + 16 + 16 + 2 + 4);
const digest = new Uint8Array(SHA1_BYTES);

/** Characters of a Community ID, all of them ASCII. */
export const COMMUNITY_ID_BYTES = 30;
const text = Buffer.alloc(COMMUNITY_ID_BYTES);

/** Community ID v1, seed 0 by default (https://github.com/corelight/community-id-spec). */
export function communityId(tuple: FiveTuple, seed = 0): string {
  putCommunityId(tuple, text, { at: 0, seed });
  return text.toString('latin1');
}

/** Writes the 30 characters of the Community ID to `into[at, at + 30)`, for who writes bytes. */
export function putCommunityId(
  tuple: FiveTuple,
  into: Uint8Array,
  { at, seed = 0 }: { at: number; seed?: number },
): void {
  sha1OfBlock(hashed, putHashed(tuple, seed), digest);
  into[at] = VERSION_1;
  into[at + 1] = COLON;
  putBase64(digest, into, at + 2);
}

/** Puts what is hashed into `hashed`. Returns where it ends. */
function putHashed(tuple: FiveTuple, seed: number): number {
  const { source, destination, sourcePort, destinationPort, protocol } = tuple;
  const firstByte = isIpv4(source, 0) && isIpv4(destination, 0) ? 12 : 0;
  const order = compareAddresses(source, destination);
  const isTurned = !isOneWayIcmp(tuple) && (order > 0 || (order === 0 && sourcePort > destinationPort));
  let at = hashed.writeUInt16BE(seed);
  at = putAddress(isTurned ? destination : source, firstByte, at);
  at = putAddress(isTurned ? source : destination, firstByte, at);
  hashed[at++] = protocol;
  hashed[at++] = 0;
  if (hasPorts(protocol)) {
    at = hashed.writeUInt16BE(isTurned ? destinationPort : sourcePort, at);
    at = hashed.writeUInt16BE(isTurned ? sourcePort : destinationPort, at);
  }
  return at;
}

const VERSION_1 = '1'.charCodeAt(0);
const COLON = ':'.charCodeAt(0);
const PADDING = '='.charCodeAt(0);
const BASE64 = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1');

/** Base64 (RFC 4648) of a digest: six times three bytes, and two that are padded. */
function putBase64(bytes: Uint8Array, into: Uint8Array, start: number): void {
  let at = start;
  for (let from = 0; from < SHA1_BYTES; from += 3) {
    const group = (bytes[from]! << 16) | (bytes[from + 1]! << 8) | (bytes[from + 2] ?? 0);
    into[at++] = BASE64[group >> 18]!;
    into[at++] = BASE64[(group >> 12) & 63]!;
    into[at++] = BASE64[(group >> 6) & 63]!;
    into[at++] = BASE64[group & 63]!;
  }
  into[at - 1] = PADDING;
}

/** Below 0, 0 or above 0, as the first address lies before the second, is the same, or lies behind it. */
function compareAddresses(a: Uint8Array, b: Uint8Array): number {
  for (let byte = 0; byte < 16; byte++) if (a[byte] !== b[byte]) return a[byte]! - b[byte]!;
  return 0;
}

/** Writes the address from `firstByte` on. Returns where it ends. */
function putAddress(address: Uint8Array, firstByte: number, at: number): number {
  for (let byte = firstByte; byte < 16; byte++) hashed[at + byte - firstByte] = address[byte]!;
  return at + 16 - firstByte;
}

function hasPorts(protocol: number): boolean {
  return (
    protocol === Protocol.tcp ||
    protocol === Protocol.udp ||
    protocol === Protocol.sctp ||
    protocol === Protocol.icmp ||
    protocol === Protocol.icmpv6
  );
}

function isOneWayIcmp({ protocol, sourcePort }: FiveTuple): boolean {
  return (protocol === Protocol.icmp || protocol === Protocol.icmpv6) && icmpCounterpart(protocol, sourcePort) < 0;
}
