// A TCP connection as far as a bystander can see it (RFC 9293): state, flags, retransmissions, handshake time.

import * as G from './generated';
import { PACKETS_TABLE } from './memory';
import * as R from './row';

const SYN: i32 = G.TcpFlag_syn;
const ACK: i32 = G.TcpFlag_ack;
const FIN: i32 = G.TcpFlag_fin;
const RST: i32 = G.TcpFlag_rst;

/** Follows the connection by packet `i`. Returns whether the state has changed, and with it the timeout. */
export function trackTcp(row: usize, i: usize, isFromOriginator: bool, payloadBytes: i32): bool {
  const flags = <i32>load<u8>(PACKETS_TABLE + i, G.PACKETS_tcpFlags);
  store<i32>(row, load<i32>(row, R.TCP_FLAGS) | (isFromOriginator ? flags : flags << 8), R.TCP_FLAGS);
  countSegment(row, i, flags, isFromOriginator, payloadBytes);
  const state = load<i32>(row, R.STATE);
  if (isFromOriginator) {
    if ((flags & (SYN | ACK)) == SYN) store<i32>(row, load<i32>(row, R.PANE_SYN_PACKETS) + 1, R.PANE_SYN_PACKETS);
  } else if (!(flags & RST)) R.addEvents(row, G.FlowEvent_answered);
  const next = nextState(state, flags, isFromOriginator, payloadBytes);
  if (next == state) return false;
  store<i32>(row, next, R.STATE);
  R.addEvents(row, eventsOf(state, next, flags, isFromOriginator));
  // Only a flow whose SYN was its first packet comes this way.
  const isHandshake = next == R.STATE_ESTABLISHED && state == R.STATE_SYN_ANSWERED;
  if (isHandshake && load<i32>(row, R.TCP_FLAGS) & SYN)
    store<f64>(row, load<f64>(PACKETS_TABLE + (i << 3), G.PACKETS_timeUs) - load<f64>(row, R.START_US), R.HANDSHAKE_RTT_US);
  return true;
}

function nextState(state: i32, flags: i32, isFromOriginator: bool, payloadBytes: i32): i32 {
  if (flags & RST) return R.STATE_CLOSED;
  switch (state) {
    case R.STATE_SYN_SENT: {
      if (!isFromOriginator) return flags & SYN ? R.STATE_SYN_ANSWERED : R.STATE_ESTABLISHED;
      // The answer was not seen, but data follows: the connection exists.
      return payloadBytes > 0 && (flags & (SYN | ACK)) == ACK ? R.STATE_ESTABLISHED : state;
    }
    case R.STATE_SYN_ANSWERED:
      return isFromOriginator && (flags & (SYN | ACK)) == ACK ? R.STATE_ESTABLISHED : state;
    case R.STATE_OPEN: {
      if (!isFromOriginator && (flags & (SYN | ACK)) == (SYN | ACK)) return R.STATE_SYN_ANSWERED;
      return !isFromOriginator && payloadBytes > 0 ? R.STATE_ESTABLISHED : state;
    }
    case R.STATE_ESTABLISHED: {
      if (!(flags & FIN)) return state;
      return isFromOriginator ? R.STATE_ORIGINATOR_CLOSED : R.STATE_RESPONDER_CLOSED;
    }
    case R.STATE_ORIGINATOR_CLOSED:
      return flags & FIN && !isFromOriginator ? R.STATE_CLOSED : state;
    case R.STATE_RESPONDER_CLOSED:
      return flags & FIN && isFromOriginator ? R.STATE_CLOSED : state;
    default:
      return state;
  }
}

function eventsOf(state: i32, next: i32, flags: i32, isFromOriginator: bool): i32 {
  if (next == R.STATE_ESTABLISHED) return G.FlowEvent_established;
  if (next != R.STATE_CLOSED) return 0;
  if (!(flags & RST)) return G.FlowEvent_finished;
  const wasUp = state >= R.STATE_ESTABLISHED || (state == R.STATE_SYN_ANSWERED && isFromOriginator);
  if (wasUp) return G.FlowEvent_reset;
  return isFromOriginator ? 0 : G.FlowEvent_rejected;
}

/** Sequence numbers: counts a segment that brings nothing new as a retransmission, and keeps the first window. */
function countSegment(row: usize, i: usize, flags: i32, isFromOriginator: bool, payloadBytes: i32): void {
  const length = payloadBytes + (flags & (SYN | FIN) ? 1 : 0);
  const side = row + (isFromOriginator ? 0 : 4);
  const end = load<i32>(PACKETS_TABLE + (i << 2), G.PACKETS_tcpSequence) + length;
  const known = load<i32>(side, R.NEXT_SEQUENCE);
  if (known == 0) {
    store<i32>(side, end, R.NEXT_SEQUENCE);
    const window = <i32>load<u16>(PACKETS_TABLE + (i << 1), G.PACKETS_tcpWindow);
    const windows = load<i32>(row, R.INITIAL_WINDOWS);
    store<i32>(row, windows | (isFromOriginator ? window << 16 : window), R.INITIAL_WINDOWS);
  } else if (length > 0) {
    if (end - known <= 0) store<i32>(side, load<i32>(side, R.RETRANSMISSIONS) + 1, R.RETRANSMISSIONS);
    else store<i32>(side, end, R.NEXT_SEQUENCE);
  }
}
