import {
  FlowEvent,
  FlowOutcome,
  FlowRecordKind,
  type FlowRecordTable,
  type FlowRowTable,
  Protocol,
} from '@weir/contracts';

const NOTHING = new Uint8Array(0);
/** Times end in 2106, as 32-bit seconds do. */
const LAST_TIME_US = 0xffff_ffff * 1e6;

/** Appends a record of the whole flow in row `i`. What a flow table does not tell, such as frame lengths and gaps, is 0. */
export function writeRowRecord(records: FlowRecordTable, rows: FlowRowTable, i: number, events: number): void {
  const to = records.count;
  if (to === records.capacity) records.grow();
  records.count = to + 1;
  const out = records.columns;
  const c = rows.columns;
  clearRow(out, to);
  out.kind[to] = FlowRecordKind.ended;
  for (let k = 0; k < 4; k++) {
    out.originatorAddress.words[to * 4 + k] = c.originatorAddress.words[i * 4 + k]!;
    out.responderAddress.words[to * 4 + k] = c.responderAddress.words[i * 4 + k]!;
  }
  out.originatorPort[to] = c.originatorPort[i]!;
  out.responderPort[to] = c.responderPort[i]!;
  out.protocol[to] = c.protocol[i]!;
  out.outcome[to] = c.outcome[i]! > 0 ? c.outcome[i]! - 1 : outcomeOf(events, c.protocol[i] === Protocol.tcp);
  out.startUs[to] = c.timeUs[i]!;
  out.endUs[to] = Math.min(c.timeUs[i]! + c.durationUs[i]!, LAST_TIME_US);
  out.originatorPackets[to] = c.originatorPackets[i]!;
  out.responderPackets[to] = c.responderPackets[i]!;
  out.originatorBytes[to] = c.originatorBytes[i]!;
  out.responderBytes[to] = c.responderBytes[i]!;
  out.originatorPayloadBytes[to] = c.originatorPayloadBytes[i]!;
  out.responderPayloadBytes[to] = c.responderPayloadBytes[i]!;
  // A table that tells of flags seldom tells whose they were.
  out.originatorTcpFlags[to] = c.tcpFlags[i]!;
  out.conformance[to] = c.conformance[i]!;
}

function clearRow(out: FlowRecordTable['columns'], to: number): void {
  const { firstSizes, firstGaps, originatorAddress, responderAddress, ...plain } = out;
  for (const column of Object.values(plain)) column[to] = 0;
  firstSizes.append(to, NOTHING, 0, 0);
  firstGaps.append(to, NOTHING, 0, 0);
}

function outcomeOf(events: number, isTcp: boolean): number {
  if (events & FlowEvent.rejected) return FlowOutcome.rejected;
  if (events & FlowEvent.reset) return FlowOutcome.reset;
  if (events & FlowEvent.finished) return FlowOutcome.finished;
  if (events & FlowEvent.established) return FlowOutcome.established;
  if (!isTcp) return events & FlowEvent.answered ? FlowOutcome.answered : FlowOutcome.unanswered;
  if (events & FlowEvent.answered) return FlowOutcome.handshakeIncomplete;
  return events & (FlowEvent.midstream | FlowEvent.oddStart) ? FlowOutcome.unanswered : FlowOutcome.halfOpen;
}
