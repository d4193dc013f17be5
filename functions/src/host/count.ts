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
import type { HostPartitionState } from './state.js';

const ICMP_ECHO = 8;
const ICMPV6_ECHO = 128;

/**
 * Counts activity row `i` for the hosts of this partition, and for the network. What only told windows show, and no
 * detector reads, is counted when `withWindows`.
 */
export function countActivity(
  state: HostPartitionState,
  activity: ActivityTable,
  i: number,
  second: number,
  withWindows: boolean,
): void {
  const c = activity.columns;
  const roles = c.roles[i]!;
  const events = c.events[i]!;
  const isProbe = (events & FlowEvent.started) !== 0 && isUnansweredProbe(activity, i, events);
  const responderHash = hashAddress(c.responderAddress.words, i * 4);
  if (roles & Role.originator) {
    const originatorHash = hashAddress(c.originatorAddress.words, i * 4);
    const row = state.hosts.touch(c.originatorAddress.words, i * 4, originatorHash, second);
    if (row >= 0) {
      countOriginator(state.hosts.blocks, state.hosts.enter(row, second), activity, i, isProbe);
      if (withWindows) addPeerBytes(state, row, activity, i, c.responderAddress.words);
      if (events & FlowEvent.started) {
        if (withWindows) addPeerSets(state, row, activity, i, responderHash);
        if (isProbe) addProbeSets(state, row, activity, i, responderHash);
      }
    }
    if (withWindows) countNetwork(state, activity, i, second, originatorHash, responderHash);
    if (events & FlowEvent.evicted || c.conformance[i]! & ConformanceBreach.timeLate)
      countBlindness(state, activity, i, second);
  }
  if (roles & Role.responder) {
    const row = state.hosts.touch(c.responderAddress.words, i * 4, responderHash, second);
    if (row < 0) return;
    countResponder(state.hosts.blocks, state.hosts.enter(row, second), activity, i);
    if (withWindows) addPeerBytes(state, row, activity, i, c.originatorAddress.words);
    if (events & FlowEvent.started) addInSets(state, row, activity, i);
  }
}

/** Adds to one of the distinct sets of a host's shortest window; `set` by SET. */
function addTo({ sets, hosts }: HostPartitionState, row: number, set: number, hash: number): void {
  const at = hosts.setsAt(row, 0) + set;
  hosts.setHandles[at] = sets.add(hosts.setHandles[at]!, hash);
}

function addInSets(state: HostPartitionState, row: number, activity: ActivityTable, i: number): void {
  addTo(state, row, SET.peersIn, hashAddress(activity.columns.originatorAddress.words, i * 4));
  addTo(state, row, SET.portsIn, portHash(activity, i));
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

function portHash(activity: ActivityTable, i: number): number {
  return finish(mix(3, activity.columns.responderPort[i]!));
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
  countOriginator(hosts.blocks, hosts.enter(NETWORK_ROW, second), activity, i, false);
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

/** What both sides count alike. */
function countShared(blocks: Float64Array, b: number, activity: ActivityTable, i: number, packets: number): void {
  const c = activity.columns;
  const protocol = c.protocol[i]!;
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
  const sent = c.originatorPackets[i]!;
  const received = c.responderPackets[i]!;
  const events = c.events[i]!;
  blocks[b + FIELD.sentPackets]! += sent;
  blocks[b + FIELD.sentBytes]! += c.originatorBytes[i]!;
  blocks[b + FIELD.receivedPackets]! += received;
  blocks[b + FIELD.receivedBytes]! += c.responderBytes[i]!;
  countShared(blocks, b, activity, i, sent + received);
  if (events & FlowEvent.started) blocks[b + FIELD.startedOut]! += 1;
  else if (events & FlowEvent.answered) blocks[b + FIELD.lateAnswersOut]! += 1;
  if (!isProbe) return;
  blocks[b + FIELD.probesOut]! += 1;
  if (events & FlowEvent.oddStart) blocks[b + FIELD.oddProbesOut]! += 1;
  noteTimes(blocks, b, c.timeUs[i]!, c.lastTimeUs[i]!, FIELD.firstProbeUs, FIELD.lastProbeUs);
}

function countResponder(blocks: Float64Array, b: number, activity: ActivityTable, i: number): void {
  const c = activity.columns;
  const sent = c.responderPackets[i]!;
  const received = c.originatorPackets[i]!;
  const events = c.events[i]!;
  const protocol = c.protocol[i]!;
  blocks[b + FIELD.sentPackets]! += sent;
  blocks[b + FIELD.sentBytes]! += c.responderBytes[i]!;
  blocks[b + FIELD.receivedPackets]! += received;
  blocks[b + FIELD.receivedBytes]! += c.originatorBytes[i]!;
  countShared(blocks, b, activity, i, sent + received);
  if (events & FlowEvent.started) blocks[b + FIELD.startedIn]! += 1;
  const firstUs = c.timeUs[i]!;
  const lastUs = c.lastTimeUs[i]!;
  if (protocol === Protocol.tcp) {
    if (events & FlowEvent.established) blocks[b + FIELD.establishedIn]! += 1;
    if (c.synPackets[i]! === 0) return;
    blocks[b + FIELD.synIn]! += c.synPackets[i]!;
    countInPane(blocks, b + FIELD.synInPane, b + FIELD.synPeakIn, c.synPackets[i]!);
    noteTimes(blocks, b, firstUs, lastUs, FIELD.firstSynUs, FIELD.lastSynUs);
  } else if (protocol === Protocol.udp) {
    if (!(events & FlowEvent.unanswered) || received === 0) return;
    if (events & FlowEvent.started) blocks[b + FIELD.udpStartedIn]! += 1;
    blocks[b + FIELD.udpUnansweredIn]! += received;
    countInPane(blocks, b + FIELD.udpInPane, b + FIELD.udpPeakIn, received);
    noteTimes(blocks, b, firstUs, lastUs, FIELD.firstUdpUs, FIELD.lastUdpUs);
  } else if ((protocol === Protocol.icmp || protocol === Protocol.icmpv6) && received > 0) {
    blocks[b + FIELD.icmpIn]! += received;
    countInPane(blocks, b + FIELD.icmpInPane, b + FIELD.icmpPeakIn, received);
    noteTimes(blocks, b, firstUs, lastUs, FIELD.firstIcmpUs, FIELD.lastIcmpUs);
  }
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

/**
 * Whether a flow that has just begun is what a scanner's probe looks like: no answer by the end of the pane, or a
 * refusal. Left out is what often goes unanswered for good reasons: TCP under way before the capture or seen from one side only,
 * multicast and broadcast, and datagrams from a well-known port to a high one (an answer whose question was not seen).
 */
export function isUnansweredProbe(activity: ActivityTable, i: number, events: number): boolean {
  if (!(events & (FlowEvent.unanswered | FlowEvent.rejected)) || events & FlowEvent.midstream) return false;
  const c = activity.columns;
  switch (c.protocol[i]) {
    case Protocol.tcp:
      return !isHalfSeen(activity, i, events);
    case Protocol.icmp:
      return c.originatorPort[i] === ICMP_ECHO && !isGroupAddress(c.responderAddress.bytes, i * 16);
    case Protocol.icmpv6:
      return c.originatorPort[i] === ICMPV6_ECHO && !isGroupAddress(c.responderAddress.bytes, i * 16);
    case Protocol.udp:
      if (c.originatorPort[i]! < 1024 && c.responderPort[i]! >= 1024) return false;
      return !isGroupAddress(c.responderAddress.bytes, i * 16);
    default:
      return false;
  }
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
