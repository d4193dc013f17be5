/**
 * How one flow lies in the table: 384 bytes in one piece, 26 doubles and then 44 words, seen through two arrays over the
 * same buffer. A row is kept together (not in columns), because a packet touches most of its fields: a row is six cache
 * lines on one page, where columns would be thirty on thirty.
 */

/** Fields in the `Int32Array`, by offset in the row, after the doubles; signed, as the engine then reckons with machine integers. */
export const WORD = {
  originatorAddress: 52,
  responderAddress: 56,
  /** Originator port << 16 | responder port. */
  ports: 60,
  /** Protocol | tunnel kind << 8. */
  protocol: 61,
  tunnelId: 62,
  flowHash: 63,
  /** FlowState. */
  state: 64,
  /** FlowEvent bits that describe the flow so far (answered, established, …). */
  lifetimeEvents: 65,
  /** Timer wheel: neighbours as row + 1 (0 none), and the second for which the row is filed. */
  wheelPrevious: 66,
  wheelNext: 67,
  filedForS: 68,
  /** Second of event time that the pane fields below count; 0 when they are empty. */
  paneS: 69,
  paneEvents: 70,
  paneOriginatorPackets: 71,
  paneResponderPackets: 72,
  paneOriginatorBytes: 73,
  paneResponderBytes: 74,
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

/** Fields in the `Float64Array`, by offset in the row. Directed fields: originator first, responder `RESPONDER` later. */
export const FLOAT = {
  startUs: 0,
  lastUs: 1,
  paneFirstUs: 2,
  paneLastUs: 3,
  paneGapSumUs: 4,
  paneGapSquareSum: 5,
  synUs: 6,
  handshakeRttUs: 7,
  packets: 8,
  bytes: 9,
  payloadBytes: 10,
  lengthSquareSum: 11,
  lastInDirectionUs: 12,
  gapSumUs: 13,
  gapSquareSum: 14,
  gapMinUs: 15,
  gapMaxUs: 16,
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
