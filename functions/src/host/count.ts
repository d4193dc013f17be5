import {
  type ActivityTable,
  ConformanceBreach,
  FlowEvent,
  finish,
  hashAddress,
  mix,
  Protocol,
  Role,
} from '@weir/contracts';
import { isCollector } from './collectors.js';
import { countForWindows, type WindowsCounted } from './count-windows.js';
import { FIELD, SET } from './fields.js';
import { NETWORK_ROW } from './host-rows.js';
import { addToSet, portHash } from './host-sets.js';
import { isNeighbourSearch, isTellingProbe, isUnansweredProbe } from './probes.js';
import { isGatewayPort, isReflected, isUnaskedAnswer, mayBeReflected } from './reflectors.js';
import type { HostPartitionState } from './state.js';

/** Payload of one byte or two over and over has less; text has twice as much. Unit: as `payloadEntropy`. */
const MOST_FILLER_ENTROPY = 64;

/** Counts activity row `i` for the hosts of this partition, and for the network. */
export function countActivity(
  state: HostPartitionState,
  activity: ActivityTable,
  i: number,
  second: number,
  windows: WindowsCounted,
): void {
  const c = activity.columns;
  const roles = c.roles[i]!;
  const events = c.events[i]!;
  const isProbe = (events & FlowEvent.started) !== 0 && isUnansweredProbe(activity, i, events);
  const originatorHash = hashAddress(c.originatorAddress.words, i * 4);
  const responderHash = hashAddress(c.responderAddress.words, i * 4);
  if (roles & Role.originator) {
    const row = state.hosts.touch(c.originatorAddress.words, i * 4, originatorHash, second);
    if (row >= 0) {
      countOriginator(state.hosts.blocks, state.hosts.enter(row, second), activity, i, isProbe);
      if (windows.hosts) countForWindows(state, row, activity, i, Role.originator);
      if (isUnaskedAnswer(activity, i, events)) countUnasked(state, row, activity, i, responderHash);
      if (events & FlowEvent.started) {
        if (isProbe && isTellingProbe(activity, i, events)) addProbeSets(state, row, activity, i, responderHash);
        else if (isNeighbourSearch(activity, i)) countNeighbourSearch(state, row, activity, i);
      }
    }
    if (windows.network) countNetwork(state, activity, i, second);
    if (events & FlowEvent.evicted || c.conformance[i]! & ConformanceBreach.timeLate)
      countBlindness(state, activity, i, second);
  }
  if (roles & Role.responder) {
    const row = state.hosts.touch(c.responderAddress.words, i * 4, responderHash, second);
    if (row < 0) return;
    countResponder(state.hosts.blocks, state.hosts.enter(row, second), activity, i);
    if (windows.hosts) countForWindows(state, row, activity, i, Role.responder);
    if (events & FlowEvent.started) addInSets(state, row, activity, i, originatorHash);
    if (isProbe) countProbed(state, row, activity, i);
  }
}

function addInSets(
  state: HostPartitionState,
  row: number,
  activity: ActivityTable,
  i: number,
  originatorHash: number,
): void {
  const { events, originatorPort, protocol } = activity.columns;
  addToSet(state, row, SET.peersIn, originatorHash);
  addToSet(state, row, SET.portsIn, portHash(activity, i));
  if (protocol[i] === Protocol.udp && events[i]! & FlowEvent.unanswered && mayBeReflected(activity, i))
    addToSet(state, row, SET.portsFrom, finish(mix(5, originatorPort[i]!)));
}

/** A SYN-ACK to host `row` that it did not ask for: it has not begun the flow. */
function countUnasked(
  state: HostPartitionState,
  row: number,
  activity: ActivityTable,
  i: number,
  responderHash: number,
): void {
  const { blocks } = state.hosts;
  const block = state.hosts.blockAt(row, 0);
  const packets = activity.columns.responderPackets[i]!;
  blocks[block + FIELD.startedOut]! -= 1;
  blocks[block + FIELD.unaskedIn]! += packets;
  countStray(blocks, block, activity, i, packets);
  addToSet(state, row, SET.peersIn, responderHash);
}

function addProbeSets(
  state: HostPartitionState,
  row: number,
  activity: ActivityTable,
  i: number,
  responderHash: number,
): void {
  const port = portHash(activity, i);
  const target = activity.columns.responderAddress.words;
  for (let k = 0; k < 4; k++) state.hosts.lastTargets[row * 4 + k] = target[i * 4 + k]!;
  addToSet(state, row, SET.probeTargets, responderHash);
  addToSet(state, row, SET.probePorts, port);
  addToSet(state, row, SET.probePairs, finish(mix(responderHash, port)));
}

/** A flow to host `row` that looks like a probe. */
function countProbed(state: HostPartitionState, row: number, activity: ActivityTable, i: number): void {
  const { blocks } = state.hosts;
  const block = state.hosts.blockAt(row, 0);
  blocks[block + FIELD.probesIn]! += 1;
  noteTimes(blocks, block, FIELD.firstProbeInUs, FIELD.lastProbeInUs, activity, i);
  if (isTellingProbe(activity, i, activity.columns.events[i]!))
    addToSet(state, row, SET.probedPorts, portHash(activity, i));
}

/** The question of IPv6 for a neighbour counts as that of ARP does. */
function countNeighbourSearch(state: HostPartitionState, row: number, activity: ActivityTable, i: number): void {
  const { blocks } = state.hosts;
  const block = state.hosts.blockAt(row, 0);
  blocks[block + FIELD.arpRequestsOut]! += 1;
  noteTimes(blocks, block, FIELD.firstArpUs, FIELD.lastArpUs, activity, i);
  addToSet(state, row, SET.arpTargets, hashAddress(activity.columns.responderAddress.words, i * 4));
}

/** The network is one more host: what is sent is what originators sent. */
function countNetwork(state: HostPartitionState, activity: ActivityTable, i: number, second: number): void {
  const { hosts } = state;
  countOriginator(hosts.blocks, hosts.enter(NETWORK_ROW, second), activity, i, false);
  countForWindows(state, NETWORK_ROW, activity, i, Role.originator);
  const { events, originatorAddress } = activity.columns;
  if (events[i]! & FlowEvent.started)
    addToSet(state, NETWORK_ROW, SET.peersIn, hashAddress(originatorAddress.words, i * 4));
}

/** What the network did not see whole: flows that gave way, packets that came too late. */
function countBlindness({ hosts }: HostPartitionState, activity: ActivityTable, i: number, second: number): void {
  const block = hosts.enter(NETWORK_ROW, second);
  if (activity.columns.events[i]! & FlowEvent.evicted) hosts.blocks[block + FIELD.evictedFlows]! += 1;
  if (activity.columns.conformance[i]! & ConformanceBreach.timeLate) hosts.blocks[block + FIELD.lateRows]! += 1;
}

function countOriginator(blocks: Float64Array, b: number, activity: ActivityTable, i: number, isProbe: boolean): void {
  const c = activity.columns;
  const events = c.events[i]!;
  blocks[b + FIELD.sentPackets]! += c.originatorPackets[i]!;
  blocks[b + FIELD.receivedPackets]! += c.responderPackets[i]!;
  if (events & FlowEvent.started) blocks[b + FIELD.startedOut]! += 1;
  else if (events & FlowEvent.answered) blocks[b + FIELD.lateAnswersOut]! += 1;
  if (!isProbe) return;
  blocks[b + FIELD.probesOut]! += 1;
  if (events & FlowEvent.rejected) blocks[b + FIELD.refusedOut]! += 1;
  if (events & FlowEvent.oddStart) blocks[b + FIELD.oddProbesOut]! += 1;
  noteTimes(blocks, b, FIELD.firstProbeUs, FIELD.lastProbeUs, activity, i);
}

function countResponder(blocks: Float64Array, b: number, activity: ActivityTable, i: number): void {
  const c = activity.columns;
  const received = c.originatorPackets[i]!;
  const events = c.events[i]!;
  const protocol = c.protocol[i]!;
  blocks[b + FIELD.sentPackets]! += c.responderPackets[i]!;
  blocks[b + FIELD.receivedPackets]! += received;
  if (events & FlowEvent.started) blocks[b + FIELD.startedIn]! += 1;
  else if (events & FlowEvent.answered) blocks[b + FIELD.lateAnswersIn]! += 1;
  if (protocol === Protocol.tcp) {
    if (events & FlowEvent.established) blocks[b + FIELD.establishedIn]! += 1;
    if (c.synPackets[i]! === 0) {
      if (events & FlowEvent.unanswered && received > 0) countStray(blocks, b, activity, i, received);
      return;
    }
    blocks[b + FIELD.synIn]! += c.synPackets[i]!;
    countInPane(blocks, b, FIELD.synInPane, FIELD.synPeakIn, c.synPackets[i]!);
    noteTimes(blocks, b, FIELD.firstSynUs, FIELD.lastSynUs, activity, i);
  } else if (protocol === Protocol.udp) {
    if (!(events & FlowEvent.unanswered) || received === 0) return;
    if (events & FlowEvent.started) blocks[b + FIELD.udpStartedIn]! += flowsBegun(activity, i);
    blocks[b + FIELD.udpUnansweredIn]! += received;
    if (isReflected(activity, i)) {
      blocks[b + FIELD.reflectedIn]! += received;
      blocks[b + FIELD.reflectedBytesIn]! += c.originatorBytes[i]!;
    } else if (mayBeReflected(activity, i)) blocks[b + FIELD.maybeReflectedIn]! += received;
    countInPane(blocks, b, FIELD.udpInPane, FIELD.udpPeakIn, received);
    noteTimes(blocks, b, FIELD.firstUdpUs, FIELD.lastUdpUs, activity, i);
  } else if (received === 0) {
    return;
  } else if (protocol === Protocol.icmp || protocol === Protocol.icmpv6) {
    blocks[b + FIELD.icmpIn]! += received;
    countInPane(blocks, b, FIELD.icmpInPane, FIELD.icmpPeakIn, received);
    noteTimes(blocks, b, FIELD.firstIcmpUs, FIELD.lastIcmpUs, activity, i);
  } else if (events & FlowEvent.unanswered) {
    countStray(blocks, b, activity, i, received);
    // Nobody converses in it, so each packet begins anew what would be a flow.
    if (!isSpoken(protocol)) blocks[b + FIELD.strayStartedIn]! += received - (events & FlowEvent.started);
  }
}

/**
 * As how many flows a row of datagrams that begins one counts: reports and tunnels are a stream however many they come in, and
 * of filler no stream consists.
 */
function flowsBegun({ columns: c }: ActivityTable, i: number): number {
  const port = c.responderPort[i]!;
  if (isCollector(port) || (port === c.originatorPort[i] && isGatewayPort(port))) return 0;
  const entropy = c.payloadEntropy[i]!;
  return entropy > 0 && entropy <= MOST_FILLER_ENTROPY ? c.originatorPackets[i]! : 1;
}

/**
 * Protocols other than TCP, UDP and ICMP in which machines hold conversations, or that carry those of others (IANA, Protocol
 * Numbers): IGMP, IP in IP, RSVP, DCCP, IPv6 in IPv4, GRE, ESP, AH, EIGRP, OSPF, EtherIP, PIM, L2TP, SCTP, UDP-Lite, MPLS, HIP.
 */
const SPOKEN: ReadonlySet<number> = new Set([
  2, 4, 33, 41, 46, 47, 50, 51, 88, 89, 97, 103, 112, 115, 132, 136, 137, 139,
]);

function isSpoken(protocol: number): boolean {
  return SPOKEN.has(protocol);
}

/** Packets that nobody has asked for, as far as the sensor sees. */
function countStray(blocks: Float64Array, b: number, activity: ActivityTable, i: number, packets: number): void {
  if (activity.columns.events[i]! & FlowEvent.started) blocks[b + FIELD.strayStartedIn]! += 1;
  blocks[b + FIELD.strayIn]! += packets;
  countInPane(blocks, b, FIELD.strayInPane, FIELD.strayPeakIn, packets);
  noteTimes(blocks, b, FIELD.firstStrayUs, FIELD.lastStrayUs, activity, i);
}

/** Adds to what the pane holds, and keeps the greatest that a pane of the window has held. */
function countInPane(blocks: Float64Array, b: number, paneField: number, peakField: number, packets: number): void {
  const inPane = blocks[b + paneField]! + packets;
  blocks[b + paneField] = inPane;
  if (inPane > blocks[b + peakField]!) blocks[b + peakField] = inPane;
  blocks[b + FIELD.floodInPane]! += packets;
}

// The times are read here: to pass them on would put each into an object of its own.
/** Widens a pair of first and last time by those of row `i`. */
function noteTimes(
  blocks: Float64Array,
  b: number,
  firstField: number,
  lastField: number,
  { columns }: ActivityTable,
  i: number,
): void {
  const firstUs = columns.timeUs[i]!;
  const lastUs = columns.lastTimeUs[i]!;
  const first = blocks[b + firstField]!;
  if (first === 0 || firstUs < first) blocks[b + firstField] = firstUs;
  if (lastUs > blocks[b + lastField]!) blocks[b + lastField] = lastUs;
}
