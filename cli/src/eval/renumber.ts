import { LinkType, type RawPackets } from '@weir/capture-agent';
import { finish, mix } from '@weir/contracts';

const IPV4 = 0x0800;
const ARP = 0x0806;
const VLAN = 0x8100;
/** Where the source address of an IPv4 header begins; the destination's follows. */
const ADDRESSES_AT = 12;
const ADDRESS_BYTES = 4;
/** Where the sender's and the target's addresses are in an ARP message for IPv4 over Ethernet (RFC 826). */
const ARP_ADDRESSES_AT = [14, 24] as const;
const ARP_BYTES = 28;
const IPV4_HEADER_BYTES = 20;
/** Where the checksum is that also covers the addresses, from the start of the transport header. */
const TRANSPORT_CHECKSUM_AT: Readonly<Record<number, number>> = { 6: 16, 17: 6 };
/** First bytes of the public networks that public addresses are moved to. */
const PUBLIC_HEADS = [23, 45, 62, 81, 93, 104, 146, 163, 185, 199, 212] as const;

/**
 * Gives the hosts of a block other IPv4 addresses, in place, in headers and ARP messages: private ones stay private, what
 * shared a network of 256 goes on to, and groups and broadcasts are left. Checksums are right as far as they were.
 * Addresses inside payloads stay, as do those of IPv6.
 */
export function renumberAddresses({ bytes, count, offset, capturedBytes, linkType }: RawPackets): void {
  for (let i = 0; i < count; i++) {
    const packet = bytes.subarray(offset[i]!, offset[i]! + capturedBytes[i]!);
    const { etherType, at } = networkLayer(packet, linkType[i]!);
    if (etherType === IPV4) renumberHeader(packet, at);
    else if (etherType === ARP && packet.length >= at + ARP_BYTES)
      for (const address of ARP_ADDRESSES_AT) renumber(packet, at + address);
  }
}

function networkLayer(packet: Uint8Array, linkType: number): { etherType: number; at: number } {
  if (linkType === LinkType.raw || linkType === LinkType.ipv4) return { etherType: IPV4, at: 0 };
  let at = linkType === LinkType.linuxSll ? 16 : 14;
  if (linkType !== LinkType.ethernet && linkType !== LinkType.linuxSll) return { etherType: 0, at };
  let etherType = wordAt(packet, at - 2);
  while (etherType === VLAN) {
    at += 4;
    etherType = wordAt(packet, at - 2);
  }
  return { etherType, at };
}

function renumberHeader(packet: Uint8Array, at: number): void {
  if (packet.length < at + IPV4_HEADER_BYTES || packet[at]! >> 4 !== 4) return;
  const before = sumOfAddresses(packet, at);
  renumber(packet, at + ADDRESSES_AT);
  renumber(packet, at + ADDRESSES_AT + ADDRESS_BYTES);
  const change = sumOfAddresses(packet, at) - before;
  adjustChecksum(packet, at + 10, change);
  const isFirstFragment = (wordAt(packet, at + 6) & 0x1fff) === 0;
  const checksumAt = TRANSPORT_CHECKSUM_AT[packet[at + 9]!];
  if (!isFirstFragment || checksumAt === undefined) return;
  const checksum = at + (packet[at]! & 15) * 4 + checksumAt;
  // A datagram without one has zeros there (RFC 768).
  if (packet.length >= checksum + 2 && (packet[at + 9] === 6 || wordAt(packet, checksum) !== 0))
    adjustChecksum(packet, checksum, change);
}

function sumOfAddresses(packet: Uint8Array, at: number): number {
  let sum = 0;
  for (let k = 0; k < 2 * ADDRESS_BYTES; k += 2) sum += wordAt(packet, at + ADDRESSES_AT + k);
  return sum;
}

/** What was covered has grown by `change`, as the sum of its words: RFC 1624. */
function adjustChecksum(packet: Uint8Array, at: number, change: number): void {
  const sum = (~wordAt(packet, at) & 0xffff) + change;
  const folded = ((sum % 0xffff) + 0xffff) % 0xffff;
  const checksum = ~folded & 0xffff;
  packet[at] = checksum >>> 8;
  packet[at + 1] = checksum & 0xff;
}

/** Gives one address its other. */
function renumber(packet: Uint8Array, at: number): void {
  const [a, b, c, d] = packet.subarray(at, at + ADDRESS_BYTES) as unknown as [number, number, number, number];
  // Unknown and loopback addresses, those of the link, groups, networks and broadcasts mean what they say.
  if (a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254) || d === 0 || d === 255) return;
  const network = finish(mix(mix(1, (a << 16) | (b << 8) | c), 2));
  const isPrivate = a === 10 || (a === 192 && b === 168) || (a === 172 && b >= 16 && b < 32);
  packet[at] = isPrivate ? 10 : PUBLIC_HEADS[network % PUBLIC_HEADS.length]!;
  packet[at + 1] = isPrivate ? 100 + ((network >>> 8) % 100) : (network >>> 8) & 0xff;
  packet[at + 2] = (network >>> 16) & 0xff;
  packet[at + 3] = 1 + ((d * 7 + (network >>> 24)) % 253);
}

function wordAt(packet: Uint8Array, at: number): number {
  return ((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0);
}
