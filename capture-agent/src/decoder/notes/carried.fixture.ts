import type { Captured } from '../decode-rows.js';
import { decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';

/** Ports of a packet. */
export interface Ports {
  source: number;
  destination: number;
}

/** The ports of the answer. */
export function turned({ source, destination }: Ports): Ports {
  return { source: destination, destination: source };
}

/** Addresses of a packet that answers one with the addresses of the packet builder. */
export const FROM_SERVER: build.Ipv4Fields = { source: '192.0.2.2', destination: '10.0.0.1' };

/** A TCP segment in a frame. */
export function overTcp(payload: Uint8Array, fields: build.TcpFields, ip: build.Ipv4Fields = {}): build.Bytes {
  return build.ethernet(build.ipv4(build.tcp(payload, fields), ip));
}

/** A datagram in a frame. */
export function overUdp(payload: Uint8Array, ports: Ports, ip: build.Ipv4Fields = {}): build.Bytes {
  return build.ethernet(build.ipv4(build.udp(payload, ports), { protocol: 17, ...ip }));
}

/** Code and text of each packet's note. */
export function told(packets: readonly (Uint8Array | Captured)[]): (number | string)[][] {
  return decodeRows(packets).map((row) => [row.noteCode, row.noteText]);
}
