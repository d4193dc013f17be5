/**
 * What is counted for a host in a pane or window: one block of numbers, the same for every length of time. A longer
 * window's block is the merge of the shorter ones': sums add up, first times take the least, last times and peaks the
 * greatest; so their order does not matter. "Out": the host began the flow; "in": it was addressed.
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
  /** Flows whose outcome became known: answered, and refused or never answered. */
  succeeded: 12,
  failed: 13,
  /** Flows begun by this host that had no answer, or a refusal, when their first pane closed; and of these, answered later. */
  probesOut: 14,
  lateAnswersOut: 15,
  /** Probes that were TCP without SYN or ACK (FIN, NULL, Xmas). */
  oddProbesOut: 16,
  synIn: 17,
  establishedIn: 18,
  /** Datagrams to this host in flows that it has not answered. */
  udpUnansweredIn: 19,
  udpStartedIn: 20,
  icmpIn: 21,
  arpRequestsOut: 22,
  /** Rows and notes that were counted; 0 means that nothing happened. */
  contributions: 23,
  /** Network only: flows that gave way in a full table, and rows with packets that came too late. */
  evictedFlows: 24,
  lateRows: 25,
  sums: 26,
  /** Greatest of one pane. */
  synPeakIn: 26,
  udpPeakIn: 27,
  icmpPeakIn: 28,
  lastProbeUs: 29,
  lastSynUs: 30,
  lastUdpUs: 31,
  lastIcmpUs: 32,
  lastArpUs: 33,
  maxima: 34,
  /** First times: 0 never. */
  firstProbeUs: 34,
  firstSynUs: 35,
  firstUdpUs: 36,
  firstIcmpUs: 37,
  firstArpUs: 38,
  size: 39,
} as const;

/** Distinct things counted in windows of ten seconds and longer, as handles into DistinctSets. */
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
  size: 8,
} as const;

/** Merges block `from` into block `into` of the same array. */
export function mergeBlock(blocks: Float64Array, into: number, from: number): void {
  for (let k = 0; k < FIELD.sums; k++) blocks[into + k]! += blocks[from + k]!;
  for (let k = FIELD.sums; k < FIELD.maxima; k++)
    if (blocks[from + k]! > blocks[into + k]!) blocks[into + k] = blocks[from + k]!;
  for (let k = FIELD.maxima; k < FIELD.size; k++) {
    const first = blocks[from + k]!;
    if (first !== 0 && (blocks[into + k] === 0 || first < blocks[into + k]!)) blocks[into + k] = first;
  }
}

/** Empties a block. A plain loop: at this length it is faster than fill. */
export function clearBlock(blocks: Float64Array, at: number): void {
  for (let k = at; k < at + FIELD.size; k++) blocks[k] = 0;
}
