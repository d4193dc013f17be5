import { type ActivityTable, FlowEvent, hashAddress, Protocol, Role } from '@weir/contracts';
import { FIELD, SET } from './fields.js';
import { addToSet, portHash } from './host-sets.js';
import type { HostTable } from './hosts.js';
import type { HostPartitionState } from './state.js';

/** Of whom more is counted than detectors read: what told windows show, and rules of users may. */
export interface WindowsCounted {
  readonly hosts: boolean;
  readonly network: boolean;
}

/** Where the bytes that the originator and the responder of a flow sent are counted, of either's host. */
const ORIGINATOR = [FIELD.sentBytes, FIELD.receivedBytes] as const;
const RESPONDER = [FIELD.receivedBytes, FIELD.sentBytes] as const;

/** Counts of activity row `i` what no detector reads, for the host or network `row` that has `role` in it. */
export function countForWindows(
  state: HostPartitionState,
  row: number,
  activity: ActivityTable,
  i: number,
  role: number,
): void {
  const { hosts } = state;
  const c = activity.columns;
  const peer = (role === Role.originator ? c.responderAddress : c.originatorAddress).words;
  countTraffic(hosts, hosts.blockAt(row, 0), activity, i, role);
  const bytes = c.originatorBytes[i]! + c.responderBytes[i]!;
  if (bytes > 0) hosts.addPeer(row, peer, i * 4, bytes);
  if (role !== Role.originator || !(c.events[i]! & FlowEvent.started)) return;
  addToSet(state, row, SET.peersOut, hashAddress(peer, i * 4));
  addToSet(state, row, SET.portsOut, portHash(activity, i));
}

/** Bytes, shares of protocols, gaps, failures. */
function countTraffic({ blocks }: HostTable, b: number, { columns: c }: ActivityTable, i: number, role: number): void {
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
