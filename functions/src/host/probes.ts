import { type ActivityTable, FlowEvent, Protocol } from '@weir/contracts';
import { BARE_SEGMENT_BYTES, isReflected } from './reflectors.js';

/** ICMP messages that ask a host for an answer: echo, time stamp, information, address mask (RFC 792, RFC 950). */
const ICMP_QUESTIONS: ReadonlySet<number> = new Set([8, 13, 15, 17]);
const ICMPV6_ECHO = 128;
const NEIGHBOUR_SOLICITATION = 135;
/** From here on systems choose ports for outgoing connections (Linux; RFC 6335 names 49,152). */
const FIRST_EPHEMERAL_PORT = 32_768;
const FIRST_REGISTERED_PORT = 1024;
/** Services below it over which working networks hold connections. */
const CONNECTED_PORTS: ReadonlySet<number> = new Set([
  ...[
    20, 21, 22, 23, 25, 43, 53, 80, 88, 110, 111, 119, 135, 139, 143, 179, 389, 427, 443, 445, 464, 465, 502, 512, 513,
  ],
  ...[514, 515, 543, 544, 548, 554, 563, 587, 593, 631, 636, 646, 853, 860, 873, 902, 989, 990, 992, 993, 995],
]);
/** Ports that traceroute and tracepath count up from, one for each datagram; at three for each of 64 hops they end there. */
const TRACED_PORTS = [
  { first: 33_434, last: 33_626 },
  { first: 44_444, last: 44_636 },
] as const;
/** Frame bytes of a packet that carries no more than a header, or an SCTP INIT; Ethernet pads shorter ones to 60. */
const EMPTY_PACKET_BYTES = 100;

/**
 * Whether a flow that has just begun is what a scanner's probe looks like: no answer by the end of the pane, or a
 * refusal. Left out is what often goes unanswered for good reasons: TCP under way before the capture or seen from one side only,
 * multicast and broadcast, datagrams from a well-known port to a high one (an answer whose question was not seen), and those
 * by which a path is traced.
 */
export function isUnansweredProbe(activity: ActivityTable, i: number, events: number): boolean {
  if (!(events & (FlowEvent.unanswered | FlowEvent.rejected))) return false;
  if (events & FlowEvent.midstream) return isStrayAckProbe(activity, i, events);
  const c = activity.columns;
  switch (c.protocol[i]) {
    case Protocol.tcp:
      return !isHalfSeen(activity, i, events);
    case Protocol.icmp:
      return ICMP_QUESTIONS.has(c.originatorPort[i]!) && !isGroupAddress(c.responderAddress.bytes, i * 16);
    case Protocol.icmpv6:
      return c.originatorPort[i] === ICMPV6_ECHO && !isGroupAddress(c.responderAddress.bytes, i * 16);
    case Protocol.udp:
      if ((c.originatorPort[i]! < 1024 || isGroupService(c.originatorPort[i]!)) && c.responderPort[i]! >= 1024)
        return false;
      if (isReflectedAnswer(activity, i) || isTraced(c.responderPort[i]!)) return false;
      return !isGroupAddress(c.responderAddress.bytes, i * 16);
    default:
      return isEmptyProtocolProbe(activity, i);
  }
}

/**
 * A bare ACK or FIN that was refused at once, as ACK, window and Maimon scans send them. Left out are those to high ports,
 * as a server's packets to a client that is gone look the same.
 */
function isStrayAckProbe(activity: ActivityTable, i: number, events: number): boolean {
  const c = activity.columns;
  if (c.originatorPackets[i]! !== 1 || c.originatorBytes[i]! > BARE_SEGMENT_BYTES) return false;
  if (!(events & FlowEvent.rejected) && c.responderPackets[i] !== 0) return false;
  return c.responderPort[i]! < FIRST_EPHEMERAL_PORT && c.originatorPort[i]! >= 1024;
}

/**
 * Whether the target and port of a probe tell something. Of bare ACKs that nobody refuses only those do that go to ports over
 * which hardly any connection is held: a sensor that sees one direction, or has just begun, sees bare ACKs to all others.
 */
export function isTellingProbe({ columns: c }: ActivityTable, i: number, events: number): boolean {
  if (!(events & FlowEvent.midstream) || events & FlowEvent.rejected) return true;
  const port = c.responderPort[i]!;
  return port < FIRST_REGISTERED_PORT && !CONNECTED_PORTS.has(port);
}

/** An answer that was sent to a forged asker: it comes from a reflector's port and carries something, as no probe does. */
function isReflectedAnswer(activity: ActivityTable, i: number): boolean {
  const c = activity.columns;
  if (c.originatorPort[i] === c.responderPort[i] || !isReflected(activity, i)) return false;
  return c.originatorBytes[i]! > c.originatorPackets[i]! * EMPTY_PACKET_BYTES;
}

/** Whether a datagram to the port is one of those that are sent port after port to find the way to a host. */
function isTraced(port: number): boolean {
  return port >= TRACED_PORTS[0].first && TRACED_PORTS.some(({ first, last }) => port >= first && port <= last);
}

/** SSDP, WS-Discovery, multicast DNS and LLMNR: who answers there was asked by way of a group, in another flow. */
function isGroupService(port: number): boolean {
  return port === 1900 || port === 3702 || port === 5353 || port === 5355;
}

/** A packet or two of a protocol other than TCP, UDP and ICMP that carry next to nothing. A tunnel's carry packets. */
function isEmptyProtocolProbe(activity: ActivityTable, i: number): boolean {
  const c = activity.columns;
  const packets = c.originatorPackets[i]!;
  if (c.protocol[i] === 0 || packets > 2 || c.originatorBytes[i]! > packets * EMPTY_PACKET_BYTES) return false;
  return !isGroupAddress(c.responderAddress.bytes, i * 16);
}

/** Whether a flow that has just begun asks IPv6's solicited-node groups who has an address (RFC 4861 7.2.2). */
export function isNeighbourSearch({ columns: c }: ActivityTable, i: number): boolean {
  if (c.protocol[i] !== Protocol.icmpv6 || c.originatorPort[i] !== NEIGHBOUR_SOLICITATION) return false;
  const { bytes } = c.responderAddress;
  return bytes[i * 16] === 0xff && bytes[i * 16 + 11] === 1 && bytes[i * 16 + 12] === 0xff;
}

/** TCP that went on after its SYN though no answer was seen: the sensor sees one direction only. */
function isHalfSeen(activity: ActivityTable, i: number, events: number): boolean {
  const { synPackets, originatorPackets } = activity.columns;
  return !(events & FlowEvent.rejected) && synPackets[i]! > 0 && originatorPackets[i]! > synPackets[i]!;
}

/** Whether the address at `at` is multicast or broadcast (RFC 1112, RFC 4291 2.7; x.x.x.255 is taken for a broadcast). */
export function isGroupAddress(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] === 0xff) return true;
  const isV4 = bytes[at + 10] === 0xff && bytes[at + 11] === 0xff && bytes[at] === 0;
  return isV4 && (bytes[at + 12]! >= 224 || bytes[at + 15] === 255);
}
