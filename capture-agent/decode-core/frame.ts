// The packet whose headers are being followed, and what all ways of decoding share.

import * as G from './generated';
import { PACKETS } from './memory';

// Third and fourth word of an IPv4 address, ::ffff:a.b.c.d, without the address.
const IPV4_PREFIX: u64 = 0xffff0000;

/** The flags that tell whether a segment opens a stream in its direction: SYN alone of these. */
export const OPENING: i32 = G.TcpFlag_syn | G.TcpFlag_rst | G.TcpFlag_fin;

/** Where captured bytes end, and where those on the wire did. */
export let end: usize = 0;
export let wireEnd: usize = 0;
/** Breaches so far. */
export let breaches: i32 = 0;
/** What is to be looked at later, a Look, and where; 0 nowhere. */
export let look: i32 = 0;
export let payloadAt: usize = 0;

/** Starts with a packet that ends there. */
export function begin(captured: usize, wire: usize): void {
  end = captured;
  wireEnd = wire;
  breaches = 0;
  look = G.Look_nothing;
  payloadAt = 0;
}

/** Moves both ends inwards to a position on the wire. */
export function endAt(position: usize): void {
  wireEnd = position;
  if (end > position) end = position;
}

export function addBreach(breach: i32): void {
  breaches |= breach;
}

export function lookAt(position: usize, what: i32): void {
  payloadAt = position;
  look = what;
}

export function setPorts(i: usize, source: i32, destination: i32): void {
  store<u16>(PACKETS + (i << 1), <u16>source, G.PACKETS_sourcePort);
  store<u16>(PACKETS + (i << 1), <u16>destination, G.PACKETS_destinationPort);
}

/** An IPv4 address as the machine loads it. */
export function storeAddress(to: usize, address: u32): void {
  store<u64>(to, 0);
  store<u64>(to, IPV4_PREFIX | (<u64>address << 32), 8);
}

export function isTunnelPort(port: i32): bool {
  return port == G.TUNNEL_PORT_vxlan || port == G.TUNNEL_PORT_geneve || port == G.TUNNEL_PORT_gtpU;
}
