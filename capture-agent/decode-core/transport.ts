// The transport layer of packets that are not plain. Each returns false when its header is cut: then the packet is for the
// layered decoder.

import * as f from './frame';
import * as G from './generated';
import { ILLEGAL_FLAGS, load16, load32, PACKETS } from './memory';

/** TCP (RFC 9293). */
export function tcp(i: usize, at: usize): bool {
  if (at + 20 > f.end) return false;
  const offsetAndFlags = load16(at + 12);
  const headerBytes = <usize>((offsetAndFlags >>> 12) << 2);
  f.setPorts(i, load16(at), load16(at + 2));
  store<i32>(PACKETS + (i << 2), load32(at + 4), G.PACKETS_tcpSequence);
  store<i32>(PACKETS + (i << 2), load32(at + 8), G.PACKETS_tcpAcknowledgment);
  store<u8>(PACKETS + i, <u8>offsetAndFlags, G.PACKETS_tcpFlags);
  store<u16>(PACKETS + (i << 1), <u16>load16(at + 14), G.PACKETS_tcpWindow);
  if (load<u8>(ILLEGAL_FLAGS + <usize>(offsetAndFlags & 63))) f.addBreach(G.Breach_tcpFlagsIllegal);
  if (load<u16>(at) == 0 || load<u16>(at, 2) == 0) f.addBreach(G.Breach_portZero);
  if (headerBytes < 20 || at + headerBytes > f.wireEnd) {
    f.addBreach(G.Breach_transportLengthWrong);
    return true;
  }
  setPayload(i, at + headerBytes);
  if ((offsetAndFlags & f.OPENING) == G.TcpFlag_syn) f.lookAt(f.payloadAt, G.Look_streamStart);
  return true;
}

/** UDP (RFC 768). */
export function udp(i: usize, at: usize): bool {
  if (at + 8 > f.end) return false;
  const source = load16(at);
  const destination = load16(at + 2);
  if (f.isTunnelPort(source) || f.isTunnelPort(destination)) return false;
  f.setPorts(i, source, destination);
  if (source == 0 || destination == 0) f.addBreach(G.Breach_portZero);
  const lengthBytes = <usize>load16(at + 4);
  // Zero: a datagram that the network card is still to cut, or a jumbogram. Shorter than the IP payload is allowed: what
  // follows are UDP options (RFC 9868) or stray bytes.
  if (lengthBytes >= 8 && at + lengthBytes <= f.wireEnd) f.endAt(at + lengthBytes);
  else if (lengthBytes != 0) f.addBreach(G.Breach_transportLengthWrong);
  setPayload(i, at + 8);
  return true;
}

function setPayload(i: usize, at: usize): void {
  if (at >= f.wireEnd) return;
  store<i32>(PACKETS + (i << 2), <i32>(f.wireEnd - at), G.PACKETS_payloadBytes);
  if (at >= f.end) return;
  f.lookAt(at, G.Look_payload);
}

/** ICMP (RFC 792) and ICMPv6 (RFC 4443). The tables are those of capture-agent/src/decoder/icmp.ts, by type. */
export function icmp(i: usize, at: usize, leastBytes: usize, counterparts: usize): bool {
  if (at + 4 > f.end) return false;
  const type = <i32>load<u8>(at);
  const other = <i32>load<i16>(counterparts + (<usize>type << 1));
  f.setPorts(i, type, other >= 0 ? other : <i32>load<u8>(at, 1));
  if (at + <usize>load<u8>(leastBytes + <usize>type) > f.wireEnd) f.addBreach(G.Breach_icmpMalformed);
  const payload = at + 8;
  if (payload < f.wireEnd) store<i32>(PACKETS + (i << 2), <i32>(f.wireEnd - payload), G.PACKETS_payloadBytes);
  if (payload >= f.end) return true;
  f.lookAt(payload, lookOfIcmp(i, type, other >= 0));
  return true;
}

function lookOfIcmp(i: usize, type: i32, isAnswered: bool): i32 {
  const isV6 = load<u8>(PACKETS + i, G.PACKETS_protocol) == <u8>G.Protocol_icmpv6;
  if (isV6 && type == G.Icmpv6_routerAdvertisement) return G.Look_routerAdvertisement;
  if (isAnswered) return G.Look_payload;
  return (isV6 ? type >= 1 && type <= 4 : isError(type)) ? G.Look_quotedPacket : G.Look_nothing;
}

/** Messages of ICMP that say what became of another packet, which they quote. Redirects are advice, not failure. */
function isError(type: i32): bool {
  return type == 3 || type == 4 || type == 11 || type == 12;
}

/** A protocol that Weir does not look into: all behind the IP header is payload. */
export function opaque(i: usize, at: usize): bool {
  store<i32>(PACKETS + (i << 2), <i32>(f.wireEnd - at), G.PACKETS_payloadBytes);
  return true;
}
