import { type ActivityTable, FlowEvent, Protocol } from '@weir/contracts';
import { isCollector } from './collectors.js';

/** A service that answers a small datagram with much, so that whoever forges its asker's address makes a flood of it. */
interface Reflector {
  readonly port: number;
  readonly name: string;
  /** Least frame bytes of what is taken for a reflected answer; ordinary answers of the service are smaller. Unit: byte. */
  readonly leastBytes: number;
}

/**
 * Services abused for reflection (Rossow, Amplification Hell, NDSS 2014; US-CERT TA14-017A), by their UDP port. Where
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
  { port: 177, name: 'XDMCP', leastBytes: 0 },
  { port: 389, name: 'CLDAP', leastBytes: 0 },
  { port: 427, name: 'SLP', leastBytes: 0 },
  { port: 500, name: 'ISAKMP', leastBytes: 0 },
  { port: 520, name: 'RIP', leastBytes: 0 },
  { port: 523, name: 'DB2 discovery', leastBytes: 0 },
  { port: 623, name: 'IPMI', leastBytes: 0 },
  { port: 1434, name: 'SQL Server browser', leastBytes: 0 },
  { port: 1604, name: 'Citrix browser', leastBytes: 0 },
  { port: 1900, name: 'SSDP', leastBytes: 0 },
  { port: 2362, name: 'network camera discovery', leastBytes: 0 },
  { port: 3283, name: 'Apple Remote Desktop', leastBytes: 0 },
  { port: 3389, name: 'Remote Desktop', leastBytes: 1000 },
  { port: 3702, name: 'WS-Discovery', leastBytes: 0 },
  { port: 4500, name: 'ISAKMP', leastBytes: 0 },
  { port: 4800, name: 'Moxa discovery', leastBytes: 0 },
  { port: 5093, name: 'Sentinel', leastBytes: 0 },
  { port: 5351, name: 'NAT-PMP', leastBytes: 0 },
  { port: 5353, name: 'mDNS', leastBytes: 0 },
  { port: 5683, name: 'CoAP', leastBytes: 0 },
  { port: 10_001, name: 'Ubiquiti discovery', leastBytes: 0 },
  { port: 10_074, name: 'TP-240', leastBytes: 0 },
  { port: 11_211, name: 'memcached', leastBytes: 0 },
  { port: 17_185, name: 'VxWorks debugger', leastBytes: 0 },
  { port: 20_811, name: 'Powerhouse', leastBytes: 0 },
  { port: 27_015, name: 'game server', leastBytes: 150 },
  { port: 27_960, name: 'game server', leastBytes: 150 },
  { port: 30_718, name: 'Lantronix discovery', leastBytes: 0 },
  { port: 32_414, name: 'Plex discovery', leastBytes: 0 },
  { port: 33_848, name: 'Jenkins', leastBytes: 0 },
  { port: 37_020, name: 'camera discovery', leastBytes: 0 },
  { port: 37_810, name: 'DVR discovery', leastBytes: 0 },
  { port: 41_794, name: 'Crestron', leastBytes: 0 },
  { port: 47_808, name: 'BACnet', leastBytes: 0 },
];

/** By source port: the least frame bytes of a reflected datagram; beyond any datagram where the port is no reflector. */
const NEVER = 0x7fff_ffff;
const LEAST_BYTES = new Uint32Array(65_536).fill(NEVER);
const NAMES = new Map<number, string>();
for (const { port, name, leastBytes } of REFLECTORS) {
  LEAST_BYTES[port] = leastBytes;
  NAMES.set(port, name);
}

/** Whether the port is one of ISAKMP: between two such, gateways speak as equals and send all that is in their tunnel. */
export function isGatewayPort(port: number): boolean {
  return port === 500 || port === 4500;
}

/** Whether the datagrams of an unanswered row come from a reflector's port, and are of the size of reflected answers. */
export function isReflected({ columns: c }: ActivityTable, i: number): boolean {
  if (c.originatorPort[i] === c.responderPort[i] && isGatewayPort(c.originatorPort[i]!)) return false;
  return c.originatorBytes[i]! >= LEAST_BYTES[c.originatorPort[i]!]! * c.originatorPackets[i]!;
}

/** From here on systems choose ports by themselves (RFC 6335). */
const FIRST_DYNAMIC_PORT = 49_152;
/** Where a sensor sees one direction only, many servers of QUIC send a network what it asked for. */
const QUIC = 443;

/**
 * Whether the datagrams of an unanswered row may be answers of a service that is not listed above. Between equal ports
 * speak equals, such as those that report to each other; and what goes to a collector is a report.
 */
export function mayBeReflected({ columns: c }: ActivityTable, i: number): boolean {
  const port = c.originatorPort[i]!;
  if (port === c.responderPort[i] || isCollector(c.responderPort[i]!)) return false;
  return port < FIRST_DYNAMIC_PORT && port !== QUIC && LEAST_BYTES[port] === NEVER;
}

/** Frame bytes of a TCP segment over IPv6 without payload, with options and a VLAN tag. */
export const BARE_SEGMENT_BYTES = 100;
const OPENED = FlowEvent.started | FlowEvent.answered;
const OPENED_OTHERWISE = FlowEvent.midstream | FlowEvent.oddStart | FlowEvent.established;

/**
 * Whether a flow has just begun with a SYN-ACK, as answers to SYNs with a forged sender do, and holds nothing else but
 * perhaps the RST of the host that got it. Its responder is who sent the SYN-ACK. Where a sensor sees one direction only,
 * data follow in the same flow.
 */
export function isUnaskedAnswer({ columns: c }: ActivityTable, i: number, events: number): boolean {
  if ((events & (OPENED | OPENED_OTHERWISE)) !== OPENED || c.protocol[i] !== Protocol.tcp) return false;
  return c.synPackets[i] === 0 && c.responderBytes[i]! <= BARE_SEGMENT_BYTES * c.responderPackets[i]!;
}

/** Name of the service that is abused on this port; undefined for a port that is none. */
export function reflectorName(port: number): string | undefined {
  return NAMES.get(port);
}
