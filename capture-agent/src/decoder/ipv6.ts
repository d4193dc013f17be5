import { ConformanceBreach, NetworkLayer } from '@weir/contracts';
import type { FragmentTable } from './fragments.js';
import { cutShort, endAt, type Frame, Layer, LITTLE_ENDIAN } from './frame.js';
import { acceptNetwork, isLoopback, transportLayer } from './network.js';

/** Extension headers (IANA registry), by their protocol number. ESP hides what follows, so it ends the chain. */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const NO_NEXT_HEADER = 59;
const DESTINATION_OPTIONS = 60;
/** A longer chain is an attack on its reader (RFC 8504 5.3 allows a limit). */
const MAX_EXTENSIONS = 16;

/** IPv6 with its extension headers (RFC 8200). */
export function ipv6(f: Frame, fragments: FragmentTable): number {
  const { view, at, row } = f;
  if (at + 40 > f.end) return cutShort(f, 40, ConformanceBreach.ipHeaderLengthWrong);
  if (f.bytes[at]! >>> 4 !== 6) {
    f.breaches |= ConformanceBreach.ipVersionWrong;
    return Layer.end;
  }
  acceptNetwork(f, NetworkLayer.ipv6);
  for (let word = 0; word < 4; word++) {
    f.sourceWords[4 * row + word] = view.getUint32(at + 8 + 4 * word, LITTLE_ENDIAN);
    f.destinationWords[4 * row + word] = view.getUint32(at + 24 + 4 * word, LITTLE_ENDIAN);
  }
  checkAddresses(f);
  const payloadBytes = view.getUint16(at + 4);
  // Zero announces a jumbogram (RFC 2675) or a segment that the network card is still to cut: the frame decides.
  if (at + 40 + payloadBytes > f.wireEnd) f.breaches |= ConformanceBreach.ipLengthWrong;
  else if (payloadBytes !== 0 || f.bytes[at + 6] === NO_NEXT_HEADER) endAt(f, at + 40 + payloadBytes);
  f.at = at + 40;
  return afterExtensions(f, f.bytes[at + 6]!, fragments);
}

function checkAddresses(f: Frame): void {
  const { view, at } = f;
  const isMulticast = f.bytes[at + 8] === 0xff;
  const isSame =
    view.getInt32(at + 20) === view.getInt32(at + 36) &&
    view.getInt32(at + 16) === view.getInt32(at + 32) &&
    view.getInt32(at + 12) === view.getInt32(at + 28) &&
    view.getInt32(at + 8) === view.getInt32(at + 24);
  const isHostLocal = isUnspecifiedOrLoopback(f, at + 8);
  if (isMulticast || (isHostLocal && view.getInt32(at + 20) === 1 && !isSame))
    f.breaches |= ConformanceBreach.ipSourceMartian;
  if (isSame && !isHostLocal && !isLoopback(f)) f.breaches |= ConformanceBreach.ipSourceIsDestination;
}

/** `::` or `::1`. */
function isUnspecifiedOrLoopback({ view }: Frame, at: number): boolean {
  return (view.getInt32(at) | view.getInt32(at + 4) | view.getInt32(at + 8)) === 0 && view.getUint32(at + 12) <= 1;
}

/** AH in IPv4 (RFC 4302): the row names the protocol that it protects. */
export function authentication(f: Frame, fragments: FragmentTable): number {
  return afterExtensions(f, AUTHENTICATION, fragments);
}

function afterExtensions(f: Frame, firstHeader: number, fragments: FragmentTable): number {
  let next = firstHeader;
  for (let extensions = 0; isExtension(next); extensions++) {
    f.protocol[f.row] = next;
    if (extensions === MAX_EXTENSIONS) {
      f.breaches |= ConformanceBreach.ipOptionsMalformed;
      return Layer.end;
    }
    if (f.at + 8 > f.end) return cutShort(f, 8, ConformanceBreach.ipOptionsMalformed);
    const header = next;
    const at = f.at;
    next = f.bytes[at]!;
    f.at = at + extensionBytes(header, f.bytes[at + 1]!);
    if (f.at > f.wireEnd) {
      f.breaches |= ConformanceBreach.ipOptionsMalformed;
      return Layer.end;
    }
    if (header === FRAGMENT) {
      f.protocol[f.row] = next;
      if (fragments.addIpv6(f, f.view.getInt32(at + 4), f.view.getUint16(at + 2))) return Layer.end;
    }
  }
  f.protocol[f.row] = next;
  return next === NO_NEXT_HEADER ? Layer.opaque : transportLayer(next, f);
}

function extensionBytes(header: number, length: number): number {
  if (header === FRAGMENT) return 8;
  return header === AUTHENTICATION ? (length + 2) * 4 : (length + 1) * 8;
}

function isExtension(header: number): boolean {
  switch (header) {
    case HOP_BY_HOP:
    case ROUTING:
    case FRAGMENT:
    case AUTHENTICATION:
    case DESTINATION_OPTIONS:
      return true;
    default:
      return false;
  }
}
