import { ConformanceBreach } from '@weir/contracts';
import { LinkType } from '../sources/source.js';
import { cutShort, endAt, type Frame, Layer } from './frame.js';

/** EtherTypes (IEEE registry) that Weir decodes or steps over. */
export const EtherType = {
  ipv4: 0x0800,
  arp: 0x0806,
  vlan: 0x8100,
  serviceVlan: 0x88a8,
  oldServiceVlan: 0x9100,
  ipv6: 0x86dd,
  mplsUnicast: 0x8847,
  mplsMulticast: 0x8848,
  pppoeSession: 0x8864,
  bridgedEthernet: 0x6558,
  ppp: 0x880b,
} as const;

/** Values below are the length of an 802.3 frame, not an EtherType (IEEE 802.3 3.2.6). */
const FIRST_ETHER_TYPE = 0x0600;
const MAX_VLAN_TAGS = 8;
const MAX_MPLS_LABELS = 16;
/** Address families of BSD loopback: IPv4, and IPv6 as Linux, NetBSD, FreeBSD and macOS number it. */
const IPV4_FAMILY = 2;
const IPV6_FAMILIES = [10, 24, 28, 30];
/** Raw IP as numbered by BSD/OS and OpenBSD files, beside LinkType.raw. */
const OTHER_RAW = [12, 14];

/** Decodes the outermost header, whose kind the capture names. Returns the layer that follows. */
export function link(f: Frame, linkType: number): number {
  switch (linkType) {
    case LinkType.ethernet:
      return ethernet(f);
    case LinkType.raw:
      return Layer.ip;
    case LinkType.ipv4:
      return Layer.ipv4;
    case LinkType.ipv6:
      return Layer.ipv6;
    case LinkType.linuxSll:
      return linuxCooked(f, 16, 14);
    case LinkType.linuxSll2:
      return linuxCooked(f, 20, 0);
    case LinkType.null:
    case LinkType.loop:
      return bsdLoopback(f);
    default:
      return OTHER_RAW.includes(linkType) ? Layer.ip : Layer.end;
  }
}

/** Ethernet II or 802.3, with VLAN tags (IEEE 802.3, 802.1Q). */
export function ethernet(f: Frame): number {
  const at = f.at;
  if (at + 14 > f.end) return cutShort(f, 14, ConformanceBreach.linkTruncated);
  const etherType = f.view.getUint16(at + 12);
  if (f.bytes[at + 6]! & 1) f.breaches |= ConformanceBreach.linkSourceMulticast;
  f.at = at + 14;
  return etherType === EtherType.ipv4 ? Layer.ipv4 : afterEtherType(f, etherType);
}

/** The layer that an EtherType announces; steps over VLAN tags. */
export function afterEtherType(f: Frame, etherType: number): number {
  let type = etherType;
  for (let tags = 0; isVlanTag(type); tags++) {
    if (tags === MAX_VLAN_TAGS) return Layer.end;
    if (f.at + 4 > f.end) return cutShort(f, 4, ConformanceBreach.linkTruncated);
    type = f.view.getUint16(f.at + 2);
    f.at += 4;
  }
  switch (type) {
    case EtherType.ipv4:
      return Layer.ipv4;
    case EtherType.ipv6:
      return Layer.ipv6;
    case EtherType.arp:
      return Layer.arp;
    case EtherType.mplsUnicast:
    case EtherType.mplsMulticast:
      return Layer.mpls;
    case EtherType.pppoeSession:
      return Layer.pppoe;
    default:
      return type < FIRST_ETHER_TYPE ? logicalLink(f, type) : Layer.end;
  }
}

function isVlanTag(type: number): boolean {
  return type === EtherType.vlan || type === EtherType.serviceVlan || type === EtherType.oldServiceVlan;
}

/** 802.2 LLC after an 802.3 length: SNAP with an EtherType (RFC 1042), or IP directly. */
function logicalLink(f: Frame, lengthBytes: number): number {
  if (f.at + lengthBytes > f.wireEnd) f.breaches |= ConformanceBreach.linkTruncated;
  else endAt(f, f.at + lengthBytes);
  return afterLogicalLink(f);
}

function afterLogicalLink(f: Frame): number {
  if (f.at + 3 > f.end) return cutShort(f, 3, ConformanceBreach.linkTruncated);
  const services = f.view.getUint16(f.at);
  if (services === 0x0606) {
    f.at += 3;
    return Layer.ipv4;
  }
  if (services !== 0xaaaa) return Layer.end;
  if (f.at + 8 > f.end) return cutShort(f, 8, ConformanceBreach.linkTruncated);
  const type = f.view.getUint16(f.at + 6);
  f.at += 8;
  return type < FIRST_ETHER_TYPE ? Layer.end : afterEtherType(f, type);
}

/** LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 (tcpdump.org): a header of fixed size with the EtherType somewhere in it. */
function linuxCooked(f: Frame, headerBytes: number, typeAt: number): number {
  if (f.at + headerBytes > f.end) return cutShort(f, headerBytes, ConformanceBreach.linkTruncated);
  const type = f.view.getUint16(f.at + typeAt);
  f.loopback = isCookedLoopback(f, headerBytes) ? 1 : 0;
  f.at += headerBytes;
  if (type === 4) return afterLogicalLink(f);
  return type < FIRST_ETHER_TYPE ? Layer.end : afterEtherType(f, type);
}

/** ARPHRD_LOOPBACK is 772. */
function isCookedLoopback(f: Frame, headerBytes: number): boolean {
  return f.view.getUint16(f.at + (headerBytes === 16 ? 2 : 8)) === 772;
}

/** LINKTYPE_NULL (byte order of the capturing host) and LINKTYPE_LOOP (network order). */
function bsdLoopback(f: Frame): number {
  if (f.at + 4 > f.end) return cutShort(f, 4, ConformanceBreach.linkTruncated);
  // Families are small, so the order that gives a small number is the right one.
  const family = f.view.getUint16(f.at) === 0 ? f.view.getUint16(f.at + 2) : f.view.getUint16(f.at, true);
  f.at += 4;
  f.loopback = 1;
  if (family === IPV4_FAMILY) return Layer.ipv4;
  return IPV6_FAMILIES.includes(family) ? Layer.ipv6 : Layer.end;
}

/** MPLS label stack (RFC 3032). What follows is not announced, so it is guessed as RFC 4928 says: by the first nibble. */
export function mpls(f: Frame): number {
  for (let labels = 0; labels < MAX_MPLS_LABELS; labels++) {
    if (f.at + 4 > f.end) return cutShort(f, 4, ConformanceBreach.linkTruncated);
    const isLast = f.bytes[f.at + 2]! & 1;
    f.at += 4;
    if (isLast) return afterLabels(f);
  }
  return Layer.end;
}

function afterLabels(f: Frame): number {
  if (f.at >= f.end) return Layer.end;
  const nibble = f.bytes[f.at]! >>> 4;
  if (nibble === 4) return Layer.ipv4;
  if (nibble === 6) return Layer.ipv6;
  // A pseudowire's control word begins with zero (RFC 4385); without one the Ethernet frame follows at once.
  if (nibble === 0) f.at += 4;
  return Layer.ethernet;
}

/** PPPoE session (RFC 2516). */
export function pppoe(f: Frame): number {
  if (f.at + 6 > f.end) return cutShort(f, 6, ConformanceBreach.linkTruncated);
  const end = f.at + 6 + f.view.getUint16(f.at + 4);
  if (f.view.getUint16(f.at) !== 0x1100) return Layer.end;
  f.at += 6;
  if (end > f.wireEnd) f.breaches |= ConformanceBreach.linkTruncated;
  else endAt(f, end);
  return Layer.ppp;
}

/** PPP (RFC 1661), with or without the address and control bytes of HDLC framing. */
export function ppp(f: Frame): number {
  if (f.at + 4 > f.end) return cutShort(f, 2, ConformanceBreach.linkTruncated);
  if (f.view.getUint16(f.at) === 0xff03) f.at += 2;
  let protocol = f.view.getUint16(f.at);
  // Protocol numbers have an odd low byte and an even high one; an odd first byte is a number compressed to one byte.
  const isCompressed = (protocol >>> 8) & 1;
  if (isCompressed) protocol >>>= 8;
  f.at += isCompressed ? 1 : 2;
  if (protocol === 0x0021) return Layer.ipv4;
  return protocol === 0x0057 ? Layer.ipv6 : Layer.end;
}
