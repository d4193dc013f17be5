import { ConformanceBreach, TcpFlag } from '@weir/contracts';
import { cutShort, endAt, type Frame, Layer } from './frame.js';
import { Look } from './look.js';
import { udpTunnel } from './tunnels.js';

/** 1 for each combination of the six classic flags that no TCP sends; ECE and CWR do not matter (RFC 9293, RFC 3168). */
export const ILLEGAL_FLAGS = Uint8Array.from({ length: 64 }, (_, flags) => (isIllegal(flags) ? 1 : 0));

/** The flags that tell whether a segment opens a stream in its direction: SYN alone of these. */
const STREAM_FLAGS = TcpFlag.syn | TcpFlag.rst | TcpFlag.fin;

function isIllegal(flags: number): boolean {
  const has = (mask: number) => (flags & mask) === mask;
  return (
    flags === 0 ||
    has(TcpFlag.syn | TcpFlag.fin) ||
    has(TcpFlag.syn | TcpFlag.rst) ||
    (has(TcpFlag.fin) && !has(TcpFlag.ack))
  );
}

/** TCP (RFC 9293). */
export function tcp(f: Frame): number {
  const { view, at, row } = f;
  if (at + 20 > f.end) return cutTcp(f);
  const sourcePort = view.getUint16(at);
  const destinationPort = view.getUint16(at + 2);
  const offsetAndFlags = view.getUint16(at + 12);
  const headerBytes = (offsetAndFlags >>> 12) << 2;
  f.sourcePort[row] = sourcePort;
  f.destinationPort[row] = destinationPort;
  f.tcpSequence[row] = view.getInt32(at + 4);
  f.tcpAcknowledgment[row] = view.getInt32(at + 8);
  f.tcpFlags[row] = offsetAndFlags;
  f.tcpWindow[row] = view.getUint16(at + 14);
  f.decoded = 1;
  if (ILLEGAL_FLAGS[offsetAndFlags & 63] === 1) f.breaches |= ConformanceBreach.tcpFlagsIllegal;
  if (sourcePort === 0 || destinationPort === 0) f.breaches |= ConformanceBreach.portZero;
  if (headerBytes < 20 || (at + headerBytes > f.wireEnd && f.fragment === 0)) {
    f.breaches |= ConformanceBreach.transportLengthWrong;
    return Layer.end;
  }
  setPayload(f, at + headerBytes);
  if ((offsetAndFlags & STREAM_FLAGS) === TcpFlag.syn) f.look = Look.streamStart;
  return Layer.end;
}

/** A TCP header of which not all was captured, or sent: what is there is used. */
function cutTcp(f: Frame): number {
  const { view, at, row, end } = f;
  if (!readPorts(f, 20)) return Layer.end;
  if (at + 8 <= end) f.tcpSequence[row] = view.getInt32(at + 4);
  if (at + 12 <= end) f.tcpAcknowledgment[row] = view.getInt32(at + 8);
  if (at + 13 <= end) f.payloadBytes[row] = Math.max(0, f.wireEnd - at - (f.bytes[at + 12]! >>> 4) * 4);
  if (at + 14 <= end) f.tcpFlags[row] = f.bytes[at + 13]!;
  if (at + 16 <= end) f.tcpWindow[row] = view.getUint16(at + 14);
  return Layer.end;
}

/** The two ports that TCP, UDP and SCTP begin with; false when not even they were captured. */
function readPorts(f: Frame, headerBytes: number): boolean {
  cutShort(f, headerBytes, ConformanceBreach.transportTruncated);
  if (f.at + 4 > f.end) return false;
  f.sourcePort[f.row] = f.view.getUint16(f.at);
  f.destinationPort[f.row] = f.view.getUint16(f.at + 2);
  f.decoded = 1;
  return true;
}

function setPayload(f: Frame, at: number): void {
  const bytes = f.wireEnd - at;
  if (bytes <= 0) return;
  f.payloadBytes[f.row] = bytes;
  if (at >= f.end) return;
  f.payloadAt = at;
  f.look = f.fragment === 1 ? Look.fragment : Look.payload;
}

/** UDP (RFC 768), and the tunnels in it. */
export function udp(f: Frame): number {
  const { view, at, row } = f;
  if (at + 8 > f.end) return cutUdp(f);
  const sourcePort = view.getUint16(at);
  const destinationPort = view.getUint16(at + 2);
  f.sourcePort[row] = sourcePort;
  f.destinationPort[row] = destinationPort;
  f.decoded = 1;
  if (sourcePort === 0 || destinationPort === 0) f.breaches |= ConformanceBreach.portZero;
  if (f.fragment === 0) acceptUdpLength(f, view.getUint16(at + 4));
  setPayload(f, at + 8);
  if (f.fragment === 1) return Layer.end;
  f.at = at + 8;
  return udpTunnel(sourcePort, destinationPort);
}

function acceptUdpLength(f: Frame, lengthBytes: number): void {
  // Zero: a datagram that the network card is still to cut, or a jumbogram (RFC 2675). Shorter than the IP payload is
  // allowed: what follows are UDP options (RFC 9868) or stray bytes.
  if (lengthBytes >= 8 && f.at + lengthBytes <= f.wireEnd) endAt(f, f.at + lengthBytes);
  else if (lengthBytes !== 0) f.breaches |= ConformanceBreach.transportLengthWrong;
}

function cutUdp(f: Frame): number {
  if (readPorts(f, 8)) f.payloadBytes[f.row] = Math.max(0, f.wireEnd - f.at - 8);
  return Layer.end;
}

/** Type of the chunk with which a host refuses an SCTP association, or ends it at once (RFC 9260 3.3.7). */
const ABORT = 6;

/** SCTP (RFC 9260): the common header, and whether the packet refuses. */
export function sctp(f: Frame): number {
  const chunk = f.at + 12;
  if (!readPorts(f, 12) || chunk >= f.wireEnd) return Layer.end;
  f.payloadBytes[f.row] = f.wireEnd - chunk;
  if (chunk < f.end && f.bytes[chunk] === ABORT) f.tcpFlags[f.row] = TcpFlag.rst;
  return Layer.end;
}

/** A protocol that Weir does not look into: all behind the IP header is payload. */
export function opaque(f: Frame): number {
  f.decoded = 1;
  // Payload of an unknown kind is counted, not examined: nothing tells its header from its content.
  f.payloadBytes[f.row] = f.wireEnd - f.at;
  return Layer.end;
}
