/**
 * What is counted for a host in a window: one block of numbers. A longer window's block is the merge of the shorter ones':
 * sums add up, first times take the least and last times the greatest; so their order does not matter. What only floods
 * are told by stays in the shortest window. "Out": the host began the flow; "in": it was addressed.
 */
export const FIELD = {
  // What only told windows and rules of users read comes first, then what is counted of each host, most often last: a
  // host that was seen once, as most are in a flood or scan, takes two or three lines of the processor's cache then.
  sentBytes: 0,
  receivedBytes: 1,
  tcpPackets: 2,
  udpPackets: 3,
  icmpPackets: 4,
  gapCount: 5,
  gapSumUs: 6,
  gapSquareSum: 7,
  /** Flows that were answered; and flows that were refused, or had no answer when their first pane closed and none since. */
  succeeded: 8,
  failed: 9,
  /** Network only: flows that gave way in a full table, and rows with packets that came too late. */
  evictedFlows: 10,
  lateRows: 11,
  arpRequestsOut: 12,
  /** Probes that were TCP without SYN or ACK (FIN, NULL, Xmas). */
  oddProbesOut: 13,
  /** Of probes by this host, those that were refused. */
  refusedOut: 14,
  /** Of probes by and to this host, those that were answered later. */
  lateAnswersOut: 15,
  lateAnswersIn: 16,
  startedIn: 17,
  /** Flows to this host that look like probes. */
  probesIn: 18,
  /** Rows and notes that were counted; 0 means that nothing happened. */
  contributions: 19,
  sentPackets: 20,
  receivedPackets: 21,
  startedOut: 22,
  /** Flows begun by this host that failed as above and look like probes. */
  probesOut: 23,
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
  /** Of what floods are made of, in the current pane: all together, and by kind. */
  floodInPane: 30,
  synInPane: 31,
  udpInPane: 32,
  icmpInPane: 33,
  strayInPane: 34,
  /** The most that a pane of the window held of each. */
  synPeakIn: 35,
  udpPeakIn: 36,
  icmpPeakIn: 37,
  strayPeakIn: 38,
  synIn: 39,
  establishedIn: 40,
  /** Datagrams to this host in flows that it has not answered. */
  udpUnansweredIn: 41,
  udpStartedIn: 42,
  icmpIn: 43,
  /**
   * Packets to this host that belong to no conversation, and how many flows they began: TCP without SYN and protocols other
   * than UDP and ICMP in flows of which it has sent nothing, and SYN-ACKs without a SYN.
   */
  strayIn: 44,
  strayStartedIn: 45,
  /** Of these, SYN-ACKs. */
  unaskedIn: 46,
  /** Of the unanswered datagrams, those from a service that is known to answer more than it was asked; and their bytes. */
  reflectedIn: 47,
  reflectedBytesIn: 48,
  /** Of the unanswered datagrams, those that may be answers of a service that is not known to be abused. */
  maybeReflectedIn: 49,
  firstSynUs: 50,
  lastSynUs: 51,
  firstUdpUs: 52,
  lastUdpUs: 53,
  firstIcmpUs: 54,
  lastIcmpUs: 55,
  firstStrayUs: 56,
  lastStrayUs: 57,
  size: 58,
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
  // Not by a loop, which takes three times as long.
  blocks.set(window === 0 ? EMPTY_BLOCK : EMPTY_CARRIED_BLOCK, at);
}

/** Empties what the pane before has left in a block of the shortest window. */
export function clearPane(blocks: Float64Array, at: number): void {
  blocks[at + FIELD.floodInPane] = 0;
  blocks[at + FIELD.synInPane] = 0;
  blocks[at + FIELD.udpInPane] = 0;
  blocks[at + FIELD.icmpInPane] = 0;
  blocks[at + FIELD.strayInPane] = 0;
}
