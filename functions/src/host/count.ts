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
import { FIELD, SET } from './fields.js';
import { NETWORK_ROW } from './host-rows.js';
import { isNeighbourSearch, isTellingProbe, isUnansweredProbe } from './probes.js';
import { isReflected, isUnaskedAnswer, mayBeReflected } from './reflectors.js';
import type { HostPartitionState } from './state.js';

/** Of whom more is counted than detectors read: what told windows show, and rules of users may. */
export interface WindowsCounted {
  readonly hosts: boolean;
  readonly network: boolean;
}

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
      const block = state.hosts.enter(row, second);
      countOriginator(state.hosts.blocks, block, activity, i, isProbe);
      if (windows.hosts) countTraffic(state.hosts.blocks, block, activity, i, Role.originator);
      if (isUnaskedAnswer(activity, i, events)) countUnasked(state, row, activity, i, responderHash);
      if (windows.hosts) addPeerBytes(state, row, activity, i, c.responderAddress.words);
      if (events & FlowEvent.started) {
        if (windows.hosts) addPeerSets(state, row, activity, i, responderHash);
        if (isProbe && isTellingProbe(activity, i, events)) addProbeSets(state, row, activity, i, responderHash);
        else if (isNeighbourSearch(activity, i)) countNeighbourSearch(state, row, activity, i);
      }
    }
    if (windows.network) countNetwork(state, activity, i, second, originatorHash, responderHash);
    if (events & FlowEvent.evicted || c.conformance[i]! & ConformanceBreach.timeLate)
      countBlindness(state, activity, i, second);
  }
  if (roles & Role.responder) {
    const row = state.hosts.touch(c.responderAddress.words, i * 4, responderHash, second);
    if (row < 0) return;
    const block = state.hosts.enter(row, second);
    countResponder(state.hosts.blocks, block, activity, i);
    if (windows.hosts) {
      countTraffic(state.hosts.blocks, block, activity, i, Role.responder);
      addPeerBytes(state, row, activity, i, c.originatorAddress.words);
    }
    if (events & FlowEvent.started) addInSets(state, row, activity, i, originatorHash);
    if (isProbe) countProbed(state, row, activity, i);
  }
}

/** Where the bytes that the originator and the responder of a flow sent are counted, of either's host. */
const ORIGINATOR = [FIELD.sentBytes, FIELD.receivedBytes] as const;
const RESPONDER = [FIELD.receivedBytes, FIELD.sentBytes] as const;

/** Adds to one of the distinct sets of a host's shortest window; `set` by SET. */
function addTo({ sets, hosts }: HostPartitionState, row: number, set: number, hash: number): void {
  const at = hosts.setsAt(row, 0) + set;
  hosts.setHandles[at] = sets.add(hosts.setHandles[at]!, hash);
}

function addInSets(
  state: HostPartitionState,
  row: number,
  activity: ActivityTable,
  i: number,
  originatorHash: number,
): void {
  const { events, originatorPort, protocol } = activity.columns;
  addTo(state, row, SET.peersIn, originatorHash);
  addTo(state, row, SET.portsIn, portHash(activity, i));
  if (protocol[i] === Protocol.udp && events[i]! & FlowEvent.unanswered && mayBeReflected(activity, i))
    addTo(state, row, SET.portsFrom, finish(mix(5, originatorPort[i]!)));
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
  addTo(state, row, SET.peersIn, responderHash);
}

function addPeerSets(
  state: HostPartitionState,
  row: number,
  activity: ActivityTable,
  i: number,
  responderHash: number,
): void {
  addTo(state, row, SET.peersOut, responderHash);
  addTo(state, row, SET.portsOut, portHash(activity, i));
}

function addPeerBytes(
  { hosts }: HostPartitionState,
  row: number,
  activity: ActivityTable,
  i: number,
  peer: Uint32Array,
): void {
  const c = activity.columns;
  const bytes = c.originatorBytes[i]! + c.responderBytes[i]!;
  if (bytes > 0) hosts.addPeer(row, peer, i * 4, bytes);
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
  addTo(state, row, SET.probeTargets, responderHash);
  addTo(state, row, SET.probePorts, port);
  addTo(state, row, SET.probePairs, finish(mix(responderHash, port)));
}

/** Of a protocol without ports, the protocol is what was tried. */
function portHash(activity: ActivityTable, i: number): number {
  const { protocol, responderPort } = activity.columns;
  const port = responderPort[i]!;
  return finish(mix(3, port !== 0 || protocol[i] === Protocol.tcp ? port : 65_536 + protocol[i]!));
}

/** A flow to host `row` that looks like a probe. */
function countProbed(state: HostPartitionState, row: number, activity: ActivityTable, i: number): void {
  const { blocks } = state.hosts;
  const block = state.hosts.blockAt(row, 0);
  const { events, timeUs, lastTimeUs } = activity.columns;
  blocks[block + FIELD.probesIn]! += 1;
  noteTimes(blocks, block, timeUs[i]!, lastTimeUs[i]!, FIELD.firstProbeInUs, FIELD.lastProbeInUs);
  if (isTellingProbe(activity, i, events[i]!)) addTo(state, row, SET.probedPorts, portHash(activity, i));
}

/** The question of IPv6 for a neighbour counts as that of ARP does. */
function countNeighbourSearch(state: HostPartitionState, row: number, activity: ActivityTable, i: number): void {
  const { blocks } = state.hosts;
  const block = state.hosts.blockAt(row, 0);
  const { timeUs, lastTimeUs, responderAddress } = activity.columns;
  blocks[block + FIELD.arpRequestsOut]! += 1;
  noteTimes(blocks, block, timeUs[i]!, lastTimeUs[i]!, FIELD.firstArpUs, FIELD.lastArpUs);
  addTo(state, row, SET.arpTargets, hashAddress(responderAddress.words, i * 4));
}

/** The network is one more host: what is sent is what originators sent. */
function countNetwork(
  state: HostPartitionState,
  activity: ActivityTable,
  i: number,
  second: number,
  originatorHash: number,
  responderHash: number,
): void {
  const { hosts } = state;
  const block = hosts.enter(NETWORK_ROW, second);
  countOriginator(hosts.blocks, block, activity, i, false);
  countTraffic(hosts.blocks, block, activity, i, Role.originator);
  addPeerBytes(state, NETWORK_ROW, activity, i, activity.columns.responderAddress.words);
  if (!(activity.columns.events[i]! & FlowEvent.started)) return;
  addPeerSets(state, NETWORK_ROW, activity, i, responderHash);
  addTo(state, NETWORK_ROW, SET.peersIn, originatorHash);
}

/** What the network did not see whole: flows that gave way, packets that came too late. */
function countBlindness({ hosts }: HostPartitionState, activity: ActivityTable, i: number, second: number): void {
  const block = hosts.enter(NETWORK_ROW, second);
  if (activity.columns.events[i]! & FlowEvent.evicted) hosts.blocks[block + FIELD.evictedFlows]! += 1;
  if (activity.columns.conformance[i]! & ConformanceBreach.timeLate) hosts.blocks[block + FIELD.lateRows]! += 1;
}

/** What only told windows and rules show, and no detector reads: bytes, shares of protocols, gaps, failures. */
function countTraffic(blocks: Float64Array, b: number, activity: ActivityTable, i: number, role: number): void {
  const c = activity.columns;
  const [sent, received] = role === Role.originator ? ORIGINATOR : RESPONDER;
  blocks[b + sent]! += c.originatorBytes[i]!;
  blocks[b + received]! += c.responderBytes[i]!;
  const protocol = c.protocol[i]!;
  const packets = c.originatorPackets[i]! + c.responderPackets[i]!;
  if (protocol === Protocol.tcp) blocks[b + FIELD.tcpPackets]! += packets;
  else if (protocol === Protocol.udp) blocks[b + FIELD.udpPackets]! += packets;
  else if (protocol === Protocol.icmp || protocol === Protocol.icmpv6) blocks[b + FIELD.icmpPackets]! += packets;
  blocks[b + FIELD.gapCount]! += c.gapCount[i]!;
  blocks[b + FIELD.gapSumUs]! += c.gapSumUs[i]!;
  blocks[b + FIELD.gapSquareSum]! += c.gapSquareSum[i]!;
  const events = c.events[i]!;
  if (events & FlowEvent.started) {
    if (events & FlowEvent.answered) blocks[b + FIELD.succeeded]! += 1;
    else blocks[b + FIELD.failed]! += 1;
  } else if (events & FlowEvent.answered) {
    blocks[b + FIELD.succeeded]! += 1;
    blocks[b + FIELD.failed]! -= 1;
  }
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
  noteTimes(blocks, b, c.timeUs[i]!, c.lastTimeUs[i]!, FIELD.firstProbeUs, FIELD.lastProbeUs);
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
  const firstUs = c.timeUs[i]!;
  const lastUs = c.lastTimeUs[i]!;
  if (protocol === Protocol.tcp) {
    if (events & FlowEvent.established) blocks[b + FIELD.establishedIn]! += 1;
    if (c.synPackets[i]! === 0) {
      if (events & FlowEvent.unanswered && received > 0) countStray(blocks, b, activity, i, received);
      return;
    }
    blocks[b + FIELD.synIn]! += c.synPackets[i]!;
    countInPane(blocks, b + FIELD.synInPane, b + FIELD.synPeakIn, c.synPackets[i]!);
    noteTimes(blocks, b, firstUs, lastUs, FIELD.firstSynUs, FIELD.lastSynUs);
  } else if (protocol === Protocol.udp) {
    if (!(events & FlowEvent.unanswered) || received === 0) return;
    if (events & FlowEvent.started) blocks[b + FIELD.udpStartedIn]! += 1;
    blocks[b + FIELD.udpUnansweredIn]! += received;
    if (isReflected(activity, i)) {
      blocks[b + FIELD.reflectedIn]! += received;
      blocks[b + FIELD.reflectedBytesIn]! += c.originatorBytes[i]!;
    } else if (mayBeReflected(activity, i)) blocks[b + FIELD.maybeReflectedIn]! += received;
    countInPane(blocks, b + FIELD.udpInPane, b + FIELD.udpPeakIn, received);
    noteTimes(blocks, b, firstUs, lastUs, FIELD.firstUdpUs, FIELD.lastUdpUs);
  } else if (received === 0) {
    return;
  } else if (protocol === Protocol.icmp || protocol === Protocol.icmpv6) {
    blocks[b + FIELD.icmpIn]! += received;
    countInPane(blocks, b + FIELD.icmpInPane, b + FIELD.icmpPeakIn, received);
    noteTimes(blocks, b, firstUs, lastUs, FIELD.firstIcmpUs, FIELD.lastIcmpUs);
  } else if (events & FlowEvent.unanswered) countStray(blocks, b, activity, i, received);
}

/** Packets that nobody has asked for, as far as the sensor sees. */
function countStray(blocks: Float64Array, b: number, activity: ActivityTable, i: number, packets: number): void {
  const { events, timeUs, lastTimeUs } = activity.columns;
  if (events[i]! & FlowEvent.started) blocks[b + FIELD.strayStartedIn]! += 1;
  blocks[b + FIELD.strayIn]! += packets;
  countInPane(blocks, b + FIELD.strayInPane, b + FIELD.strayPeakIn, packets);
  noteTimes(blocks, b, timeUs[i]!, lastTimeUs[i]!, FIELD.firstStrayUs, FIELD.lastStrayUs);
}

/** Adds to what the pane holds, and keeps the greatest that a pane of the window has held. */
function countInPane(blocks: Float64Array, pane: number, peak: number, packets: number): void {
  const inPane = blocks[pane]! + packets;
  blocks[pane] = inPane;
  if (inPane > blocks[peak]!) blocks[peak] = inPane;
}

/** Widens a pair of first and last time. */
export function noteTimes(
  blocks: Float64Array,
  b: number,
  firstUs: number,
  lastUs: number,
  firstField: number,
  lastField: number,
): void {
  const first = blocks[b + firstField]!;
  if (first === 0 || firstUs < first) blocks[b + firstField] = firstUs;
  if (lastUs > blocks[b + lastField]!) blocks[b + lastField] = lastUs;
}
