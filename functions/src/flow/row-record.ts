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

/** Makes room for `count` records in a table that is empty, of which writeRowRecord then writes what is not 0. */
export function prepareRecords(records: FlowRecordTable, count: number): void {
  if (records.capacity < count) records.grow(count);
  for (const column of Object.values(records.columns)) if ('fill' in column) column.fill(0, 0, count);
}

/** Appends a record of the whole flow in row `i` to a prepared table. What a flow table does not tell, such as frame lengths and gaps, is 0. */
export function writeRowRecord(records: FlowRecordTable, rows: FlowRowTable, i: number, events: number): void {
  const to = records.count;
  records.count = to + 1;
  const out = records.columns;
  const c = rows.columns;
  out.firstSizes.append(to, NOTHING, 0, 0);
  out.firstGaps.append(to, NOTHING, 0, 0);
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

function outcomeOf(events: number, isTcp: boolean): number {
  if (events & FlowEvent.rejected) return FlowOutcome.rejected;
  if (events & FlowEvent.reset) return FlowOutcome.reset;
  if (events & FlowEvent.finished) return FlowOutcome.finished;
  if (events & FlowEvent.established) return FlowOutcome.established;
  if (!isTcp) return events & FlowEvent.answered ? FlowOutcome.answered : FlowOutcome.unanswered;
  if (events & FlowEvent.answered) return FlowOutcome.handshakeIncomplete;
  return events & (FlowEvent.midstream | FlowEvent.oddStart) ? FlowOutcome.unanswered : FlowOutcome.halfOpen;
}
