import { ConformanceBreach, icmpCounterpart, NoteKind, Protocol } from '@weir/contracts';
import { cutShort, type Frame, Layer } from './frame.js';
import { Look } from './look.js';
import { ROUTER_ADVERTISEMENT } from './notes/router-advertisement.js';

/** Fewest bytes of a message, by type; 8 where not listed (RFC 792, RFC 950, RFC 1256). Errors quote an IP header. */
const ICMP_BYTES = minimumBytes(8, { 3: 28, 4: 28, 5: 28, 11: 28, 12: 28, 13: 20, 14: 20, 17: 12, 18: 12 });
/** The same for ICMPv6; 4 where not listed (RFC 4443, RFC 2710, RFC 4861). */
const ICMPV6_BYTES = minimumBytes(4, {
  ...{ 1: 48, 2: 48, 3: 48, 4: 48, 128: 8, 129: 8, 130: 24, 131: 24, 132: 24 },
  ...{ 133: 8, 134: 16, 135: 24, 136: 24, 137: 40 },
});

const ICMP_COUNTERPARTS = counterparts(Protocol.icmp);
const ICMPV6_COUNTERPARTS = counterparts(Protocol.icmpv6);

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

/** Notes the packet that an ICMP error at `f.payloadAt` quotes: its addresses, protocol and ports. */
export function noteQuotedPacket(f: Frame): void {
  const at = f.payloadAt;
  const version = f.bytes[at]! >>> 4;
  if (version === 4 && at + 20 <= f.end) noteIpv4(f, at);
  else if (version === 6 && at + 40 <= f.end) noteIpv6(f, at);
}

function noteIpv4(f: Frame, at: number): void {
  const { bytes, text } = f;
  for (let address = 0; address < 2; address++) {
    const to = f.textAt + 16 * address;
    text.fill(0, to, to + 10);
    text.fill(0xff, to + 10, to + 12);
    for (let i = 0; i < 4; i++) text[to + 12 + i] = bytes[at + 12 + 4 * address + i]!;
  }
  const isLaterFragment = (f.view.getUint16(at + 6) & 0x1fff) !== 0;
  const transportAt = isLaterFragment ? f.end : at + (bytes[at]! & 15) * 4;
  finishNote(f, bytes[at + 9]!, transportAt);
}

function noteIpv6(f: Frame, at: number): void {
  const { bytes, text } = f;
  for (let i = 0; i < 32; i++) text[f.textAt + i] = bytes[at + 8 + i]!;
  finishNote(f, bytes[at + 6]!, at + 40);
}

function finishNote(f: Frame, protocol: number, transportAt: number): void {
  const { row } = f;
  const hasPorts = protocol === Protocol.tcp || protocol === Protocol.udp || protocol === Protocol.sctp;
  f.noteKind[row] = NoteKind.icmpError;
  f.noteCode[row] = protocol;
  f.noteValue[row] = hasPorts && transportAt + 4 <= f.end ? f.view.getInt32(transportAt) : 0;
  f.textAt += 32;
}
