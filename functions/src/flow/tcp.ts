import { FlowEvent, type PacketTable, TcpFlag } from '@weir/contracts';
import { FLOAT, FlowState, WORD } from './layout.js';
import type { FlowTable } from './table.js';

/**
 * Follows a TCP connection by one packet (RFC 9293, as far as a bystander can see it): state, flags, retransmissions,
 * handshake time. Returns whether the state has changed, and with it the timeout.
 */
export function trackTcp(
  table: FlowTable,
  packets: PacketTable,
  i: number,
  row: number,
  fromOriginator: boolean,
): boolean {
  const { words, floats } = table;
  const w = row * WORD.stride;
  const f = row * FLOAT.stride;
  const flags = packets.columns.tcpFlags[i]!;
  words[w + WORD.tcpFlags]! |= fromOriginator ? flags : flags << 8;
  countSegment(words, w, packets, i, fromOriginator);
  const state = words[w + WORD.state]!;
  if (fromOriginator) {
    if ((flags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn) words[w + WORD.paneSynPackets]!++;
  } else if (!(flags & TcpFlag.rst)) addEvents(words, w, FlowEvent.answered);
  const next = nextState(state, flags, fromOriginator, packets.columns.payloadBytes[i]!);
  if (next === state) return false;
  words[w + WORD.state] = next;
  addEvents(words, w, eventsOf(state, next, flags, fromOriginator));
  // Only a flow whose SYN was its first packet comes this way.
  const isHandshake = next === FlowState.established && state === FlowState.synAnswered;
  if (isHandshake && words[w + WORD.tcpFlags]! & TcpFlag.syn)
    floats[f + FLOAT.handshakeRttUs] = packets.columns.timeUs[i]! - floats[f + FLOAT.startUs]!;
  return true;
}

function addEvents(words: Int32Array, w: number, events: number): void {
  const fresh = events & ~words[w + WORD.lifetimeEvents]!;
  if (fresh === 0) return;
  words[w + WORD.lifetimeEvents]! |= fresh;
  words[w + WORD.paneEvents]! |= fresh;
}

function nextState(state: number, flags: number, fromOriginator: boolean, payloadBytes: number): number {
  if (flags & TcpFlag.rst) return FlowState.closed;
  switch (state) {
    case FlowState.synSent:
      if (!fromOriginator) return flags & TcpFlag.syn ? FlowState.synAnswered : FlowState.established;
      // The answer was not seen, but data follows: the connection exists.
      return payloadBytes > 0 && flags & TcpFlag.ack && !(flags & TcpFlag.syn) ? FlowState.established : state;
    case FlowState.synAnswered:
      return fromOriginator && (flags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.ack ? FlowState.established : state;
    case FlowState.open:
      if (!fromOriginator && (flags & (TcpFlag.syn | TcpFlag.ack)) === (TcpFlag.syn | TcpFlag.ack))
        return FlowState.synAnswered;
      return !fromOriginator && payloadBytes > 0 ? FlowState.established : state;
    case FlowState.established:
      if (!(flags & TcpFlag.fin)) return state;
      return fromOriginator ? FlowState.originatorClosed : FlowState.responderClosed;
    case FlowState.originatorClosed:
      return flags & TcpFlag.fin && !fromOriginator ? FlowState.closed : state;
    case FlowState.responderClosed:
      return flags & TcpFlag.fin && fromOriginator ? FlowState.closed : state;
    default:
      return state;
  }
}

function eventsOf(state: number, next: number, flags: number, fromOriginator: boolean): number {
  if (next === FlowState.established) return FlowEvent.established;
  if (next !== FlowState.closed) return 0;
  if (!(flags & TcpFlag.rst)) return FlowEvent.finished;
  const wasUp = state >= FlowState.established || (state === FlowState.synAnswered && fromOriginator);
  return wasUp ? FlowEvent.reset : fromOriginator ? 0 : FlowEvent.rejected;
}

/** Sequence numbers: counts a segment that brings nothing new as a retransmission, and keeps the first window. */
function countSegment(words: Int32Array, w: number, packets: PacketTable, i: number, fromOriginator: boolean): void {
  const c = packets.columns;
  const flags = c.tcpFlags[i]!;
  const length = c.payloadBytes[i]! + (flags & (TcpFlag.syn | TcpFlag.fin) ? 1 : 0);
  const side = fromOriginator ? 0 : 1;
  const at = w + WORD.originatorNextSequence + side;
  const end = (c.tcpSequence[i]! + length) >>> 0;
  const known = words[at]!;
  if (known === 0) {
    words[at] = end;
    words[w + WORD.initialWindows]! |= fromOriginator ? c.tcpWindow[i]! << 16 : c.tcpWindow[i]!;
  } else if (length > 0) {
    if (((end - known) | 0) <= 0) words[w + WORD.originatorRetransmissions + side]!++;
    else words[at] = end;
  }
}
