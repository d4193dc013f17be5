import { FlowEvent, FlowOutcome, type FlowRowTable, Protocol, TcpFlag } from '@weir/contracts';

/*
 * What became of a flow, from what a flow table tells: its outcome where it has one, else its TCP flags and counts. Where
 * a table leaves room for doubt the flow counts as under way before the capture, which accuses nobody.
 */

const { started, answered, established, rejected, reset, finished, unanswered, oddStart, midstream } = FlowEvent;
const UP = answered | established;
const NOT_SYN_ONLY = TcpFlag.ack | TcpFlag.psh | TcpFlag.fin;

/** Events of which the end of a flow is worth telling to hosts. */
export const EVENTS_OF_OUTCOME = established | answered;

/** FlowEvent bits by FlowOutcome, for TCP. */
const BY_OUTCOME: Readonly<Record<number, number>> = {
  [FlowOutcome.unanswered]: unanswered,
  [FlowOutcome.answered]: answered,
  [FlowOutcome.halfOpen]: unanswered,
  [FlowOutcome.handshakeIncomplete]: answered,
  [FlowOutcome.established]: UP,
  [FlowOutcome.finished]: UP | finished,
  [FlowOutcome.reset]: UP | reset,
  [FlowOutcome.rejected]: rejected,
};

/** FlowEvent bits of the whole flow in row `i`, but for its end. */
export function eventsOfRow(rows: FlowRowTable, i: number): number {
  const { protocol, responderKnown, responderPackets, outcome, tcpFlags } = rows.columns;
  if (protocol[i] !== Protocol.tcp) {
    if (!responderKnown[i]) return started;
    return started | (responderPackets[i]! > 0 ? answered : unanswered);
  }
  const begun = started | startOf(tcpFlags[i]!);
  if (outcome[i] !== 0) return begun | BY_OUTCOME[outcome[i]! - 1]!;
  if (!responderKnown[i]) return begun | oneSided(tcpFlags[i]!);
  return begun | (responderPackets[i] === 0 ? unanswered : answeredTcp(rows, i));
}

/** How TCP began, by the flags that were ever set; nothing is held against a flow whose flags are not told. */
function startOf(flags: number): number {
  if (flags === 0 || flags & TcpFlag.syn) return 0;
  return flags & (TcpFlag.ack | TcpFlag.rst) ? midstream : oddStart;
}

/** TCP of which the table tells the originator's side alone. */
function oneSided(flags: number): number {
  if (flags & TcpFlag.syn) return flags & NOT_SYN_ONLY ? UP : unanswered;
  return flags === 0 ? midstream : 0;
}

/** TCP with packets both ways: refused, half a handshake, or a connection. */
function answeredTcp(rows: FlowRowTable, i: number): number {
  const { tcpFlags, originatorPackets, responderPackets, originatorPayloadBytes, responderPayloadBytes } = rows.columns;
  const flags = tcpFlags[i]!;
  const sent = originatorPackets[i]!;
  const hasPayload = originatorPayloadBytes[i]! + responderPayloadBytes[i]! > 0;
  if (!hasPayload && flags & TcpFlag.rst && !(flags & TcpFlag.fin)) {
    // Each SYN was met by a RST. Fewer answers: a SYN-ACK that the originator itself then reset.
    if (responderPackets[i]! >= sent) return rejected;
    if (sent <= 2) return answered;
  }
  if (!hasPayload && sent < 2) return answered;
  return UP | (flags & TcpFlag.rst ? reset : flags & TcpFlag.fin ? finished : 0);
}

/** Whether the originator of row `i` sent nothing but SYNs, a SYN first, or none that is known of. */
export function isSynOnly(rows: FlowRowTable, i: number): 'only' | 'first' | 'none' {
  const { protocol, tcpFlags, originatorPayloadBytes, responderPackets } = rows.columns;
  if (protocol[i] !== Protocol.tcp || startOf(tcpFlags[i]!) !== 0) return 'none';
  const isRefused = responderPackets[i]! > 0 && (tcpFlags[i]! & TcpFlag.rst) !== 0;
  const isSilent = responderPackets[i] === 0 && !(tcpFlags[i]! & NOT_SYN_ONLY);
  return (isSilent || isRefused) && originatorPayloadBytes[i] === 0 ? 'only' : 'first';
}
