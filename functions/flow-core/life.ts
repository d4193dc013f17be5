// From a flow's first packet to its last record: beginning, panes, timeouts, end.

import { addActivity } from './activity';
import * as G from './generated';
import { freeRow, takeRow, usedRows } from './free-rows';
import { enter, removeEntry } from './hash-index';
import { ensureRows, maxFlows, PACKETS_TABLE, rowAt, WHEEL_SLOTS } from './memory';
import { notePane } from './panes';
import { writeRecord } from './records';
import * as R from './row';
import { releaseSequence } from './sequences';
import { file, filedForS, firstFiled, unfile } from './timers';

const SYN: i32 = G.TcpFlag_syn;
const ACK: i32 = G.TcpFlag_ack;
const RST: i32 = G.TcpFlag_rst;

/** Which records are written; between these two: only those of ended flows. */
export const RECORDS_NONE: i32 = 0;
export const RECORDS_ALL: i32 = 2;

export let records: i32 = RECORDS_NONE;
let tcpHandshakeTimeoutS: i32 = 0;
let tcpIdleTimeoutS: i32 = 0;
let tcpClosedTimeoutS: i32 = 0;
let unansweredTimeoutS: i32 = 0;
let answeredTimeoutS: i32 = 0;
let activeTimeoutS: i32 = 0;

/** Second up to which event time has come; 0 before the first packet. */
export let watermarkS: i64 = 0;
/** Live flows. */
export let flowsLive: i32 = 0;
/** Since the outbox was last emptied. */
export let flowsStarted: f64 = 0;
export let flowsEnded: f64 = 0;
export let flowsEvicted: f64 = 0;

export function setTimeouts(handshakeS: i32, idleS: i32, closedS: i32, unansweredS: i32, answeredS: i32): void {
  tcpHandshakeTimeoutS = handshakeS;
  tcpIdleTimeoutS = idleS;
  tcpClosedTimeoutS = closedS;
  unansweredTimeoutS = unansweredS;
  answeredTimeoutS = answeredS;
}

export function setReporting(activeS: i32, which: i32): void {
  activeTimeoutS = activeS;
  records = which;
}

export function setWatermark(second: i64): void {
  watermarkS = second;
}

export function restoreLive(live: i32): void {
  flowsLive = live;
}

export function clearCounts(): void {
  flowsStarted = 0;
  flowsEnded = 0;
  flowsEvicted = 0;
}

export function answered(row: usize): void {
  R.addEvents(row, G.FlowEvent_answered);
  store<i32>(row, answeredTimeoutS, R.TIMEOUT_S);
}

/** TCP came to another state: another timeout holds, which may be nearer than the one the row is filed for. */
export function stateChanged(number: i32): void {
  const row = rowAt(number);
  const state = load<i32>(row, R.STATE);
  store<i32>(row, timeoutOf(state), R.TIMEOUT_S);
  if (state != R.STATE_CLOSED) return;
  fileForExpiry(number, row);
  if (!isEndOfInterest(row)) return;
  // Told at once; stragglers may still come, but the conversation is over.
  sendPane(row, G.FlowEvent_ended);
  store<i32>(row, load<i32>(row, R.LIFETIME_EVENTS) | G.FlowEvent_ended, R.LIFETIME_EVENTS);
}

/** Whether a packet with these flags belongs to a later flow with the same key; then the old one is ended. */
export function isOver(number: i32, flags: i32, second: i32): bool {
  const row = rowAt(number);
  const deadline = R.deadlineS(row);
  if (second >= deadline) {
    endFlow(number, idleEvents(row), deadline);
    return true;
  }
  if (load<i32>(row, R.STATE) != R.STATE_CLOSED) return false;
  if ((flags & (SYN | ACK)) != SYN) return false;
  endFlow(number, G.FlowEvent_ended, second);
  return true;
}

/**
 * Enters the flow that packet `i` begins. Its originator is the packet's sender, unless the packet is a SYN-ACK: then the
 * SYN was missed and the addressee began it.
 */
export function begin(i: usize, hash: i32, ports: i32, carrier: i32, tunnelId: i32, second: i32): i32 {
  if (flowsLive >= maxFlows) evictOne();
  const number = takeRow();
  ensureRows(usedRows);
  const row = rowAt(number);
  clearRow(row);
  const flags = <i32>load<u8>(PACKETS_TABLE + i, G.PACKETS_tcpFlags);
  const isTcp = (carrier & 0xff) == G.Protocol_tcp;
  const isReversed = isTcp && (flags & (SYN | ACK | RST)) == (SYN | ACK);
  const source = v128.load(PACKETS_TABLE + (i << 4), G.PACKETS_sourceAddress);
  const destination = v128.load(PACKETS_TABLE + (i << 4), G.PACKETS_destinationAddress);
  v128.store(row, isReversed ? destination : source, R.ORIGINATOR_ADDRESS);
  v128.store(row, isReversed ? source : destination, R.RESPONDER_ADDRESS);
  store<i32>(row, isReversed ? rotl<i32>(ports, 16) : ports, R.PORTS);
  store<i32>(row, carrier, R.PROTOCOL);
  store<i32>(row, tunnelId, R.TUNNEL_ID);
  store<i32>(row, hash, R.FLOW_HASH);
  store<i32>(row, startEvents(isTcp, flags), R.PANE_EVENTS);
  const timeUs = load<f64>(PACKETS_TABLE + (i << 3), G.PACKETS_timeUs);
  store<f64>(row, timeUs, R.START_US);
  store<f64>(row, timeUs, R.LAST_US);
  const isSyn = isTcp && (flags & (SYN | ACK)) == SYN;
  if (isSyn) store<i32>(row, R.STATE_SYN_SENT, R.STATE);
  store<i32>(row, second, R.LAST_S);
  store<i32>(row, second + activeTimeoutS, R.INTERIM_DUE_S);
  store<i32>(row, isSyn ? tcpHandshakeTimeoutS : unansweredTimeoutS, R.TIMEOUT_S);
  enter(hash, number);
  flowsLive++;
  flowsStarted++;
  fileForExpiry(number, row);
  return number;
}

/** Makes the pane fields count second `second`, sending what they held. */
export function enterPane(number: i32, second: i32, timeUs: f64): void {
  const row = rowAt(number);
  if (load<i32>(row, R.PANE_S) != 0) sendPane(row, 0);
  store<i32>(row, second, R.PANE_S);
  store<f64>(row, timeUs, R.PANE_FIRST_US);
  notePane(second, number);
}

/** Sends the pane fields of a flow with `events` added, and empties them. */
export function sendPane(row: usize, events: i32): void {
  const isAnswered = (load<i32>(row, R.LIFETIME_EVENTS) & (G.FlowEvent_answered | G.FlowEvent_rejected)) != 0;
  addActivity(row, events | (isAnswered ? 0 : G.FlowEvent_unanswered));
  if (records == RECORDS_ALL && load<i32>(row, R.PANE_EVENTS) & G.FlowEvent_started)
    writeRecord(row, G.FlowRecordKind_started);
  // Second, events, SYN packets, conformance, entropy.
  store<i64>(row, 0, R.PANE_S);
  store<i64>(row, 0, R.PANE_SYN_PACKETS);
  store<i32>(row, 0, R.PANE_ENTROPY);
  store<f64>(row, load<f64>(row, R.PACKETS), R.PACKETS_BEFORE);
  store<f64>(row, load<f64>(row, R.PACKETS + R.RESPONDER), R.RESPONDER_PACKETS_BEFORE);
  store<f64>(row, load<f64>(row, R.BYTES), R.BYTES_BEFORE);
  store<f64>(row, load<f64>(row, R.BYTES + R.RESPONDER), R.RESPONDER_BYTES_BEFORE);
  store<f64>(row, R.gapSumUs(row), R.GAP_SUM_BEFORE_US);
  store<f64>(row, R.gapSquareSum(row), R.GAP_SQUARE_SUM_BEFORE);
}

/** A filed row's second has come: it expires, is reported, or is filed anew. */
export function lookAt(number: i32, second: i32): void {
  const row = rowAt(number);
  const deadline = R.deadlineS(row);
  if (deadline <= second) {
    endFlow(number, idleEvents(row), deadline);
    return;
  }
  if (load<i32>(row, R.INTERIM_DUE_S) <= second) {
    if (records == RECORDS_ALL) writeRecord(row, G.FlowRecordKind_interim);
    store<i32>(row, second + activeTimeoutS, R.INTERIM_DUE_S);
  }
  // Within one turn of the wheel: a row filed a whole turn ahead would come up again in this very second, for ever.
  file(number, min(min(deadline, load<i32>(row, R.INTERIM_DUE_S)), second + WHEEL_SLOTS - 1));
}

/** Files the flow for its deadline or its next interim record, whichever is first. */
function fileForExpiry(number: i32, row: usize): void {
  file(number, min(R.deadlineS(row), load<i32>(row, R.INTERIM_DUE_S)));
}

/** Ends a flow in pane `atS`: sends its last row and record, and frees it. */
function endFlow(number: i32, events: i32, atS: i32): void {
  const row = rowAt(number);
  const endS = max<i64>(atS, watermarkS);
  const paneS = load<i32>(row, R.PANE_S);
  if (paneS != 0 && <i64>paneS != endS) sendPane(row, 0);
  const isTold = (load<i32>(row, R.LIFETIME_EVENTS) & G.FlowEvent_ended) != 0;
  if (load<i32>(row, R.PANE_S) != 0) sendPane(row, isTold ? 0 : events);
  else if (isEndOfInterest(row) || events & G.FlowEvent_evicted) {
    // An end by silence lies in the pane of the deadline, not in the last packet's.
    store<f64>(row, <f64>endS * 1e6, R.PANE_FIRST_US);
    sendPane(row, events);
  }
  if (records != RECORDS_NONE) writeRecord(row, G.FlowRecordKind_ended);
  releaseSequence(load<i32>(row, R.SEQUENCE_SLOT));
  unfile(number);
  removeEntry(load<i32>(row, R.FLOW_HASH), number);
  freeRow(number);
  flowsLive--;
  flowsEnded++;
}

function idleEvents(row: usize): i32 {
  const isAnswered = (load<i32>(row, R.LIFETIME_EVENTS) & (G.FlowEvent_answered | G.FlowEvent_rejected)) != 0;
  return isAnswered ? G.FlowEvent_ended : G.FlowEvent_ended | G.FlowEvent_timedOut;
}

/** Frees the flow that would expire first. */
function evictOne(): void {
  for (let second = <i32>watermarkS; ; second++) {
    for (let number = firstFiled(second); number >= 0; number = firstFiled(second)) {
      const deadline = R.deadlineS(rowAt(number));
      const filedS = filedForS(number);
      if (deadline > filedS && filedS == second) {
        file(number, deadline);
        continue;
      }
      endFlow(number, G.FlowEvent_ended | G.FlowEvent_evicted, <i32>watermarkS);
      flowsEvicted++;
      return;
    }
  }
}

/** Only the end of a conversation tells a host anything new, and only once; that a probe stayed unanswered was said with it. */
function isEndOfInterest(row: usize): bool {
  const both = G.FlowEvent_established | G.FlowEvent_ended;
  return (load<i32>(row, R.LIFETIME_EVENTS) & both) == G.FlowEvent_established;
}

/** Idle seconds after which a TCP flow in this state is over. */
function timeoutOf(state: i32): i32 {
  if (state == R.STATE_SYN_SENT || state == R.STATE_SYN_ANSWERED) return tcpHandshakeTimeoutS;
  return state == R.STATE_CLOSED ? tcpClosedTimeoutS : tcpIdleTimeoutS;
}

/** Which FlowEvent bits the first packet of a flow adds to `started`. */
function startEvents(isTcp: bool, flags: i32): i32 {
  if (!isTcp || flags & SYN) return G.FlowEvent_started;
  return G.FlowEvent_started | (flags & (ACK | RST) ? G.FlowEvent_midstream : G.FlowEvent_oddStart);
}

function clearRow(row: usize): void {
  const zero = i64x2.splat(0);
  for (let at: usize = 0; at < <usize>R.ROW_BYTES; at += 64) {
    v128.store(row + at, zero);
    v128.store(row + at, zero, 16);
    v128.store(row + at, zero, 32);
    v128.store(row + at, zero, 48);
  }
}
