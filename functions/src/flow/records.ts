import { FlowEvent, FlowOutcome, type FlowRecordTable, Protocol } from '@weir/contracts';
import { sampleDeviation } from '../features/moments.js';
import { FLOAT, FlowState, RESPONDER, WORD } from './layout.js';
import type { FlowPartitionState } from './state.js';

const NOTHING = new Uint8Array(0);

/** Appends a record of the flow in `row`; `kind` is a FlowRecordKind. */
export function writeFlowRecord(records: FlowRecordTable, state: FlowPartitionState, row: number, kind: number): void {
  const to = records.count;
  if (to === records.capacity) records.grow();
  records.count = to + 1;
  const out = records.columns;
  const { words, floats } = state.table;
  const w = row * WORD.stride;
  const f = row * FLOAT.stride;
  out.kind[to] = kind;
  for (let k = 0; k < 4; k++) {
    out.originatorAddress.words[to * 4 + k] = words[w + WORD.originatorAddress + k]!;
    out.responderAddress.words[to * 4 + k] = words[w + WORD.responderAddress + k]!;
  }
  out.originatorPort[to] = words[w + WORD.ports]! >>> 16;
  out.responderPort[to] = words[w + WORD.ports]! & 0xffff;
  out.protocol[to] = words[w + WORD.protocol]! & 0xff;
  out.tunnelKind[to] = words[w + WORD.protocol]! >>> 8;
  out.tunnelId[to] = words[w + WORD.tunnelId]!;
  out.outcome[to] = outcomeOf(words, w);
  out.startUs[to] = floats[f + FLOAT.startUs]!;
  out.endUs[to] = floats[f + FLOAT.lastUs]!;
  writeOriginator(out, to, words, w, floats, f);
  writeResponder(out, to, words, w, floats, f + RESPONDER);
  out.handshakeRttUs[to] = floats[f + FLOAT.handshakeRttUs]!;
  out.conformance[to] = words[w + WORD.conformance]!;
  out.payloadGuess[to] = words[w + WORD.payloadGuess]!;
  out.payloadEntropy[to] = words[w + WORD.payloadEntropy]!;
  writeFirstPackets(out, to, state, w);
}

type Columns = FlowRecordTable['columns'];

function writeOriginator(out: Columns, to: number, words: Int32Array, w: number, floats: Float64Array, d: number) {
  const packets = floats[d + FLOAT.packets]!;
  const gapSum = floats[d + FLOAT.lastInDirectionUs]! - floats[d + FLOAT.firstUs]!;
  out.originatorPackets[to] = packets;
  out.originatorBytes[to] = floats[d + FLOAT.bytes]!;
  out.originatorPayloadBytes[to] = floats[d + FLOAT.payloadBytes]!;
  out.originatorLengthMinBytes[to] = words[w + WORD.originatorLengthMinMax]! >>> 16;
  out.originatorLengthMaxBytes[to] = words[w + WORD.originatorLengthMinMax]! & 0xffff;
  out.originatorLengthDeviationBytes[to] = sampleDeviation(
    packets,
    floats[d + FLOAT.bytes]!,
    floats[d + FLOAT.lengthSquareSum]!,
  );
  out.originatorGapMinUs[to] = packets > 1 ? floats[d + FLOAT.gapMinUs]! : 0;
  out.originatorGapMeanUs[to] = packets > 1 ? gapSum / (packets - 1) : 0;
  out.originatorGapDeviationUs[to] = sampleDeviation(packets - 1, gapSum, floats[d + FLOAT.gapSquareSum]!);
  out.originatorGapMaxUs[to] = floats[d + FLOAT.gapMaxUs]!;
  out.originatorTcpFlags[to] = words[w + WORD.tcpFlags]! & 0xff;
  out.originatorRetransmissions[to] = words[w + WORD.originatorRetransmissions]!;
  out.originatorInitialWindow[to] = words[w + WORD.initialWindows]! >>> 16;
}

function writeResponder(out: Columns, to: number, words: Int32Array, w: number, floats: Float64Array, d: number) {
  const packets = floats[d + FLOAT.packets]!;
  const gapSum = floats[d + FLOAT.lastInDirectionUs]! - floats[d + FLOAT.firstUs]!;
  out.responderPackets[to] = packets;
  out.responderBytes[to] = floats[d + FLOAT.bytes]!;
  out.responderPayloadBytes[to] = floats[d + FLOAT.payloadBytes]!;
  out.responderLengthMinBytes[to] = words[w + WORD.responderLengthMinMax]! >>> 16;
  out.responderLengthMaxBytes[to] = words[w + WORD.responderLengthMinMax]! & 0xffff;
  out.responderLengthDeviationBytes[to] = sampleDeviation(
    packets,
    floats[d + FLOAT.bytes]!,
    floats[d + FLOAT.lengthSquareSum]!,
  );
  out.responderGapMinUs[to] = packets > 1 ? floats[d + FLOAT.gapMinUs]! : 0;
  out.responderGapMeanUs[to] = packets > 1 ? gapSum / (packets - 1) : 0;
  out.responderGapDeviationUs[to] = sampleDeviation(packets - 1, gapSum, floats[d + FLOAT.gapSquareSum]!);
  out.responderGapMaxUs[to] = floats[d + FLOAT.gapMaxUs]!;
  out.responderTcpFlags[to] = (words[w + WORD.tcpFlags]! >>> 8) & 0xff;
  out.responderRetransmissions[to] = words[w + WORD.responderRetransmissions]!;
  out.responderInitialWindow[to] = words[w + WORD.initialWindows]! & 0xffff;
}

function writeFirstPackets(out: Columns, to: number, state: FlowPartitionState, w: number): void {
  const { words } = state.table;
  const slot = words[w + WORD.sequenceSlot]!;
  const count = words[w + WORD.sequenceCount]!;
  const sizes = slot === 0 ? NOTHING : state.firstPackets.sizeBytes(slot, count);
  const gaps = slot === 0 ? NOTHING : state.firstPackets.gapBytes(slot, count);
  out.firstSizes.append(to, sizes, 0, sizes.length);
  out.firstGaps.append(to, gaps, 0, gaps.length);
}

function outcomeOf(words: Int32Array, w: number): number {
  const events = words[w + WORD.lifetimeEvents]!;
  if (events & FlowEvent.rejected) return FlowOutcome.rejected;
  if (events & FlowEvent.reset) return FlowOutcome.reset;
  if (events & FlowEvent.finished) return FlowOutcome.finished;
  if ((words[w + WORD.protocol]! & 0xff) !== Protocol.tcp)
    return events & FlowEvent.answered ? FlowOutcome.answered : FlowOutcome.unanswered;
  if (events & FlowEvent.established) return FlowOutcome.established;
  switch (words[w + WORD.state]) {
    case FlowState.synSent:
      return FlowOutcome.halfOpen;
    case FlowState.synAnswered:
      return FlowOutcome.handshakeIncomplete;
    default:
      return events & FlowEvent.answered ? FlowOutcome.established : FlowOutcome.unanswered;
  }
}
