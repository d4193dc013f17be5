import type { ActivityTable } from '@weir/contracts';

/** A service that answers a small datagram with much, so that whoever forges its asker's address makes a flood of it. */
interface Reflector {
  readonly port: number;
  readonly name: string;
  /** Least frame bytes of what is taken for a reflected answer; ordinary answers of the service are smaller. Unit: byte. */
  readonly leastBytes: number;
}

/**
 * Services abused for reflection (Rossow, Amplification Hell, NDSS 2014, and US-CERT TA14-017A), by their UDP port. Where
 * ordinary answers are common on networks, only such count as are larger: DNS beyond 400 bytes, NTP beyond the 90 of a time answer.
 */
const REFLECTORS: readonly Reflector[] = [
  { port: 17, name: 'QOTD', leastBytes: 0 },
  { port: 19, name: 'CharGEN', leastBytes: 0 },
  { port: 53, name: 'DNS', leastBytes: 400 },
  { port: 69, name: 'TFTP', leastBytes: 400 },
  { port: 111, name: 'port mapper', leastBytes: 0 },
  { port: 123, name: 'NTP', leastBytes: 150 },
  { port: 137, name: 'NetBIOS', leastBytes: 150 },
  { port: 161, name: 'SNMP', leastBytes: 0 },
  { port: 389, name: 'CLDAP', leastBytes: 0 },
  { port: 427, name: 'SLP', leastBytes: 0 },
  { port: 500, name: 'ISAKMP', leastBytes: 0 },
  { port: 520, name: 'RIP', leastBytes: 0 },
  { port: 623, name: 'IPMI', leastBytes: 0 },
  { port: 1434, name: 'SQL Server browser', leastBytes: 0 },
  { port: 1900, name: 'SSDP', leastBytes: 0 },
  { port: 3283, name: 'Apple Remote Desktop', leastBytes: 0 },
  { port: 3702, name: 'WS-Discovery', leastBytes: 0 },
  { port: 4500, name: 'ISAKMP', leastBytes: 0 },
  { port: 5093, name: 'Sentinel', leastBytes: 0 },
  { port: 5353, name: 'mDNS', leastBytes: 0 },
  { port: 5683, name: 'CoAP', leastBytes: 0 },
  { port: 10_001, name: 'Ubiquiti discovery', leastBytes: 0 },
  { port: 11_211, name: 'memcached', leastBytes: 0 },
  { port: 27_015, name: 'game server', leastBytes: 150 },
  { port: 37_810, name: 'DVR discovery', leastBytes: 0 },
];

/** By source port: the least frame bytes of a reflected datagram; beyond any datagram where the port is no reflector. */
const LEAST_BYTES = new Uint32Array(65_536).fill(0x7fff_ffff);
const NAMES = new Map<number, string>();
for (const { port, name, leastBytes } of REFLECTORS) {
  LEAST_BYTES[port] = leastBytes;
  NAMES.set(port, name);
}

/** Whether the datagrams of an unanswered row come from a reflector's port, and are of the size of reflected answers. */
export function isReflected({ columns: c }: ActivityTable, i: number): boolean {
  return c.originatorBytes[i]! >= LEAST_BYTES[c.originatorPort[i]!]! * c.originatorPackets[i]!;
}

/** Name of the service that is abused on this port; undefined for a port that is none. */
export function reflectorName(port: number): string | undefined {
  return NAMES.get(port);
}
