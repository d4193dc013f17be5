/**
 * How one flow lies in the table's two arrays. A row is kept together (not in columns), because a packet touches most of
 * its fields and a row is a handful of cache lines; it is also what is copied when a partition's state is encoded.
 */

/** Fields in the `Uint32Array`, by offset in the row. */
export const WORD = {
  originatorAddress: 0,
  responderAddress: 4,
  /** Originator port << 16 | responder port. */
  ports: 8,
  /** Protocol | tunnel kind << 8. */
  protocol: 9,
  tunnelId: 10,
  flowHash: 11,
  /** FlowState. */
  state: 12,
  /** FlowEvent bits that describe the flow so far (answered, established, …). */
  lifetimeEvents: 13,
  /** Timer wheel: neighbours as row + 1 (0 none), and the second for which the row is filed. */
  wheelPrevious: 14,
  wheelNext: 15,
  filedForS: 16,
  /** Second of event time that the pane fields below count; 0 when they are empty. */
  paneS: 17,
  paneEvents: 18,
  paneOriginatorPackets: 19,
  paneResponderPackets: 20,
  paneOriginatorBytes: 21,
  paneResponderBytes: 22,
  paneSynPackets: 23,
  paneConformance: 24,
  paneEntropy: 25,
  /** Originator's in the low byte, responder's above it. */
  tcpFlags: 26,
  conformance: 27,
  payloadGuess: 28,
  payloadEntropy: 29,
  /** Slot of the first packets' sizes and gaps + 1; 0 none. */
  sequenceSlot: 30,
  sequenceCount: 31,
  firstPayloadBytes: 32,
  originatorLengthMinMax: 33,
  responderLengthMinMax: 34,
  originatorNextSequence: 35,
  responderNextSequence: 36,
  originatorRetransmissions: 37,
  responderRetransmissions: 38,
  /** Originator << 16 | responder. */
  initialWindows: 39,
  /** Second at which the next interim record is due. */
  interimDueS: 40,
  stride: 42,
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
  stride: 26,
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
