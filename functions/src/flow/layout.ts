/**
 * How one flow lies in the table: 384 bytes in one piece, 28 doubles and then 40 words, seen through two arrays over the
 * same buffer. A row is kept together (not in columns), because a packet touches most of its fields: a row is six cache
 * lines on one page, where columns would be thirty on thirty.
 */

/** Fields in the `Int32Array`, by offset in the row, after the doubles; signed, as the engine then reckons with machine integers. */
export const WORD = {
  originatorAddress: 56,
  responderAddress: 60,
  /** Originator port << 16 | responder port. */
  ports: 64,
  /** Protocol | tunnel kind << 8. */
  protocol: 65,
  tunnelId: 66,
  flowHash: 67,
  /** FlowState. */
  state: 68,
  /** FlowEvent bits that describe the flow so far (answered, established, …). */
  lifetimeEvents: 69,
  /** Timer wheel: neighbours as row + 1 (0 none), and the second for which the row is filed. */
  wheelPrevious: 70,
  wheelNext: 71,
  filedForS: 72,
  /** Second of event time that the pane fields count; 0 when there is nothing to tell. */
  paneS: 73,
  paneEvents: 74,
  paneSynPackets: 75,
  paneConformance: 76,
  paneEntropy: 77,
  /** Originator's in the low byte, responder's above it. */
  tcpFlags: 78,
  conformance: 79,
  payloadGuess: 80,
  payloadEntropy: 81,
  /** Slot of the first packets' sizes and gaps + 1; 0 none. */
  sequenceSlot: 82,
  sequenceCount: 83,
  firstPayloadBytes: 84,
  originatorLengthMinMax: 85,
  responderLengthMinMax: 86,
  originatorNextSequence: 87,
  responderNextSequence: 88,
  originatorRetransmissions: 89,
  responderRetransmissions: 90,
  /** Originator << 16 | responder. */
  initialWindows: 91,
  /** Second at which the next interim record is due. */
  interimDueS: 92,
  /** Second of the last packet, and idle seconds after which the flow is over. */
  lastS: 93,
  timeoutS: 94,
  stride: 96,
} as const;

/** Fields in the `Float64Array`, by offset in the row. Directed fields: the originator's first, the responder's `RESPONDER` later. */
export const FLOAT = {
  startUs: 0,
  lastUs: 1,
  paneFirstUs: 2,
  /** What the directed totals were when the pane began: what the pane holds is the difference. */
  packetsBefore: 3,
  responderPacketsBefore: 4,
  bytesBefore: 5,
  responderBytesBefore: 6,
  gapSumBeforeUs: 7,
  gapSquareSumBefore: 8,
  handshakeRttUs: 9,
  packets: 10,
  bytes: 11,
  payloadBytes: 12,
  lengthSquareSum: 13,
  /** First and last packet of the direction: their difference is the sum of its gaps. */
  firstUs: 14,
  lastInDirectionUs: 15,
  gapSquareSum: 16,
  gapMinUs: 17,
  gapMaxUs: 18,
  stride: 48,
} as const;

/** Distance from a directed field of the originator to the responder's. */
export const RESPONDER = 9;

/** What a flow has come to. */
export const FlowState = {
  /** No TCP, or TCP whose beginning was not seen. */
  open: 0,
  synSent: 1,
  synAnswered: 2,
  established: 3,
  /** One side has sent FIN: originator, responder. */
  originatorClosed: 4,
  responderClosed: 5,
  /** FIN from both, RST, or refused: waits for stragglers. */
  closed: 6,
} as const;
