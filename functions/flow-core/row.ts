// How one flow lies in memory: 384 bytes in one piece, six cache lines. Kept together (not in columns), because a packet
// touches most of its fields: a row is six cache lines on one page, where columns would be thirty on thirty.
// Constants are byte offsets; doubles first, then 32-bit words.

export const ROW_BYTES: i32 = 384;

export const START_US: usize = 0;
export const LAST_US: usize = 8;
export const PANE_FIRST_US: usize = 16;
// What the directed totals were when the pane began: what the pane holds is the difference.
export const PACKETS_BEFORE: usize = 24;
export const RESPONDER_PACKETS_BEFORE: usize = 32;
export const BYTES_BEFORE: usize = 40;
export const RESPONDER_BYTES_BEFORE: usize = 48;
export const GAP_SUM_BEFORE_US: usize = 56;
export const GAP_SQUARE_SUM_BEFORE: usize = 64;
export const HANDSHAKE_RTT_US: usize = 72;

// Directed fields: the originator's; the responder's lie RESPONDER bytes further on.
export const PACKETS: usize = 80;
export const BYTES: usize = 88;
export const PAYLOAD_BYTES: usize = 96;
export const LENGTH_SQUARE_SUM: usize = 104;
// First and last packet of the direction: their difference is the sum of its gaps.
export const FIRST_US: usize = 112;
export const LAST_IN_DIRECTION_US: usize = 120;
export const GAP_SQUARE_SUM: usize = 128;
export const GAP_MIN_US: usize = 136;
export const GAP_MAX_US: usize = 144;
export const RESPONDER: usize = 72;

// The key: both addresses, then ports (originator << 16 | responder), protocol | tunnel kind << 8, tunnel id.
export const ORIGINATOR_ADDRESS: usize = 224;
export const RESPONDER_ADDRESS: usize = 240;
export const PORTS: usize = 256;
export const PROTOCOL: usize = 260;
export const TUNNEL_ID: usize = 264;
export const FLOW_HASH: usize = 268;

// One of the STATE_ values below.
export const STATE: usize = 272;
// FlowEvent bits that describe the flow so far (answered, established, …).
export const LIFETIME_EVENTS: usize = 276;
// Second of event time that the pane fields count; 0 when there is nothing to tell.
export const PANE_S: usize = 280;
export const PANE_EVENTS: usize = 284;
export const PANE_SYN_PACKETS: usize = 288;
export const PANE_CONFORMANCE: usize = 292;
export const PANE_ENTROPY: usize = 296;
// Originator's in the low byte, responder's above it.
export const TCP_FLAGS: usize = 300;
export const CONFORMANCE: usize = 304;
export const PAYLOAD_GUESS: usize = 308;
export const PAYLOAD_ENTROPY: usize = 312;
// Slot of the first packets' sizes and gaps + 1; 0 none.
export const SEQUENCE_SLOT: usize = 316;
export const SEQUENCE_COUNT: usize = 320;
export const FIRST_PAYLOAD_BYTES: usize = 324;
// Shortest frame << 16 | longest; the responder's 4 bytes further on.
export const LENGTH_MIN_MAX: usize = 328;
export const NEXT_SEQUENCE: usize = 336;
export const RETRANSMISSIONS: usize = 344;
// Originator << 16 | responder.
export const INITIAL_WINDOWS: usize = 352;
// Second at which the next interim record is due.
export const INTERIM_DUE_S: usize = 356;
// Second of the last packet, and idle seconds after which the flow is over.
export const LAST_S: usize = 360;
export const TIMEOUT_S: usize = 364;

// What a flow has come to. Open: no TCP, or TCP whose beginning was not seen.
export const STATE_OPEN: i32 = 0;
export const STATE_SYN_SENT: i32 = 1;
export const STATE_SYN_ANSWERED: i32 = 2;
export const STATE_ESTABLISHED: i32 = 3;
// One side has sent FIN.
export const STATE_ORIGINATOR_CLOSED: i32 = 4;
export const STATE_RESPONDER_CLOSED: i32 = 5;
// FIN from both, RST, or refused: waits for stragglers.
export const STATE_CLOSED: i32 = 6;

/** Sum of the gaps of both directions. Unit: µs. */
export function gapSumUs(row: usize): f64 {
  return (
    load<f64>(row, LAST_IN_DIRECTION_US) -
    load<f64>(row, FIRST_US) +
    (load<f64>(row, LAST_IN_DIRECTION_US + RESPONDER) - load<f64>(row, FIRST_US + RESPONDER))
  );
}

/** Sum of the squares of the gaps of both directions. Unit: µs². */
export function gapSquareSum(row: usize): f64 {
  return load<f64>(row, GAP_SQUARE_SUM) + load<f64>(row, GAP_SQUARE_SUM + RESPONDER);
}

/** Second at which the flow is over if no packet comes: whole idle seconds have passed. */
export function deadlineS(row: usize): i32 {
  return load<i32>(row, LAST_S) + load<i32>(row, TIMEOUT_S) + 1;
}

/** Adds FlowEvent bits that are new to the flow, to it and to its pane. */
export function addEvents(row: usize, events: i32): void {
  const lifetime = load<i32>(row, LIFETIME_EVENTS);
  const fresh = events & ~lifetime;
  if (fresh == 0) return;
  store<i32>(row, lifetime | fresh, LIFETIME_EVENTS);
  store<i32>(row, load<i32>(row, PANE_EVENTS) | fresh, PANE_EVENTS);
}
