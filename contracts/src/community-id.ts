import { createHash } from 'node:crypto';
import { isIpv4 } from './addresses.js';
import { Protocol } from './packet-batch.js';

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

/** Community ID v1, seed 0 by default (https://github.com/corelight/community-id-spec). */
export function communityId(tuple: FiveTuple, seed = 0): string {
  const v4 = isIpv4(tuple.source, 0) && isIpv4(tuple.destination, 0);
  const trim = (address: Uint8Array) => Buffer.from(v4 ? address.subarray(12, 16) : address.subarray(0, 16));
  let [a, b, portA, portB] = [
    trim(tuple.source),
    trim(tuple.destination),
    tuple.sourcePort,
    tuple.destinationPort,
  ] as const;
  const order = Buffer.compare(a, b);
  if (!isOneWayIcmp(tuple) && (order > 0 || (order === 0 && portA > portB)))
    [a, b, portA, portB] = [b, a, portB, portA];
  const head = Buffer.alloc(2);
  head.writeUInt16BE(seed);
  const tail = Buffer.from([tuple.protocol, 0]);
  const parts = [head, a, b, tail];
  if (hasPorts(tuple.protocol)) parts.push(Buffer.from([portA >> 8, portA & 255, portB >> 8, portB & 255]));
  return `1:${createHash('sha1').update(Buffer.concat(parts)).digest('base64')}`;
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
