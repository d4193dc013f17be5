import { ConformanceBreach, NetworkLayer, Protocol, TunnelKind } from '@weir/contracts';
import type { FragmentTable } from './fragments.js';
import { cutShort, endAt, type Frame, IPV4_PREFIX_WORD, Layer, LITTLE_ENDIAN } from './frame.js';
import { enterTunnel } from './tunnels.js';

const IP_IN_IP = 4;
const SIX_IN_FOUR = 41;
const GRE = 47;
const AUTHENTICATION = 51;

/** Starts the row's network layer: inside a tunnel it forgets what the outer headers wrote. */
export function acceptNetwork(f: Frame, layer: number): void {
  const row = f.row;
  f.networkLayer[row] = layer;
  if (f.depth === 0) return;
  f.tunnelKinds[row] = f.tunnelKind;
  f.tunnelIds[row] = f.tunnelId;
  f.clearTransport();
  f.fragment = 0;
  f.decoded = 0;
}

/** IPv4 or IPv6, by the version field. */
export function ip(f: Frame): number {
  if (f.at >= f.end) return cutShort(f, 1, ConformanceBreach.ipHeaderLengthWrong);
  const version = f.bytes[f.at]! >>> 4;
  if (version === 4) return Layer.ipv4;
  if (version === 6) return Layer.ipv6;
  f.breaches |= ConformanceBreach.ipVersionWrong;
  return Layer.end;
}

/** IPv4 (RFC 791). */
export function ipv4(f: Frame, fragments: FragmentTable): number {
  const { view, at, row } = f;
  if (at + 20 > f.end) return cutShort(f, 20, ConformanceBreach.ipHeaderLengthWrong);
  const versionAndLength = f.bytes[at]!;
  if (versionAndLength >>> 4 !== 4) {
    f.breaches |= ConformanceBreach.ipVersionWrong;
    return Layer.end;
  }
  const protocol = f.bytes[at + 9]!;
  acceptNetwork(f, NetworkLayer.ipv4);
  f.protocol[row] = protocol;
  const first = 4 * row;
  const source = view.getInt32(at + 12, LITTLE_ENDIAN);
  const destination = view.getInt32(at + 16, LITTLE_ENDIAN);
  f.sourceWords[first] = 0;
  f.sourceWords[first + 1] = 0;
  f.sourceWords[first + 2] = IPV4_PREFIX_WORD;
  f.sourceWords[first + 3] = source;
  f.destinationWords[first] = 0;
  f.destinationWords[first + 1] = 0;
  f.destinationWords[first + 2] = IPV4_PREFIX_WORD;
  f.destinationWords[first + 3] = destination;
  const sourceHead = f.bytes[at + 12]!;
  if (source === destination || sourceHead >= 224 || sourceHead === 127 || sourceHead === 0) checkIpv4Source(f);

  const headerBytes = (versionAndLength & 15) << 2;
  if (headerBytes !== 20 && !acceptIpv4Options(f, headerBytes)) return Layer.end;
  checkIpv4Checksum(f, headerBytes);
  const totalBytes = view.getUint16(at + 2);
  // Zero is what a segment looks like before the network card cuts it (TCP segmentation offload): the frame decides.
  if (totalBytes >= headerBytes && at + totalBytes <= f.wireEnd) endAt(f, at + totalBytes);
  else if (totalBytes !== 0) f.breaches |= ConformanceBreach.ipLengthWrong;
  f.at = at + headerBytes;
  const fragment = view.getUint16(at + 6) & 0x3fff;
  if (fragment !== 0 && fragments.addIpv4(f, view.getUint16(at + 4), fragment)) return Layer.end;
  return transportLayer(protocol, f);
}

/** Source equal to destination, or one that no host may send from (RFC 1812 5.3.7). */
function checkIpv4Source(f: Frame): void {
  const { view, at } = f;
  const head = f.bytes[at + 12]!;
  const isLocal = head === 127 && f.bytes[at + 16] === 127;
  const isUnknown = view.getInt32(at + 12) === 0;
  if (!isLocal && !isUnknown && (head >= 224 || head === 127 || head === 0))
    f.breaches |= ConformanceBreach.ipSourceMartian;
  if (view.getInt32(at + 12) === view.getInt32(at + 16) && !isLocal && !isUnknown && !isLoopback(f))
    f.breaches |= ConformanceBreach.ipSourceIsDestination;
}

/** A host that talks to its own address does so over a loopback interface, where that is no attack. */
export function isLoopback(f: Frame): boolean {
  if (f.loopback === 1) return true;
  const link = f.at - 14;
  // Linux gives loopback frames an Ethernet header of zeros.
  return f.depth === 0 && link >= f.start && (f.view.getInt32(link) | f.view.getInt32(link + 8)) === 0;
}

/** The ones' complement sum of a header with its checksum is all ones, in either byte order (RFC 1071). */
function checkIpv4Checksum(f: Frame, headerBytes: number): void {
  const { view, at } = f;
  if (at + headerBytes > f.end) return;
  let sum = 0;
  for (let i = at; i < at + headerBytes; i += 4) {
    const word = view.getInt32(i, LITTLE_ENDIAN);
    sum += (word & 0xffff) + (word >>> 16);
  }
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  // A zero checksum is one that the network card was to fill in.
  if (sum !== 0xffff && view.getUint16(at + 10) !== 0) f.breaches |= ConformanceBreach.ipChecksumWrong;
}

/** False when the header length cannot be, so that nothing behind the header can be found. */
function acceptIpv4Options(f: Frame, headerBytes: number): boolean {
  if (headerBytes < 20 || f.at + headerBytes > f.wireEnd) {
    f.breaches |= ConformanceBreach.ipHeaderLengthWrong;
    return false;
  }
  const end = f.at + headerBytes;
  if (end > f.end) return false;
  for (let i = f.at + 20; i < end && f.bytes[i] !== 0; ) {
    const optionBytes = f.bytes[i] === 1 ? 1 : i + 1 < end ? f.bytes[i + 1]! : 0;
    if (optionBytes === 0 || (optionBytes === 1 && f.bytes[i] !== 1) || i + optionBytes > end) {
      f.breaches |= ConformanceBreach.ipOptionsMalformed;
      break;
    }
    i += optionBytes;
  }
  return true;
}

/** The layer that a protocol number announces, in IPv4 or after the extension headers of IPv6. */
export function transportLayer(protocol: number, f: Frame): number {
  switch (protocol) {
    case Protocol.tcp:
      return Layer.tcp;
    case Protocol.udp:
      return Layer.udp;
    case Protocol.icmp:
      return Layer.icmp;
    case Protocol.icmpv6:
      return Layer.icmpv6;
    case Protocol.sctp:
      return Layer.sctp;
    case AUTHENTICATION:
      return Layer.authentication;
    default:
      return f.fragment === 1 ? Layer.opaque : tunnelLayer(protocol, f);
  }
}

function tunnelLayer(protocol: number, f: Frame): number {
  if (protocol === GRE) return Layer.gre;
  const isOverIpv4 = f.networkLayer[f.row] === NetworkLayer.ipv4;
  if (protocol === IP_IN_IP) return enterTunnel(f, TunnelKind.ipInIp, 0) ? Layer.ipv4 : Layer.opaque;
  if (protocol === SIX_IN_FOUR)
    return enterTunnel(f, isOverIpv4 ? TunnelKind.sixInFour : TunnelKind.ipInIp, 0) ? Layer.ipv6 : Layer.opaque;
  return Layer.opaque;
}
