import { ConformanceBreach, finish, mix, Protocol } from '@weir/contracts';
import type { Frame } from './frame.js';

/** Datagrams in pieces that are remembered at once. */
const SLOTS = 1024;
/** Pieces of one datagram that are remembered for the overlap check: 64 KiB in Ethernet frames, and a few more. */
const PIECES = 48;
/** A datagram is forgotten after this long, as its receiver would (RFC 1122 3.3.2 and RFC 8200 4.5 allow 60 s). */
const LIFETIME_S = 30;

/** Columns of `slots`. */
const KEY = 0;
const CHECK = 1;
const SEEN_S = 2;
const PORTS = 3;
const HAS_PORTS = 4;
const PIECE_COUNT = 5;
const STRIDE = 6;

/**
 * Remembers the ports of first fragments, so that later ones join their flow, and which bytes were seen, so that
 * overlaps are found. Fixed in size: a datagram whose slot is taken pushes the older one out.
 */
export class FragmentTable {
  private readonly slots = new Uint32Array(SLOTS * STRIDE);
  /** First and last 8-byte unit of each piece. */
  private readonly pieces = new Uint16Array(SLOTS * PIECES * 2);

  /** Takes an IPv4 fragment at its payload. `field` holds its flags and offset. True when no transport header follows. */
  addIpv4(f: Frame, identification: number, field: number): boolean {
    return this.add(f, identification, (field & 0x1fff) << 3, (field & 0x2000) !== 0);
  }

  /** Takes an IPv6 fragment (RFC 8200 4.5) at its payload. True when no transport header follows. */
  addIpv6(f: Frame, identification: number, field: number): boolean {
    const offset = field & 0xfff8;
    const hasMore = (field & 1) !== 0;
    // An atomic fragment is a whole packet (RFC 6946).
    if (offset === 0 && !hasMore) return false;
    return this.add(f, identification, offset, hasMore);
  }

  private add(f: Frame, identification: number, offset: number, hasMore: boolean): boolean {
    f.fragment = 1;
    const lengthBytes = f.wireEnd - f.at;
    checkLength(f, offset, lengthBytes, hasMore);
    const slot = this.findSlot(f, identification);
    this.addPiece(f, slot, offset >>> 3, (offset + lengthBytes + 7) >>> 3);
    if (offset === 0) {
      f.fragmentSlot = slot;
      return false;
    }
    const { slots } = this;
    if (slots[slot * STRIDE + HAS_PORTS] === 1) {
      const ports = slots[slot * STRIDE + PORTS]!;
      f.sourcePort[f.row] = ports >>> 16;
      f.destinationPort[f.row] = ports;
    }
    f.payloadBytes[f.row] = lengthBytes;
    f.decoded = 1;
    return true;
  }

  /** Keeps the ports of the first fragment that waits in `f`, now that its transport was decoded. */
  keepPorts(f: Frame): void {
    const at = f.fragmentSlot * STRIDE;
    this.slots[at + PORTS] = (f.sourcePort[f.row]! << 16) | f.destinationPort[f.row]!;
    this.slots[at + HAS_PORTS] = 1;
  }

  private findSlot(f: Frame, identification: number): number {
    const { slots } = this;
    const key = hashDatagram(f, identification);
    const check = finish(key ^ 0x5bd1e995);
    const slot = key & (SLOTS - 1);
    const at = slot * STRIDE;
    const nowS = f.timeUs[f.row]! / 1e6;
    const isSame = slots[at + KEY] === key >>> 0 && slots[at + CHECK] === check;
    if (!isSame || Math.abs(nowS - slots[at + SEEN_S]!) > LIFETIME_S) {
      slots[at + KEY] = key;
      slots[at + CHECK] = check;
      slots[at + SEEN_S] = nowS;
      slots[at + HAS_PORTS] = 0;
      slots[at + PIECE_COUNT] = 0;
    }
    return slot;
  }

  private addPiece(f: Frame, slot: number, first: number, end: number): void {
    const { slots, pieces } = this;
    const count = slots[slot * STRIDE + PIECE_COUNT]!;
    const base = slot * PIECES * 2;
    for (let i = base; i < base + 2 * count; i += 2) {
      if (pieces[i] === first && pieces[i + 1] === end) return; // the same piece again: a repeat, no attack
      if (first < pieces[i + 1]! && end > pieces[i]!) f.breaches |= ConformanceBreach.fragmentOverlapping;
    }
    if (count === PIECES) return;
    pieces[base + 2 * count] = first;
    pieces[base + 2 * count + 1] = end;
    slots[slot * STRIDE + PIECE_COUNT] = count + 1;
  }
}

/** The datagram's key: addresses, protocol, identification (RFC 791 2.3). Signed 32-bit. */
function hashDatagram(f: Frame, identification: number): number {
  let h = mix(f.protocol[f.row]!, identification);
  for (let i = 4 * f.row; i < 4 * f.row + 4; i++) h = mix(mix(h, f.sourceWords[i]!), f.destinationWords[i]!);
  return finish(h) | 0;
}

function checkLength(f: Frame, offset: number, lengthBytes: number, hasMore: boolean): void {
  if (offset + lengthBytes > 0xffff) f.breaches |= ConformanceBreach.ipLengthWrong;
  if (!hasMore) return;
  const isTooSmall = offset === 0 && lengthBytes < transportHeaderBytes(f.protocol[f.row]!);
  if (isTooSmall || (lengthBytes & 7) !== 0) f.breaches |= ConformanceBreach.fragmentTiny;
}

function transportHeaderBytes(protocol: number): number {
  if (protocol === Protocol.tcp) return 20;
  return protocol === Protocol.sctp ? 12 : 8;
}
