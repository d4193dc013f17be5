/**
 * What is counted for a host in a window: one block of numbers. A longer window's block is the merge of the shorter ones':
 * sums add up, first times take the least and last times the greatest; so their order does not matter. What only floods
 * are told by stays in the shortest window. "Out": the host began the flow; "in": it was addressed.
 */
export const FIELD = {
  sentPackets: 0,
  sentBytes: 1,
  receivedPackets: 2,
  receivedBytes: 3,
  tcpPackets: 4,
  udpPackets: 5,
  icmpPackets: 6,
  gapCount: 7,
  gapSumUs: 8,
  gapSquareSum: 9,
  startedOut: 10,
  startedIn: 11,
  /** Flows that were answered; and flows that were refused, or had no answer when their first pane closed and none since. */
  succeeded: 12,
  failed: 13,
  /** Flows begun by this host that failed in that sense and look like probes; and of all, those answered later. */
  probesOut: 14,
  lateAnswersOut: 15,
  /** Probes that were TCP without SYN or ACK (FIN, NULL, Xmas). */
  oddProbesOut: 16,
  arpRequestsOut: 17,
  /** Rows and notes that were counted; 0 means that nothing happened. */
  contributions: 18,
  /** Network only: flows that gave way in a full table, and rows with packets that came too late. */
  evictedFlows: 19,
  lateRows: 20,
  /** Of probes by this host, those that were refused. */
  refusedOut: 21,
  /** Flows to this host that look like probes, and of flows to it, those that it answered later. */
  probesIn: 22,
  lateAnswersIn: 23,
  sums: 24,
  lastProbeUs: 24,
  lastArpUs: 25,
  lastProbeInUs: 26,
  maxima: 27,
  /** First times: 0 never. */
  firstProbeUs: 27,
  firstArpUs: 28,
  firstProbeInUs: 29,
  /** Fields from here on are those of the shortest window only. */
  carried: 30,
  synIn: 30,
  establishedIn: 31,
  /** Datagrams to this host in flows that it has not answered. */
  udpUnansweredIn: 32,
  udpStartedIn: 33,
  icmpIn: 34,
  /**
   * Packets to this host that belong to no conversation, and how many flows they began: TCP without SYN and protocols other
   * than UDP and ICMP in flows of which it has sent nothing, and SYN-ACKs without a SYN.
   */
  strayIn: 35,
  strayStartedIn: 36,
  /** Of the unanswered datagrams, those from a service that is known to answer more than it was asked; and their bytes. */
  reflectedIn: 37,
  reflectedBytesIn: 38,
  /** Of these, in the busiest pane, and in the current one. */
  synPeakIn: 39,
  udpPeakIn: 40,
  icmpPeakIn: 41,
  strayPeakIn: 42,
  synInPane: 43,
  udpInPane: 44,
  icmpInPane: 45,
  strayInPane: 46,
  firstSynUs: 47,
  lastSynUs: 48,
  firstUdpUs: 49,
  lastUdpUs: 50,
  firstIcmpUs: 51,
  lastIcmpUs: 52,
  firstStrayUs: 53,
  lastStrayUs: 54,
  /** Of these, SYN-ACKs. */
  unaskedIn: 55,
  /** Of the unanswered datagrams, those that may be answers of a service that is not known to be abused. */
  maybeReflectedIn: 56,
  size: 57,
} as const;

/** Distinct things counted in each window, as handles into DistinctSets. */
export const SET = {
  /** Responders of flows that the host began. */
  peersOut: 0,
  /** Originators of flows to the host. */
  peersIn: 1,
  /** Responder ports of flows that the host began, and of flows to it. */
  portsOut: 2,
  portsIn: 3,
  /** Of probes: targets, ports, and both together. */
  probeTargets: 4,
  probePorts: 5,
  probePairs: 6,
  arpTargets: 7,
  /** Ports of this host that were probed. */
  probedPorts: 8,
  /** Ports from which datagrams came to this host that may be answers of a service that is not known to be abused. */
  portsFrom: 9,
  size: 10,
} as const;

/** Merges block `from` into block `into`, of a longer window, of the same array. */
export function mergeBlock(blocks: Float64Array, into: number, from: number): void {
  // Three at a time: the loop itself costs more than the sums.
  for (let k = 0; k < FIELD.sums; k += 3) {
    blocks[into + k]! += blocks[from + k]!;
    blocks[into + k + 1]! += blocks[from + k + 1]!;
    blocks[into + k + 2]! += blocks[from + k + 2]!;
  }
  for (let k = FIELD.sums; k < FIELD.maxima; k++)
    if (blocks[from + k]! > blocks[into + k]!) blocks[into + k] = blocks[from + k]!;
  for (let k = FIELD.maxima; k < FIELD.carried; k++) {
    const first = blocks[from + k]!;
    if (first !== 0 && (blocks[into + k] === 0 || first < blocks[into + k]!)) blocks[into + k] = first;
  }
}

const EMPTY_BLOCK = new Float64Array(FIELD.size);
const EMPTY_CARRIED_BLOCK = new Float64Array(FIELD.carried);

/** Empties the block of window `window` (0 the shortest). */
export function clearBlock(blocks: Float64Array, at: number, window: number): void {
  blocks.set(window === 0 ? EMPTY_BLOCK : EMPTY_CARRIED_BLOCK, at);
}
