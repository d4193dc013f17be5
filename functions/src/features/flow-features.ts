import { FlowOutcome, FlowRecordKind, type FlowRecordTable, Protocol, TcpFlag } from '@weir/contracts';
import type { FlowSettings } from '../flow/config.js';
import { copyAddress, type FeatureRows } from './feature-rows.js';

type FlowColumns = FlowRecordTable['columns'];

/** Rates are over no less than this. Unit: s. */
const SHORTEST_S = 0.001;

/**
 * Appends a row for each ended flow, with the features that `write` gives. Flow records come out when a flow has been idle
 * for its timeout, so the settings tell by when all flows that ended so far are known.
 */
export function appendFlowRows(
  rows: FeatureRows,
  records: FlowRecordTable,
  { settings, write }: { settings: FlowSettings; write: typeof writeFlowFeatures },
): void {
  const c = records.columns;
  for (let i = 0; i < records.count; i++) {
    if (c.kind[i] !== FlowRecordKind.ended) continue;
    const row = rows.append();
    const keys = rows.keys.columns;
    keys.timeUs[row] = c.endUs[i]!;
    keys.startUs[row] = c.startUs[i]!;
    keys.tellableS[row] = tellableSecond(c, i, settings);
    copyAddress(keys.source.words, row, c.originatorAddress.words, i);
    copyAddress(keys.destination.words, row, c.responderAddress.words, i);
    keys.sourcePort[row] = c.originatorPort[i]!;
    keys.destinationPort[row] = c.responderPort[i]!;
    keys.protocol[row] = c.protocol[i]!;
    write(c, i, rows.matrix, row * rows.width);
  }
}

/** Whether a record was made from packets; a flow table tells neither lengths nor gaps. */
export function isFromPackets(c: FlowColumns, i: number): boolean {
  return c.originatorLengthMaxBytes[i]! > 0 || c.responderLengthMaxBytes[i]! > 0;
}

/** A second by which the record of a flow that ended so has been written, whatever the batches. */
function tellableSecond(c: FlowColumns, i: number, settings: FlowSettings): number {
  if (!isFromPackets(c, i)) return Math.floor(c.startUs[i]! / 1e6) + 1;
  return Math.floor(c.endUs[i]! / 1e6) + timeoutOf(c.outcome[i]!, settings) + 1;
}

function timeoutOf(outcome: number, settings: FlowSettings): number {
  switch (outcome) {
    case FlowOutcome.unanswered:
      return settings.unansweredTimeoutS;
    case FlowOutcome.answered:
      return settings.answeredTimeoutS;
    case FlowOutcome.halfOpen:
    case FlowOutcome.handshakeIncomplete:
      return settings.tcpHandshakeTimeoutS;
    case FlowOutcome.established:
      return settings.tcpIdleTimeoutS;
    default:
      return settings.tcpClosedTimeoutS;
  }
}

/** Writes the features of the list `flow` for record `i` at `out[at ..]`, in the order of the list. */
export function writeFlowFeatures(c: FlowColumns, i: number, out: Float32Array, at: number): void {
  const protocol = c.protocol[i]!;
  const seconds = Math.max(0, c.endUs[i]! - c.startUs[i]!) / 1e6;
  out[at] = protocol === Protocol.tcp ? 1 : 0;
  out[at + 1] = protocol === Protocol.udp ? 1 : 0;
  out[at + 2] = protocol === Protocol.icmp || protocol === Protocol.icmpv6 ? 1 : 0;
  out[at + 3] = seconds;
  const isTold = isFromPackets(c, i);
  writeOriginator(c, i, out, at + 4);
  writeResponder(c, i, out, at + 15);
  if (!isTold) forgetLengthsAndGaps(out, at);
  writeRates(c, i, out, at + 26);
  writeFlags(c, i, out, at + 30);
  if (!isTold) out[at + 33] = out[at + 35] = Number.NaN;
  writeOutcome(c, i, out, at + 37);
}

function writeOriginator(c: FlowColumns, i: number, out: Float32Array, at: number): void {
  const packets = c.originatorPackets[i]!;
  out[at] = packets;
  out[at + 1] = c.originatorPayloadBytes[i]!;
  out[at + 2] = packets > 0 ? c.originatorPayloadBytes[i]! / packets : 0;
  out[at + 3] = c.originatorLengthMinBytes[i]!;
  out[at + 4] = packets > 0 ? c.originatorBytes[i]! / packets : 0;
  out[at + 5] = c.originatorLengthMaxBytes[i]!;
  out[at + 6] = c.originatorLengthDeviationBytes[i]!;
  out[at + 7] = c.originatorGapMinUs[i]! / 1000;
  out[at + 8] = c.originatorGapMeanUs[i]! / 1000;
  out[at + 9] = c.originatorGapMaxUs[i]! / 1000;
  out[at + 10] = c.originatorGapDeviationUs[i]! / 1000;
}

function writeResponder(c: FlowColumns, i: number, out: Float32Array, at: number): void {
  const packets = c.responderPackets[i]!;
  out[at] = packets;
  out[at + 1] = c.responderPayloadBytes[i]!;
  out[at + 2] = packets > 0 ? c.responderPayloadBytes[i]! / packets : 0;
  out[at + 3] = c.responderLengthMinBytes[i]!;
  out[at + 4] = packets > 0 ? c.responderBytes[i]! / packets : 0;
  out[at + 5] = c.responderLengthMaxBytes[i]!;
  out[at + 6] = c.responderLengthDeviationBytes[i]!;
  out[at + 7] = c.responderGapMinUs[i]! / 1000;
  out[at + 8] = c.responderGapMeanUs[i]! / 1000;
  out[at + 9] = c.responderGapMaxUs[i]! / 1000;
  out[at + 10] = c.responderGapDeviationUs[i]! / 1000;
}

function forgetLengthsAndGaps(out: Float32Array, at: number): void {
  out.fill(Number.NaN, at + 7, at + 15);
  out.fill(Number.NaN, at + 18, at + 26);
}

function writeRates(c: FlowColumns, i: number, out: Float32Array, at: number): void {
  const seconds = Math.max(SHORTEST_S, (c.endUs[i]! - c.startUs[i]!) / 1e6);
  const packets = c.originatorPackets[i]! + c.responderPackets[i]!;
  const payload = c.originatorPayloadBytes[i]! + c.responderPayloadBytes[i]!;
  out[at] = packets / seconds;
  out[at + 1] = (c.originatorBytes[i]! + c.responderBytes[i]!) / seconds;
  out[at + 2] = packets > 0 ? c.responderPackets[i]! / packets : 0;
  out[at + 3] = payload > 0 ? c.responderPayloadBytes[i]! / payload : 0;
}

function writeFlags(c: FlowColumns, i: number, out: Float32Array, at: number): void {
  const originator = c.originatorTcpFlags[i]!;
  const responder = c.responderTcpFlags[i]!;
  const either = originator | responder;
  out[at] = either & TcpFlag.syn ? 1 : 0;
  out[at + 1] = either & TcpFlag.fin ? 1 : 0;
  out[at + 2] = originator & TcpFlag.rst ? 1 : 0;
  out[at + 3] = responder & TcpFlag.rst ? 1 : 0;
  out[at + 4] = originator & TcpFlag.psh ? 1 : 0;
  out[at + 5] = responder & TcpFlag.psh ? 1 : 0;
  out[at + 6] = either & TcpFlag.urg ? 1 : 0;
}

function writeOutcome(c: FlowColumns, i: number, out: Float32Array, at: number): void {
  const outcome = c.outcome[i]!;
  const isEstablished =
    outcome === FlowOutcome.established || outcome === FlowOutcome.finished || outcome === FlowOutcome.reset;
  out[at] = c.responderPackets[i]! > 0 ? 1 : 0;
  out[at + 1] = isEstablished ? 1 : 0;
  out[at + 2] = outcome === FlowOutcome.halfOpen || outcome === FlowOutcome.handshakeIncomplete ? 1 : 0;
  out[at + 3] = outcome === FlowOutcome.rejected ? 1 : 0;
  out[at + 4] = outcome === FlowOutcome.finished ? 1 : 0;
}
