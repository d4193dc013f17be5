// Flow records, read and emptied by the other side.

import * as G from './generated';
import { RECORDS_TABLE } from './memory';
import * as R from './row';
import { gapsAt, sizesAt } from './sequences';

// A step of the core writes fewer records than this; with less room it pauses.
const ROOM: i32 = 8;

export let recordCount: i32 = 0;
export let areRecordsFull: bool = false;

export function clearRecords(): void {
  recordCount = 0;
  areRecordsFull = false;
}

/** Appends a record of a flow; `kind` is a FlowRecordKind. */
export function writeRecord(row: usize, kind: i32): void {
  const to = <usize>(recordCount++);
  if (recordCount > G.RECORDS_CAPACITY - ROOM) areRecordsFull = true;
  const to1 = RECORDS_TABLE + to;
  const to2 = RECORDS_TABLE + (to << 1);
  const to4 = RECORDS_TABLE + (to << 2);
  const to8 = RECORDS_TABLE + (to << 3);
  const to16 = RECORDS_TABLE + (to << 4);
  store<u8>(to1, <u8>kind, G.RECORDS_kind);
  v128.store(to16, v128.load(row, R.ORIGINATOR_ADDRESS), G.RECORDS_originatorAddress);
  v128.store(to16, v128.load(row, R.RESPONDER_ADDRESS), G.RECORDS_responderAddress);
  const ports = load<u32>(row, R.PORTS);
  store<u16>(to2, <u16>(ports >>> 16), G.RECORDS_originatorPort);
  store<u16>(to2, <u16>ports, G.RECORDS_responderPort);
  store<u8>(to1, load<u8>(row, R.PROTOCOL), G.RECORDS_protocol);
  store<u8>(to1, load<u8>(row, R.PROTOCOL + 1), G.RECORDS_tunnelKind);
  store<u32>(to4, load<u32>(row, R.TUNNEL_ID), G.RECORDS_tunnelId);
  store<u8>(to1, <u8>outcomeOf(row), G.RECORDS_outcome);
  store<f64>(to8, load<f64>(row, R.START_US), G.RECORDS_startUs);
  store<f64>(to8, load<f64>(row, R.LAST_US), G.RECORDS_endUs);
  writeOriginator(row, to1, to2, to4, to8);
  writeResponder(row, to1, to2, to4, to8);
  store<f64>(to8, load<f64>(row, R.HANDSHAKE_RTT_US), G.RECORDS_handshakeRttUs);
  store<u32>(to4, load<u32>(row, R.CONFORMANCE), G.RECORDS_conformance);
  store<u8>(to1, load<u8>(row, R.PAYLOAD_GUESS), G.RECORDS_payloadGuess);
  store<u8>(to1, load<u8>(row, R.PAYLOAD_ENTROPY), G.RECORDS_payloadEntropy);
  writeFirstPackets(row, to4);
}

function writeOriginator(row: usize, to1: usize, to2: usize, to4: usize, to8: usize): void {
  const packets = load<f64>(row, R.PACKETS);
  const bytes = load<f64>(row, R.BYTES);
  const gapSum = load<f64>(row, R.LAST_IN_DIRECTION_US) - load<f64>(row, R.FIRST_US);
  const minMax = load<u32>(row, R.LENGTH_MIN_MAX);
  store<f64>(to8, packets, G.RECORDS_originatorPackets);
  store<f64>(to8, bytes, G.RECORDS_originatorBytes);
  store<f64>(to8, load<f64>(row, R.PAYLOAD_BYTES), G.RECORDS_originatorPayloadBytes);
  store<u32>(to4, minMax >>> 16, G.RECORDS_originatorLengthMinBytes);
  store<u32>(to4, minMax & 0xffff, G.RECORDS_originatorLengthMaxBytes);
  const lengthDeviation = deviation(packets, bytes, load<f64>(row, R.LENGTH_SQUARE_SUM));
  store<f64>(to8, lengthDeviation, G.RECORDS_originatorLengthDeviationBytes);
  store<f64>(to8, packets > 1 ? load<f64>(row, R.GAP_MIN_US) : 0, G.RECORDS_originatorGapMinUs);
  store<f64>(to8, packets > 1 ? gapSum / (packets - 1) : 0, G.RECORDS_originatorGapMeanUs);
  const gapDeviation = deviation(packets - 1, gapSum, load<f64>(row, R.GAP_SQUARE_SUM));
  store<f64>(to8, gapDeviation, G.RECORDS_originatorGapDeviationUs);
  store<f64>(to8, load<f64>(row, R.GAP_MAX_US), G.RECORDS_originatorGapMaxUs);
  store<u8>(to1, load<u8>(row, R.TCP_FLAGS), G.RECORDS_originatorTcpFlags);
  store<u32>(to4, load<u32>(row, R.RETRANSMISSIONS), G.RECORDS_originatorRetransmissions);
  store<u16>(to2, <u16>(load<u32>(row, R.INITIAL_WINDOWS) >>> 16), G.RECORDS_originatorInitialWindow);
}

function writeResponder(row: usize, to1: usize, to2: usize, to4: usize, to8: usize): void {
  const side = row + R.RESPONDER;
  const packets = load<f64>(side, R.PACKETS);
  const bytes = load<f64>(side, R.BYTES);
  const gapSum = load<f64>(side, R.LAST_IN_DIRECTION_US) - load<f64>(side, R.FIRST_US);
  const minMax = load<u32>(row, R.LENGTH_MIN_MAX + 4);
  store<f64>(to8, packets, G.RECORDS_responderPackets);
  store<f64>(to8, bytes, G.RECORDS_responderBytes);
  store<f64>(to8, load<f64>(side, R.PAYLOAD_BYTES), G.RECORDS_responderPayloadBytes);
  store<u32>(to4, minMax >>> 16, G.RECORDS_responderLengthMinBytes);
  store<u32>(to4, minMax & 0xffff, G.RECORDS_responderLengthMaxBytes);
  const lengthDeviation = deviation(packets, bytes, load<f64>(side, R.LENGTH_SQUARE_SUM));
  store<f64>(to8, lengthDeviation, G.RECORDS_responderLengthDeviationBytes);
  store<f64>(to8, packets > 1 ? load<f64>(side, R.GAP_MIN_US) : 0, G.RECORDS_responderGapMinUs);
  store<f64>(to8, packets > 1 ? gapSum / (packets - 1) : 0, G.RECORDS_responderGapMeanUs);
  const gapDeviation = deviation(packets - 1, gapSum, load<f64>(side, R.GAP_SQUARE_SUM));
  store<f64>(to8, gapDeviation, G.RECORDS_responderGapDeviationUs);
  store<f64>(to8, load<f64>(side, R.GAP_MAX_US), G.RECORDS_responderGapMaxUs);
  store<u8>(to1, load<u8>(row, R.TCP_FLAGS + 1), G.RECORDS_responderTcpFlags);
  store<u32>(to4, load<u32>(row, R.RETRANSMISSIONS + 4), G.RECORDS_responderRetransmissions);
  store<u16>(to2, load<u16>(row, R.INITIAL_WINDOWS), G.RECORDS_responderInitialWindow);
}

/** Copies the first packets' sizes and gaps behind those of the record before. */
function writeFirstPackets(row: usize, to4: usize): void {
  const slot = load<i32>(row, R.SEQUENCE_SLOT);
  const count: usize = slot == 0 ? 0 : <usize>load<i32>(row, R.SEQUENCE_COUNT);
  const sizesEnd = <usize>load<i32>(to4, G.RECORDS_firstSizes);
  const gapsEnd = <usize>load<i32>(to4, G.RECORDS_firstGaps);
  if (count > 0) {
    memory.copy(RECORDS_TABLE + G.RECORDS_firstSizes_data + sizesEnd, sizesAt(slot), count * 2);
    memory.copy(RECORDS_TABLE + G.RECORDS_firstGaps_data + gapsEnd, gapsAt(slot), count * 4);
  }
  store<i32>(to4, <i32>(sizesEnd + count * 2), G.RECORDS_firstSizes + 4);
  store<i32>(to4, <i32>(gapsEnd + count * 4), G.RECORDS_firstGaps + 4);
}

/** Sample standard deviation; as sampleDeviation in functions/src/features/moments.ts. */
function deviation(samples: f64, sum: f64, squareSum: f64): f64 {
  if (samples < 2) return 0;
  return sqrt(max<f64>(0, (squareSum - (sum * sum) / samples) / (samples - 1)));
}

function outcomeOf(row: usize): i32 {
  const events = load<i32>(row, R.LIFETIME_EVENTS);
  if (events & G.FlowEvent_rejected) return G.FlowOutcome_rejected;
  if (events & G.FlowEvent_reset) return G.FlowOutcome_reset;
  if (events & G.FlowEvent_finished) return G.FlowOutcome_finished;
  const isAnswered = (events & G.FlowEvent_answered) != 0;
  if (load<u8>(row, R.PROTOCOL) != G.Protocol_tcp) return isAnswered ? G.FlowOutcome_answered : G.FlowOutcome_unanswered;
  if (events & G.FlowEvent_established) return G.FlowOutcome_established;
  const state = load<i32>(row, R.STATE);
  if (state == R.STATE_SYN_SENT) return G.FlowOutcome_halfOpen;
  if (state == R.STATE_SYN_ANSWERED) return G.FlowOutcome_handshakeIncomplete;
  return isAnswered ? G.FlowOutcome_established : G.FlowOutcome_unanswered;
}
