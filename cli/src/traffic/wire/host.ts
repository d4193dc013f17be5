/** A machine of the simulated network and the ends of its conversations. */
export interface Host {
  readonly name: string;
  /** Hardware address seen on the segment: the gateway's for machines behind it. 6 bytes. */
  readonly mac: Uint8Array;
  readonly ipv4: Uint8Array;
  /** Absent on machines without IPv6. */
  readonly ipv6?: Uint8Array;
  /** TTL or hop limit of its packets as the sensor sees them. */
  readonly hopLimit: number;
  /** Whether its TCP offers timestamps (RFC 7323). */
  readonly timestamps: boolean;
  /** From the sensor to the host and back, unit: microseconds. */
  readonly turnaroundUs: number;
  /** IPv4 identification of its last packet. */
  ipId: number;
  /** Ephemeral port it used last. */
  lastPort: number;
}

/** One end of a conversation. `port` is 0 where the protocol has none. */
export interface Endpoint {
  readonly host: Host;
  readonly ip: Uint8Array;
  readonly port: number;
  /** Overrides the host's TTL (multicast groups, neighbour discovery). */
  readonly hopLimit?: number;
}

/** An IPv4 endpoint of a host. */
export function endpoint(host: Host, port: number): Endpoint {
  return { host, ip: host.ipv4, port };
}

/** An IPv6 endpoint, or IPv4 where the host has no IPv6. */
export function endpoint6(host: Host, port: number): Endpoint {
  return { host, ip: host.ipv6 ?? host.ipv4, port };
}

/** The host's next ephemeral port (RFC 6335 dynamic range, 49152..65535). */
export function nextPort(host: Host): number {
  host.lastPort = host.lastPort >= 65535 ? 49152 : host.lastPort + 1;
  return host.lastPort;
}

/** Bytes of a dotted address written in this source; not for input from outside. */
export function ipv4(text: string): Uint8Array {
  return Uint8Array.from(text.split('.').map(Number));
}

/** Dotted text of an IPv4 address. */
export function ipv4Text(address: Uint8Array): string {
  return Array.from(address).join('.');
}

/** An address of 2001:db8::/32 (RFC 3849) from its subnet and host numbers, 16 bits each. */
export function documentationIpv6(subnet: number, host: number): Uint8Array {
  const out = new Uint8Array(16);
  out.set([0x20, 0x01, 0x0d, 0xb8, subnet >>> 8, subnet]);
  out.set([host >>> 8, host], 14);
  return out;
}
