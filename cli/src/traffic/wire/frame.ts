import { checksumOf, concat, put16, put32, sumWords } from './bytes.js';
import type { Endpoint, Host } from './host.js';

/** Frames shorter than this are padded with zeros, as Ethernet does (64 octets less the check sequence). */
const MIN_FRAME_BYTES = 60;
const ETHERNET_BYTES = 14;

export const TcpFlag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32 } as const;

/** One TCP segment to be sent; numbers are modulo 2^32, the window is the field as sent (not scaled). */
export interface TcpSegment {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  /** Options, a multiple of four bytes. */
  readonly options?: Uint8Array;
  readonly payload?: Uint8Array;
}

/** What an IP packet carries, with its checksum field still zero. */
interface Transport {
  readonly protocol: number;
  readonly bytes: Uint8Array;
  /** Absent where the protocol has a sum of its own kind, already there. */
  readonly checksumOffset?: number;
  /** ICMP over IPv4 does not sum the addresses into its checksum; all others do. */
  readonly pseudoHeader: boolean;
}

const EMPTY = new Uint8Array(0);

function writeEthernet(frame: Uint8Array, to: Uint8Array, from: Uint8Array, etherType: number): void {
  frame.set(to, 0);
  frame.set(from, 6);
  put16(frame, 12, etherType);
}

function writeIpv4(frame: Uint8Array, packet: { from: Endpoint; to: Endpoint; protocol: number; bytes: number }): void {
  const { host } = packet.from;
  host.ipId = (host.ipId + 1) & 0xffff;
  frame[14] = 0x45;
  put16(frame, 16, 20 + packet.bytes);
  put16(frame, 18, host.ipId);
  put16(frame, 20, packet.protocol === 6 ? 0x4000 : 0);
  frame[22] = packet.from.hopLimit ?? host.hopLimit;
  frame[23] = packet.protocol;
  frame.set(packet.from.ip, 26);
  frame.set(packet.to.ip, 30);
  put16(frame, 24, checksumOf(sumWords(frame, 14, 34)));
}

function writeIpv6(frame: Uint8Array, packet: { from: Endpoint; to: Endpoint; protocol: number; bytes: number }): void {
  frame[14] = 0x60;
  put16(frame, 18, packet.bytes);
  frame[20] = packet.protocol;
  frame[21] = packet.from.hopLimit ?? packet.from.host.hopLimit;
  frame.set(packet.from.ip, 22);
  frame.set(packet.to.ip, 38);
}

function pseudoHeaderSum(from: Endpoint, to: Endpoint, transport: Transport): number {
  if (!transport.pseudoHeader) return 0;
  const addresses = sumWords(from.ip, 0, from.ip.length) + sumWords(to.ip, 0, to.ip.length);
  return addresses + transport.protocol + transport.bytes.length;
}

/** An Ethernet frame with an IP packet. */
export function ipFrame(from: Endpoint, to: Endpoint, transport: Transport): Uint8Array {
  const isIpv4 = from.ip.length === 4;
  const bodyAt = ETHERNET_BYTES + (isIpv4 ? 20 : 40);
  const bytes = transport.bytes.length;
  const frame = new Uint8Array(Math.max(MIN_FRAME_BYTES, bodyAt + bytes));
  writeEthernet(frame, to.host.mac, from.host.mac, isIpv4 ? 0x0800 : 0x86dd);
  const packet = { from, to, protocol: transport.protocol, bytes };
  if (isIpv4) writeIpv4(frame, packet);
  else writeIpv6(frame, packet);
  frame.set(transport.bytes, bodyAt);
  if (transport.checksumOffset === undefined) return frame;
  const sum = pseudoHeaderSum(from, to, transport) + sumWords(transport.bytes, 0, bytes);
  put16(frame, bodyAt + transport.checksumOffset, checksumOf(sum) || (transport.protocol === 17 ? 0xffff : 0));
  return frame;
}

/** The frame of an IPv4 packet in two, the second of which begins `overlapBytes` before the end of the first. */
export function fragmentFrames(whole: Uint8Array, cutBytes: number, overlapBytes = 0): Uint8Array[] {
  const body = whole.subarray(ETHERNET_BYTES + 20);
  const at = cutBytes - overlapBytes;
  return [
    fragmentOf(whole, body.subarray(0, cutBytes), MORE_FRAGMENTS),
    fragmentOf(whole, body.subarray(at), at >>> 3),
  ];
}

/** Flag and offset of the IPv4 header (RFC 791): more fragments follow. */
const MORE_FRAGMENTS = 0x2000;

function fragmentOf(whole: Uint8Array, piece: Uint8Array, field: number): Uint8Array {
  const header = whole.slice(0, ETHERNET_BYTES + 20);
  put16(header, 16, 20 + piece.length);
  put16(header, 20, field);
  put16(header, 24, 0);
  put16(header, 24, checksumOf(sumWords(header, 14, 34)));
  const frame = new Uint8Array(Math.max(MIN_FRAME_BYTES, header.length + piece.length));
  frame.set(header);
  frame.set(piece, header.length);
  return frame;
}

/** An Ethernet frame with one TCP segment. */
export function tcpFrame(segment: TcpSegment): Uint8Array {
  const options = segment.options ?? EMPTY;
  const header = new Uint8Array(20);
  put16(header, 0, segment.from.port);
  put16(header, 2, segment.to.port);
  put32(header, 4, segment.sequence);
  put32(header, 8, segment.acknowledgment);
  header[12] = ((20 + options.length) / 4) << 4;
  header[13] = segment.flags;
  put16(header, 14, segment.window);
  const bytes = concat([header, options, segment.payload ?? EMPTY]);
  return ipFrame(segment.from, segment.to, { protocol: 6, bytes, checksumOffset: 16, pseudoHeader: true });
}

/** An Ethernet frame with one UDP datagram. */
export function udpFrame(from: Endpoint, to: Endpoint, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length);
  put16(bytes, 0, from.port);
  put16(bytes, 2, to.port);
  put16(bytes, 4, bytes.length);
  bytes.set(payload, 8);
  return ipFrame(from, to, { protocol: 17, bytes, checksumOffset: 6, pseudoHeader: true });
}

/** An Ethernet frame with one ICMP message (ICMPv6 between IPv6 endpoints); `message` starts with type and code. */
export function icmpFrame(from: Endpoint, to: Endpoint, message: Uint8Array): Uint8Array {
  const isIpv4 = from.ip.length === 4;
  const protocol = isIpv4 ? 1 : 58;
  return ipFrame(from, to, { protocol, bytes: message, checksumOffset: 2, pseudoHeader: !isIpv4 });
}

/** ICMP port unreachable for a UDP frame: quotes its IP header and first eight bytes (RFC 792). */
export function portUnreachableFrame(from: Endpoint, to: Endpoint, refused: Uint8Array): Uint8Array {
  return icmpFrame(from, to, concat([Uint8Array.of(3, 3, 0, 0, 0, 0, 0, 0), refused.subarray(14, 42)]));
}

/** An ARP question (broadcast) for `wanted`, RFC 826. */
export function arpRequestFrame(asker: Host, wanted: Uint8Array): Uint8Array {
  return arpFrame(1, asker, { mac: new Uint8Array(6), ip: wanted, ethernet: new Uint8Array(6).fill(0xff) });
}

/** The ARP answer of `owner` to `asker`. */
export function arpReplyFrame(owner: Host, asker: Host): Uint8Array {
  return arpFrame(2, owner, { mac: asker.mac, ip: asker.ipv4, ethernet: asker.mac });
}

function arpFrame(operation: 1 | 2, sender: Host, target: { mac: Uint8Array; ip: Uint8Array; ethernet: Uint8Array }) {
  const frame = new Uint8Array(MIN_FRAME_BYTES);
  writeEthernet(frame, target.ethernet, sender.mac, 0x0806);
  frame.set([0, 1, 8, 0, 6, 4, 0, operation], 14);
  frame.set(sender.mac, 22);
  frame.set(sender.ipv4, 28);
  frame.set(target.mac, 32);
  frame.set(target.ip, 38);
  return frame;
}
