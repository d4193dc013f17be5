// First pass, second try: packets that are not plain but have all their headers in one piece: IPv4 with options, IPv6, ARP,
// ICMP and other protocols in Ethernet with VLAN tags, and the breaches that such packets may hold. Everything else (other
// links, fragments, tunnels, extension headers, headers that are cut or make no sense) is left to the layered decoder, which
// gives the same rows for these too (a test compares them).

import * as f from './frame';
import * as G from './generated';
import {
  BLOCK,
  BYTES,
  ICMP_BYTES,
  ICMP_COUNTERPARTS,
  ICMPV6_BYTES,
  ICMPV6_COUNTERPARTS,
  load16,
  load32,
  PACKETS,
  RAW,
} from './memory';
import { icmp, opaque, tcp, udp } from './transport';

// Positions in 32 bits need frames to be no longer than this, whatever a capture file claims.
const MAX_WIRE_BYTES: i32 = 0x0fff_ffff;
const MAX_VLAN_TAGS: i32 = 8;
const LAST_ARP_OPERATION: i32 = 25;
// Values below are the length of an 802.3 frame, behind which an LLC header follows (IEEE 802.3 3.2.6).
const FIRST_ETHER_TYPE: i32 = 0x0600;
// LLC services behind which IP or an EtherType follows.
const LLC_IPV4: i32 = 0x0606;
const LLC_SNAP: i32 = 0xaaaa;
// A longer chain of extension headers is for the layered decoder.
const MAX_EXTENSIONS: i32 = 4;
const HOP_BY_HOP: i32 = 0;
const DESTINATION_OPTIONS: i32 = 60;

/** Rows without a transport layer, in the last pass. */
export let undecoded: i32 = 0;

export function clearUndecoded(): void {
  undecoded = 0;
}

/** Writes row `i` from its raw row. Returns false when it is for the layered decoder. */
export function decodeUsual(i: usize, r: usize): bool {
  const i4 = i << 2;
  if (load<u16>(RAW + (r << 1), G.RAW_linkType) != <u16>G.LinkType_ethernet) return false;
  const offset = <usize>load<u32>(RAW + (r << 2), G.RAW_offset);
  const captured = <usize>load<u32>(RAW + (r << 2), G.RAW_capturedBytes);
  const wireBytes = load<u32>(RAW + (r << 2), G.RAW_wireBytes);
  if (captured < 14 || offset + captured > G.BYTES_CAPACITY || wireBytes > <u32>MAX_WIRE_BYTES) return false;
  const frame = BYTES + offset;
  f.begin(frame + captured, frame + max(<usize>wireBytes, captured));
  if (load<u8>(frame, 6) & 1) f.addBreach(G.Breach_linkSourceMulticast);
  clearTransport(i);
  if (!decodeNetwork(i, frame)) return false;
  store<u8>(BLOCK + i, <u8>f.look, G.BLOCK_look);
  store<i32>(BLOCK + i4, f.payloadAt == 0 ? 0 : <i32>(f.payloadAt - BYTES), G.BLOCK_payloadAt);
  store<i32>(BLOCK + i4, <i32>(f.end - BYTES), G.BLOCK_payloadEnd);
  store<i32>(PACKETS + i4, f.breaches, G.PACKETS_conformance);
  return true;
}

function decodeNetwork(i: usize, frame: usize): bool {
  let type = load16(frame + 12);
  let at = frame + 14;
  for (let tags = 0; isVlanTag(type); tags++) {
    if (tags == MAX_VLAN_TAGS || at + 4 > f.end) return false;
    type = load16(at + 2);
    at += 4;
  }
  switch (type) {
    case G.EtherType_ipv4:
      return ipv4(i, frame, at);
    case G.EtherType_ipv6:
      return ipv6(i, frame, at);
    case G.EtherType_arp:
      return arp(i, at);
    case G.EtherType_mplsUnicast:
    case G.EtherType_mplsMulticast:
    case G.EtherType_pppoeSession:
      return false;
    default:
      return other(i, type, at);
  }
}

/** A frame of another protocol, such as spanning tree: a row without addresses. */
function other(i: usize, type: i32, at: usize): bool {
  if (type < FIRST_ETHER_TYPE) {
    if (at + <usize>type > f.wireEnd) f.addBreach(G.Breach_linkTruncated);
    else f.endAt(at + <usize>type);
    if (at + 3 > f.end || load16(at) == LLC_IPV4 || load16(at) == LLC_SNAP) return false;
  }
  setNetwork(i, G.NetworkLayer_other, 0);
  memory.fill(PACKETS + G.PACKETS_sourceAddress + (i << 4), 0, 16);
  memory.fill(PACKETS + G.PACKETS_destinationAddress + (i << 4), 0, 16);
  undecoded++;
  return true;
}

function isVlanTag(type: i32): bool {
  return type == G.EtherType_vlan || type == G.EtherType_serviceVlan || type == G.EtherType_oldServiceVlan;
}

function setNetwork(i: usize, layer: i32, protocol: i32): void {
  store<u8>(PACKETS + i, <u8>layer, G.PACKETS_networkLayer);
  store<u8>(PACKETS + i, <u8>protocol, G.PACKETS_protocol);
}

function clearTransport(i: usize): void {
  const i4 = i << 2;
  f.setPorts(i, 0, 0);
  store<u8>(PACKETS + i, 0, G.PACKETS_tcpFlags);
  store<i32>(PACKETS + i4, 0, G.PACKETS_payloadBytes);
  store<i32>(PACKETS + i4, 0, G.PACKETS_tcpSequence);
  store<i32>(PACKETS + i4, 0, G.PACKETS_tcpAcknowledgment);
  store<u16>(PACKETS + (i << 1), 0, G.PACKETS_tcpWindow);
}

/** ARP for IPv4 over Ethernet or IEEE 802 networks (RFC 826). */
function arp(i: usize, at: usize): bool {
  if (at + 28 > f.end) return false;
  const hardware = load16(at);
  const operation = load16(at + 6);
  const isIpv4 = load16(at + 2) == 0x0800 && load16(at + 4) == 0x0604;
  if (!isIpv4 || (hardware != 1 && hardware != 6) || operation == 0 || operation > LAST_ARP_OPERATION) return false;
  setNetwork(i, G.NetworkLayer_arp, 0);
  f.storeAddress(PACKETS + G.PACKETS_sourceAddress + (i << 4), load<u32>(at, 14));
  f.storeAddress(PACKETS + G.PACKETS_destinationAddress + (i << 4), load<u32>(at, 24));
  f.lookAt(at, operation <= 2 ? G.Look_arp : G.Look_nothing);
  return true;
}

/** IPv4 (RFC 791). */
function ipv4(i: usize, frame: usize, at: usize): bool {
  if (at + 20 > f.end || load<u8>(at) >>> 4 != 4 || load16(at + 6) & 0x3fff) return false;
  const headerBytes = <usize>((load<u8>(at) & 15) << 2);
  if (headerBytes < 20 || at + headerBytes > f.end || !areOptionsWell(at + 20, at + headerBytes)) return false;
  const protocol = <i32>load<u8>(at, 9);
  setNetwork(i, G.NetworkLayer_ipv4, protocol);
  f.storeAddress(PACKETS + G.PACKETS_sourceAddress + (i << 4), load<u32>(at, 12));
  f.storeAddress(PACKETS + G.PACKETS_destinationAddress + (i << 4), load<u32>(at, 16));
  checkIpv4Source(frame, at);
  if (!hasChecksum(at, headerBytes) && load<u16>(at, 10) != 0) f.addBreach(G.Breach_ipChecksumWrong);
  const totalBytes = <usize>load16(at + 2);
  // Zero is what a segment looks like before the network card cuts it (TCP segmentation offload): the frame decides.
  if (totalBytes >= headerBytes && at + totalBytes <= f.wireEnd) f.endAt(at + totalBytes);
  else if (totalBytes != 0) f.addBreach(G.Breach_ipLengthWrong);
  return transport(i, at + headerBytes, protocol);
}

function areOptionsWell(from: usize, to: usize): bool {
  for (let at = from; at < to && load<u8>(at) != 0; ) {
    if (load<u8>(at) == 1) {
      at++;
      continue;
    }
    const optionBytes = at + 1 < to ? <usize>load<u8>(at, 1) : 0;
    if (optionBytes < 2 || at + optionBytes > to) return false;
    at += optionBytes;
  }
  return true;
}

/** Source equal to destination, or one that no host may send from (RFC 1812 5.3.7). */
function checkIpv4Source(frame: usize, at: usize): void {
  const head = load<u8>(at, 12);
  const source = load<u32>(at, 12);
  const isLocal = head == 127 && load<u8>(at, 16) == 127;
  if (isLocal || source == 0) return;
  if (head >= 224 || head == 127 || head == 0) f.addBreach(G.Breach_ipSourceMartian);
  if (source == load<u32>(at, 16) && !isLoopback(frame, at)) f.addBreach(G.Breach_ipSourceIsDestination);
}

/** Linux gives loopback frames an Ethernet header of zeros; there hosts rightly talk to themselves. */
function isLoopback(frame: usize, at: usize): bool {
  const link = at - 14;
  return link >= frame && (load<i32>(link) | load<i32>(link, 8)) == 0;
}

/** The ones' complement sum of a header with its checksum is all ones (RFC 1071). */
function hasChecksum(at: usize, headerBytes: usize): bool {
  let sum = 0;
  for (let word = at; word < at + headerBytes; word += 2) sum += <i32>load<u16>(word);
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  return sum == 0xffff;
}

/** IPv6 (RFC 8200), where its extension headers are but options. */
function ipv6(i: usize, frame: usize, at: usize): bool {
  if (at + 40 > f.end || load<u8>(at) >>> 4 != 6) return false;
  v128.store(PACKETS + G.PACKETS_sourceAddress + (i << 4), v128.load(at, 8));
  v128.store(PACKETS + G.PACKETS_destinationAddress + (i << 4), v128.load(at, 24));
  checkIpv6Addresses(frame, at);
  const payloadBytes = <usize>load16(at + 4);
  // Zero announces a jumbogram (RFC 2675) or a segment that the network card is still to cut: the frame decides.
  if (at + 40 + payloadBytes > f.wireEnd) f.addBreach(G.Breach_ipLengthWrong);
  else if (payloadBytes != 0) f.endAt(at + 40 + payloadBytes);
  let next = <i32>load<u8>(at, 6);
  let from = at + 40;
  for (let extensions = 0; next == HOP_BY_HOP || next == DESTINATION_OPTIONS; extensions++) {
    if (extensions == MAX_EXTENSIONS || from + 8 > f.end) return false;
    next = load<u8>(from);
    from += (<usize>load<u8>(from, 1) + 1) << 3;
    if (from > f.wireEnd) return false;
  }
  setNetwork(i, G.NetworkLayer_ipv6, next);
  return transport(i, from, next);
}

function checkIpv6Addresses(frame: usize, at: usize): void {
  const source = load<u64>(at, 8);
  const sourceEnd = load<u64>(at, 16);
  const isSame = source == load<u64>(at, 24) && sourceEnd == load<u64>(at, 32);
  // `::` or `::1`.
  const isHostLocal = (source | <u64>load<u32>(at, 16)) == 0 && <u32>load32(at + 20) <= 1;
  const isMulticast = load<u8>(at, 8) == 0xff;
  if (isMulticast || (isHostLocal && load32(at + 20) == 1 && !isSame)) f.addBreach(G.Breach_ipSourceMartian);
  if (isSame && !isHostLocal && !isLoopback(frame, at)) f.addBreach(G.Breach_ipSourceIsDestination);
}

function transport(i: usize, at: usize, protocol: i32): bool {
  switch (protocol) {
    case G.Protocol_tcp:
      return tcp(i, at);
    case G.Protocol_udp:
      return udp(i, at);
    case G.Protocol_icmp:
      return icmp(i, at, ICMP_BYTES, ICMP_COUNTERPARTS);
    case G.Protocol_icmpv6:
      return icmp(i, at, ICMPV6_BYTES, ICMPV6_COUNTERPARTS);
    default:
      return !isLayered(protocol) && opaque(i, at);
  }
}

/** SCTP, tunnels and extension headers. */
function isLayered(protocol: i32): bool {
  switch (protocol) {
    case 0:
    case 4:
    case 41:
    case 43:
    case 44:
    case 47:
    case 51:
    case 59:
    case 60:
    case G.Protocol_sctp:
      return true;
    default:
      return false;
  }
}
