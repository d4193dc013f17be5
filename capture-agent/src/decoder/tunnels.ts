import { ConformanceBreach, TunnelKind } from '@weir/contracts';
import { cutShort, endAt, type Frame, Layer, MAX_TUNNELS } from './frame.js';

const GRE_HAS_CHECKSUM = 0x8000;
const GRE_HAS_ROUTING = 0x4000;
const GRE_HAS_KEY = 0x2000;
const GRE_HAS_SEQUENCE = 0x1000;
/** Acknowledgment number of enhanced GRE (RFC 2637). */
const GRE_HAS_ACKNOWLEDGMENT = 0x0080;
const GTP_USER_DATA = 255;

/** UDP ports of tunnels (RFC 7348, RFC 8926, 3GPP TS 29.281). */
/** UDP ports of tunnels (RFC 7348, RFC 8926, 3GPP TS 29.281). */
export const TUNNEL_PORT = { vxlan: 4789, geneve: 6081, gtpU: 2152 } as const;

/** Notes that the next network header lies within a tunnel. False when it is nested too deeply to follow. */
export function enterTunnel(f: Frame, kind: number, id: number): boolean {
  if (f.depth === MAX_TUNNELS) {
    f.breaches |= ConformanceBreach.tunnelMalformed;
    return false;
  }
  f.depth++;
  f.tunnelKind = kind;
  f.tunnelId = id;
  return true;
}

/** GRE (RFC 2784, RFC 2890), its enhanced form in PPTP (RFC 2637), and ERSPAN over it. */
export function gre(f: Frame): number {
  const { view, at } = f;
  f.payloadBytes[f.row] = f.wireEnd - at;
  f.decoded = 1;
  if (at + 4 > f.end) return cutShort(f, 4, ConformanceBreach.tunnelMalformed);
  const flags = view.getUint16(at);
  const type = view.getUint16(at + 2);
  let headerBytes = 4;
  // Checksum and routing share a pair of fields: either flag brings both.
  if (flags & (GRE_HAS_CHECKSUM | GRE_HAS_ROUTING)) headerBytes += 4;
  const keyAt = at + headerBytes;
  if (flags & GRE_HAS_KEY) headerBytes += 4;
  if (flags & GRE_HAS_SEQUENCE) headerBytes += 4;
  if (flags & GRE_HAS_ACKNOWLEDGMENT) headerBytes += 4;
  if (at + headerBytes > f.end) return cutShort(f, headerBytes, ConformanceBreach.tunnelMalformed);
  if (flags & GRE_HAS_ROUTING) return Layer.end;
  f.at = at + headerBytes;
  // The key of enhanced GRE holds a length and a call number that differs by direction.
  const id = flags & GRE_HAS_KEY && (flags & 7) === 0 ? view.getInt32(keyAt) : 0;
  return insideGre(f, type, id, (flags & GRE_HAS_SEQUENCE) !== 0);
}

function insideGre(f: Frame, type: number, id: number, hasSequence: boolean): number {
  const layer = greLayer(f, type, hasSequence);
  return layer !== Layer.end && enterTunnel(f, TunnelKind.gre, id) ? layer : Layer.end;
}

function greLayer(f: Frame, type: number, hasSequence: boolean): number {
  switch (type) {
    case 0x0800:
      return Layer.ipv4;
    case 0x86dd:
      return Layer.ipv6;
    case 0x6558:
      return Layer.ethernet;
    case 0x8847:
      return Layer.mpls;
    case 0x880b:
      return f.wireEnd - f.at > 4 ? Layer.ppp : Layer.end;
    case 0x88be:
      // ERSPAN: type I has neither sequence number nor header, type II has both (draft-foschiano-erspan).
      f.at += hasSequence ? 8 : 0;
      return Layer.ethernet;
    default:
      return Layer.end;
  }
}

/** The tunnel that UDP ports announce, `Layer.end` for none; its decoder then asks for a header that fits. */
export function udpTunnel(sourcePort: number, destinationPort: number): number {
  if (destinationPort === TUNNEL_PORT.vxlan) return Layer.vxlan;
  if (destinationPort === TUNNEL_PORT.geneve) return Layer.geneve;
  return destinationPort === TUNNEL_PORT.gtpU || sourcePort === TUNNEL_PORT.gtpU ? Layer.gtpU : Layer.end;
}

/** VXLAN (RFC 7348): the I flag alone, reserved fields zero; anything else is a datagram that only shares the port. */
export function vxlan(f: Frame): number {
  const { view, at } = f;
  if (at + 8 > f.end || view.getInt32(at) !== 0x0800_0000 || f.bytes[at + 7] !== 0) return Layer.end;
  f.at = at + 8;
  return enterTunnel(f, TunnelKind.vxlan, view.getInt32(at + 4) >>> 8) ? Layer.ethernet : Layer.end;
}

/** Geneve (RFC 8926), version 0. */
export function geneve(f: Frame): number {
  const { view, at } = f;
  if (at + 8 > f.end || f.bytes[at]! >>> 6 !== 0) return Layer.end;
  const inner = etherTypeLayer(view.getUint16(at + 2));
  if (inner === Layer.end) return Layer.end;
  const headerBytes = 8 + (f.bytes[at]! & 63) * 4;
  if (at + headerBytes > f.end) return cutShort(f, headerBytes, ConformanceBreach.tunnelMalformed);
  f.at = at + headerBytes;
  return enterTunnel(f, TunnelKind.geneve, view.getInt32(at + 4) >>> 8) ? inner : Layer.end;
}

function etherTypeLayer(type: number): number {
  if (type === 0x6558) return Layer.ethernet;
  if (type === 0x0800) return Layer.ipv4;
  return type === 0x86dd ? Layer.ipv6 : Layer.end;
}

/** User data of GTP-U version 1 (3GPP TS 29.281 5.1), stepping over extension headers. */
export function gtpU(f: Frame): number {
  const { view, at, bytes } = f;
  if (at + 8 > f.end || (bytes[at]! & 0xf0) !== 0x30 || bytes[at + 1] !== GTP_USER_DATA) return Layer.end;
  const end = at + 8 + view.getUint16(at + 2);
  if (end > f.wireEnd) {
    f.breaches |= ConformanceBreach.tunnelMalformed;
    return Layer.end;
  }
  let next = at + 8;
  if (bytes[at]! & 7) {
    next += 4;
    // Each extension gives its length in words first and the type of the next one last; type 0 ends them.
    for (let hasExtension = bytes[at]! & 4; hasExtension && next <= f.end && bytes[next - 1] !== 0; ) {
      const words = next < f.end ? bytes[next]! : 0;
      if (words === 0) return Layer.end;
      next += words * 4;
    }
  }
  if (next >= f.end) return Layer.end;
  const version = bytes[next]! >>> 4;
  if ((version !== 4 && version !== 6) || !enterTunnel(f, TunnelKind.gtpU, 0)) return Layer.end;
  endAt(f, end);
  f.at = next;
  return Layer.ip;
}
