// How one flow lies in memory: 384 bytes in one piece, six cache lines. Kept together (not in columns), because a packet
// touches most of its fields: a row is six cache lines on one page, where columns would be thirty on thirty. Of the six, a
// usual packet needs three: the key, what every packet changes, and the totals of its direction.
// Constants are byte offsets.

export const ROW_BYTES: i32 = 384;

// First line. The key: both addresses, then ports (originator << 16 | responder), protocol | tunnel kind << 8, tunnel id.
export const ORIGINATOR_ADDRESS: usize = 0;
export const RESPONDER_ADDRESS: usize = 16;
export const PORTS: usize = 32;
export const PROTOCOL: usize = 36;
export const TUNNEL_ID: usize = 40;
export const FLOW_HASH: usize = 44;
// Second of the last packet, and idle seconds after which the flow is over.
export const LAST_S: usize = 48;
export const TIMEOUT_S: usize = 52;

// Directed fields are the originator's; the responder's lie RESPONDER bytes further on. Packets end the first and the second
// line, the others fill the third and the fourth.
export const RESPONDER: usize = 64;
export const PACKETS: usize = 56;
export const BYTES: usize = 128;
export const PAYLOAD_BYTES: usize = 136;
export const LENGTH_SQUARE_SUM: usize = 144;
// First and last packet of the direction: their difference is the sum of its gaps.
export const FIRST_US: usize = 152;
export const LAST_IN_DIRECTION_US: usize = 160;
export const GAP_SQUARE_SUM: usize = 168;
export const GAP_MIN_US: usize = 176;
export const GAP_MAX_US: usize = 184;

// Second line.
export const LAST_US: usize = 64;
// Second of event time that the pane fields count; 0 when there is nothing to tell. Events lie behind it: both are cleared
// together.
export const PANE_S: usize = 72;
export const PANE_EVENTS: usize = 76;
// One of the STATE_ values below.
export const STATE: usize = 80;
// FlowEvent bits that describe the flow so far (answered, established, …).
export const LIFETIME_EVENTS: usize = 84;
// Originator's in the low byte, responder's above it.
export const TCP_FLAGS: usize = 88;
// Slot of the first packets' sizes and gaps + 1; 0 none.
export const SEQUENCE_COUNT: usize = 92;
export const SEQUENCE_SLOT: usize = 96;
// Shortest frame << 16 | longest; the responder's 4 bytes further on.
export const LENGTH_MIN_MAX: usize = 100;
export const NEXT_SEQUENCE: usize = 108;
export const FIRST_PAYLOAD_BYTES: usize = 116;

// Fifth line: what panes need. What the directed totals were when the pane began: what the pane holds is the difference.
export const START_US: usize = 256;
export const PANE_FIRST_US: usize = 264;
export const PACKETS_BEFORE: usize = 272;
export const RESPONDER_PACKETS_BEFORE: usize = 280;
export const BYTES_BEFORE: usize = 288;
export const RESPONDER_BYTES_BEFORE: usize = 296;
export const GAP_SUM_BEFORE_US: usize = 304;
export const GAP_SQUARE_SUM_BEFORE: usize = 312;

// Sixth line: what few packets change.
export const HANDSHAKE_RTT_US: usize = 320;
// Cleared together with the conformance behind it.
export const PANE_SYN_PACKETS: usize = 328;
export const PANE_CONFORMANCE: usize = 332;
export const PANE_ENTROPY: usize = 336;
export const CONFORMANCE: usize = 340;
export const PAYLOAD_GUESS: usize = 344;
export const PAYLOAD_ENTROPY: usize = 348;
export const RETRANSMISSIONS: usize = 352;
// Originator << 16 | responder.
export const INITIAL_WINDOWS: usize = 360;
// Second at which the next interim record is due.
export const INTERIM_DUE_S: usize = 364;

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
