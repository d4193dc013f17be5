// The hot loop: packets into flows, and event time that lets flows expire and panes close. Both stop when what they have
// to tell needs room, and go on from there when they are called again.

import { isActivityFull } from './activity';
import * as G from './generated';
import { indexMask, slotAt } from './hash-index';
import * as life from './life';
import { PACKETS_TABLE, rowAt, WHEEL_SLOTS } from './memory';
import { addNote, areNotesFull } from './notes';
import { dropPanes, firstPaneS, keepPane, paneCount, paneRow, paneSecond } from './panes';
import { areRecordsFull } from './records';
import * as R from './row';
import { keepFirstPacket } from './sequences';
import { firstFiledS, nextFiled } from './timers';
import { trackTcp } from './tcp';

/** Latest second that a packet lay in. */
export let newestS: i32 = 0;
/** Since the outbox was last emptied. */
export let nonIpPackets: f64 = 0;
export let bytes: f64 = 0;

export function restoreNewest(second: i32): void {
  newestS = second;
}

export function clearCounts(): void {
  bytes = 0;
  nonIpPackets = 0;
}

/** What a responder other than of TCP says with its first packet. */
const ANSWERED: i32 = G.FlowEvent_answered | G.FlowEvent_rejected;

// Packets whose flows are read ahead, so that the machine waits for all of them together. A power of two.
const READ_AHEAD: i32 = 16;
/** Keeps the compiler from leaving out what is read ahead. */
export let readSum: i32 = 0;

/** Reads where the flows of packets `[from, to)` are found: in the index, and most likely in the rows. */
function readAhead(from: i32, to: i32): void {
  const mask = indexMask;
  let sum = 0;
  for (let n = from; n < to; n++) {
    const hash = load<i32>(PACKETS_TABLE + (<usize>n << 2), G.PACKETS_flowHash);
    // Row + 1, so 0 for none: then this reads in front of the first row, where other tables lie.
    sum ^= load<i32>(rowAt(load<i32>(slotAt(hash & mask), 4) - 1), R.PORTS);
  }
  readSum = sum;
}

/** Folds staged packets `[from, count)`. Returns the first that is not folded yet, as the outbox is full; else `count`. */
export function foldPackets(from: i32, count: i32): i32 {
  let second = 0;
  let secondEndUs: f64 = 0;
  let reachedS = life.watermarkS;
  for (let n = from; n < count; n++) {
    if ((n & (READ_AHEAD - 1)) == 0) readAhead(n, min(n + READ_AHEAD, count));
    const i = <usize>n;
    const at = PACKETS_TABLE + i;
    const at2 = PACKETS_TABLE + (i << 1);
    const at4 = PACKETS_TABLE + (i << 2);
    const watermark = <i64>load<u32>(at4, G.PACKETS_watermarkS);
    if (watermark > reachedS) {
      if (!advanceTo(watermark)) return n;
      reachedS = watermark;
    }
    if (isActivityFull || areNotesFull || areRecordsFull) return n;
    const length = load<u32>(at4, G.PACKETS_lengthBytes);
    bytes += <f64>length;
    const noteKind = load<u8>(at, G.PACKETS_noteKind);
    if (load<u8>(at, G.PACKETS_networkLayer) < <u8>G.NetworkLayer_ipv4) {
      nonIpPackets++;
      if (noteKind != 0) addNote(i, true);
      continue;
    }
    const time = load<f64>(PACKETS_TABLE + (i << 3), G.PACKETS_timeUs);
    if (time >= secondEndUs || time < secondEndUs - 1e6) {
      second = <i32>floor(time / 1e6);
      secondEndUs = <f64>(second + 1) * 1e6;
      if (second > newestS) newestS = second;
    }
    const ports = (<i32>load<u16>(at2, G.PACKETS_sourcePort) << 16) | <i32>load<u16>(at2, G.PACKETS_destinationPort);
    const protocol = <i32>load<u8>(at, G.PACKETS_protocol);
    const carrier = protocol | (<i32>load<u8>(at, G.PACKETS_tunnelKind) << 8);
    const tunnelId = load<i32>(at4, G.PACKETS_tunnelId);
    const hash = load<i32>(at4, G.PACKETS_flowHash);
    const addresses = PACKETS_TABLE + (i << 4);
    let found = find(hash, addresses, ports, carrier, tunnelId);
    if (found >= 0 && life.isOver(found >>> 1, load<u8>(at, G.PACKETS_tcpFlags), second)) found = -1;
    if (found < 0) {
      const begun = life.begin(i, hash, ports, carrier, tunnelId, second);
      found = (begun << 1) | <i32>isFromOriginator(rowAt(begun), addresses, ports);
    }
    const number = found >>> 1;
    const fromOriginator = (found & 1) != 0;
    const row = rowAt(number);
    if (load<i32>(row, R.PANE_S) != second) life.enterPane(number, second, time);
    const payload = load<i32>(at4, G.PACKETS_payloadBytes);
    const gap = time - load<f64>(row, R.LAST_US);
    if (gap > 0) {
      store<f64>(row, time, R.LAST_US);
      if (second > load<i32>(row, R.LAST_S)) store<i32>(row, second, R.LAST_S);
    }
    countPacket(fromOriginator ? row : row + R.RESPONDER, time, <f64>length, <f64>payload);
    widenLengths(row + (fromOriginator ? 0 : 4), length);
    if (load<i32>(row, R.SEQUENCE_COUNT) < G.FIRST_PACKETS)
      keepFirstPacket(row, fromOriginator ? payload : -payload, gap > 0 ? gap / 1000 : 0);
    const breaches = load<i32>(at4, G.PACKETS_conformance);
    const guess = <i32>load<u8>(at, G.PACKETS_payloadGuess);
    const entropy = <i32>load<u8>(at, G.PACKETS_payloadEntropy);
    if (breaches | guess | entropy) countPayload(row, breaches, guess, entropy, fromOriginator);
    if (protocol == G.Protocol_tcp) {
      if (trackTcp(row, i, fromOriginator, payload)) life.stateChanged(number);
    } else if (!fromOriginator && !(load<i32>(row, R.LIFETIME_EVENTS) & ANSWERED)) {
      if (load<u8>(at, G.PACKETS_tcpFlags) & G.TcpFlag_rst) R.addEvents(row, G.FlowEvent_rejected);
      else life.answered(row);
    }
    if (noteKind != 0) addNote(i, fromOriginator);
  }
  return count;
}

/** Row << 1 | 1 when the packet comes from its originator, of the flow with this key in either direction; −1 none. */
function find(hash: i32, addresses: usize, ports: i32, carrier: i32, tunnelId: i32): i32 {
  const mask = indexMask;
  const reversedPorts = rotl<i32>(ports, 16);
  let slot = hash & mask;
  while (true) {
    const pair = slotAt(slot);
    const number = load<i32>(pair, 4) - 1;
    if (number < 0) return -1;
    if (load<i32>(pair) == hash) {
      const row = rowAt(number);
      if (load<i32>(row, R.PROTOCOL) == carrier && load<i32>(row, R.TUNNEL_ID) == tunnelId) {
        const rowPorts = load<i32>(row, R.PORTS);
        if (rowPorts == ports && isForward(row, addresses)) return (number << 1) | 1;
        if (rowPorts == reversedPorts && isBackward(row, addresses)) return number << 1;
      }
    }
    slot = (slot + 1) & mask;
  }
}

function isForward(row: usize, addresses: usize): bool {
  return (
    load<i64>(row, R.ORIGINATOR_ADDRESS + 8) == load<i64>(addresses, G.PACKETS_sourceAddress + 8) &&
    load<i64>(row, R.RESPONDER_ADDRESS + 8) == load<i64>(addresses, G.PACKETS_destinationAddress + 8) &&
    load<i64>(row, R.ORIGINATOR_ADDRESS) == load<i64>(addresses, G.PACKETS_sourceAddress) &&
    load<i64>(row, R.RESPONDER_ADDRESS) == load<i64>(addresses, G.PACKETS_destinationAddress)
  );
}

function isBackward(row: usize, addresses: usize): bool {
  return (
    load<i64>(row, R.ORIGINATOR_ADDRESS + 8) == load<i64>(addresses, G.PACKETS_destinationAddress + 8) &&
    load<i64>(row, R.RESPONDER_ADDRESS + 8) == load<i64>(addresses, G.PACKETS_sourceAddress + 8) &&
    load<i64>(row, R.ORIGINATOR_ADDRESS) == load<i64>(addresses, G.PACKETS_destinationAddress) &&
    load<i64>(row, R.RESPONDER_ADDRESS) == load<i64>(addresses, G.PACKETS_sourceAddress)
  );
}

function isFromOriginator(row: usize, addresses: usize, ports: i32): bool {
  return load<i32>(row, R.PORTS) == ports && isForward(row, addresses);
}

/** Adds a packet to the directed fields that begin at `side`. */
function countPacket(side: usize, time: f64, length: f64, payload: f64): void {
  const sent = load<f64>(side, R.PACKETS);
  store<f64>(side, sent + 1, R.PACKETS);
  store<f64>(side, load<f64>(side, R.BYTES) + length, R.BYTES);
  store<f64>(side, load<f64>(side, R.PAYLOAD_BYTES) + payload, R.PAYLOAD_BYTES);
  store<f64>(side, load<f64>(side, R.LENGTH_SQUARE_SUM) + length * length, R.LENGTH_SQUARE_SUM);
  if (sent == 0) {
    store<f64>(side, time, R.FIRST_US);
    store<f64>(side, time, R.LAST_IN_DIRECTION_US);
    store<f64>(side, Infinity, R.GAP_MIN_US);
    return;
  }
  // A packet out of order counts as no gap; so the gaps add up to the time from first to last.
  const last = load<f64>(side, R.LAST_IN_DIRECTION_US);
  const gap = max<f64>(0, time - last);
  store<f64>(side, last + gap, R.LAST_IN_DIRECTION_US);
  store<f64>(side, load<f64>(side, R.GAP_SQUARE_SUM) + gap * gap, R.GAP_SQUARE_SUM);
  if (gap < load<f64>(side, R.GAP_MIN_US)) store<f64>(side, gap, R.GAP_MIN_US);
  if (gap > load<f64>(side, R.GAP_MAX_US)) store<f64>(side, gap, R.GAP_MAX_US);
}

/** Shortest frame in the upper half, longest in the lower; lengths past 65,535 count as that. */
function widenLengths(side: usize, lengthBytes: u32): void {
  const minMax = load<u32>(side, R.LENGTH_MIN_MAX);
  if (lengthBytes >= minMax >>> 16 && lengthBytes <= (minMax & 0xffff)) return;
  const length = min<u32>(lengthBytes, 0xffff);
  const shortest = minMax == 0 ? length : min<u32>(minMax >>> 16, length);
  store<u32>(side, (shortest << 16) | max<u32>(minMax & 0xffff, length), R.LENGTH_MIN_MAX);
}

/** Adds what few packets have: breaches, a guess, a measured entropy. */
function countPayload(row: usize, breaches: i32, guess: i32, entropy: i32, fromOriginator: bool): void {
  store<i32>(row, load<i32>(row, R.PANE_CONFORMANCE) | breaches, R.PANE_CONFORMANCE);
  store<i32>(row, load<i32>(row, R.CONFORMANCE) | breaches, R.CONFORMANCE);
  // What the responder says decides: a client may talk nonsense to any port.
  const mayDecide = !fromOriginator || load<i32>(row, R.PAYLOAD_GUESS) <= G.PayloadGuess_unknown;
  if (guess != G.PayloadGuess_notExamined && mayDecide) store<i32>(row, guess, R.PAYLOAD_GUESS);
  if (entropy > load<i32>(row, R.PAYLOAD_ENTROPY)) store<i32>(row, entropy, R.PAYLOAD_ENTROPY);
  if (entropy > load<i32>(row, R.PANE_ENTROPY)) store<i32>(row, entropy, R.PANE_ENTROPY);
}

/** Lets event time come to `toS`, second by second. Returns false when it stopped on the way, as the outbox is full. */
export function advanceTo(toS: i64): bool {
  if (toS <= life.watermarkS) return true;
  if (life.watermarkS == 0) life.setWatermark(min<i64>(toS, min<i64>(newestS, firstPaneS())));
  let quietSeconds = 0;
  while (life.watermarkS < toS) {
    if (quietSeconds > WHEEL_SLOTS) {
      // Nothing to do for a round of the wheel: time may jump to where there is.
      life.setWatermark(min<i64>(toS, min<i64>(firstFiledS(), firstPaneS())));
      quietSeconds = 0;
      continue;
    }
    const closed = closeSecond(<i32>life.watermarkS);
    if (closed == STOPPED) return false;
    quietSeconds = closed == QUIET ? quietSeconds + 1 : 0;
    life.setWatermark(life.watermarkS + 1);
  }
  return true;
}

const STOPPED: i32 = 0;
const QUIET: i32 = 1;
const BUSY: i32 = 2;

/** Looks at the flows filed for a second and sends its panes. */
function closeSecond(second: i32): i32 {
  let isQuiet = true;
  for (let row = nextFiled(second); row >= 0; row = nextFiled(second)) {
    if (isActivityFull || areRecordsFull) return STOPPED;
    life.lookAt(row, second);
    isQuiet = false;
  }
  const before = paneCount;
  if (!sendPanes(second)) return STOPPED;
  return isQuiet && paneCount == before ? QUIET : BUSY;
}

/** Sends the panes of `second` in the order in which they were opened. Returns false when it stopped on the way. */
function sendPanes(second: i32): bool {
  let kept = 0;
  let k = 0;
  let hasRoom = true;
  for (; k < paneCount; k++) {
    if (paneSecond(k) != second) {
      keepPane(k, kept++);
      continue;
    }
    const row = rowAt(paneRow(k));
    if (load<i32>(row, R.PANE_S) != second) continue;
    if (isActivityFull || areRecordsFull) {
      hasRoom = false;
      break;
    }
    life.sendPane(row, 0);
  }
  dropPanes(kept, k);
  return hasRoom;
}
