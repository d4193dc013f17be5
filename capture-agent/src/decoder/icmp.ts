import { ConformanceBreach, icmpCounterpart, Protocol } from '@weir/contracts';
import { cutShort, type Frame, Layer } from './frame.js';
import { Look } from './look.js';
import { ROUTER_ADVERTISEMENT } from './notes/router-advertisement.js';

/** Fewest bytes of a message, by type; 8 where not listed (RFC 792, RFC 950, RFC 1256). Errors quote an IP header. */
export const ICMP_BYTES = minimumBytes(8, { 3: 28, 4: 28, 5: 28, 11: 28, 12: 28, 13: 20, 14: 20, 17: 12, 18: 12 });
/** The same for ICMPv6; 4 where not listed (RFC 4443, RFC 2710, RFC 4861). */
export const ICMPV6_BYTES = minimumBytes(4, {
  ...{ 1: 48, 2: 48, 3: 48, 4: 48, 128: 8, 129: 8, 130: 24, 131: 24, 132: 24 },
  ...{ 133: 8, 134: 16, 135: 24, 136: 24, 137: 40 },
});

/** By type: the type that answers it, or is answered by it; −1 where there is none. */
export const ICMP_COUNTERPARTS = counterparts(Protocol.icmp);
export const ICMPV6_COUNTERPARTS = counterparts(Protocol.icmpv6);

function minimumBytes(otherwise: number, byType: Record<number, number>): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, type) => byType[type] ?? otherwise);
}

function counterparts(protocol: number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, type) => icmpCounterpart(protocol, type));
}

/** ICMP (RFC 792). */
export function icmp(f: Frame): number {
  return message(f, ICMP_BYTES, ICMP_COUNTERPARTS);
}

/** ICMPv6 (RFC 4443). */
export function icmpv6(f: Frame): number {
  return message(f, ICMPV6_BYTES, ICMPV6_COUNTERPARTS);
}

function message(f: Frame, minimum: Uint8Array, counterpart: Int16Array): number {
  const { bytes, at, row } = f;
  if (at + 4 > f.end) return cutShort(f, 4, ConformanceBreach.transportTruncated);
  const type = bytes[at]!;
  const other = counterpart[type]!;
  f.sourcePort[row] = type;
  f.destinationPort[row] = other >= 0 ? other : bytes[at + 1]!;
  f.decoded = 1;
  if (at + minimum[type]! > f.wireEnd && f.fragment === 0) f.breaches |= ConformanceBreach.icmpMalformed;
  const payload = at + 8;
  if (payload < f.wireEnd) f.payloadBytes[row] = f.wireEnd - payload;
  if (payload >= f.end) return Layer.end;
  f.payloadAt = payload;
  if (type === ROUTER_ADVERTISEMENT && f.protocol[row] === Protocol.icmpv6) f.look = Look.routerAdvertisement;
  else if (other >= 0) f.look = Look.payload;
  else if (isError(f.protocol[row]!, type)) f.look = Look.quotedPacket;
  return Layer.end;
}

/** Messages that say what became of another packet, which they quote. Redirects are advice, not failure. */
function isError(protocol: number, type: number): boolean {
  if (protocol === Protocol.icmpv6) return type >= 1 && type <= 4;
  return type === 3 || type === 4 || type === 11 || type === 12;
}
