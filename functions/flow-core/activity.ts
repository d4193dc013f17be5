// What is to be told to the hosts: a table of contributions for each host partition, read and emptied by the other side.

import * as G from './generated';
import { homeOf } from './home';
import { ACTIVITY_TABLES, activityCounts, hostPartitions } from './memory';
import * as R from './row';

// A step of the core writes fewer rows than this; with less room it pauses.
const ROOM: i32 = 16;

/** Whether some table has no room for another step. */
export let isActivityFull: bool = false;

const ROLE_ORIGINATOR: i32 = 1;
const ROLE_RESPONDER: i32 = 2;

/** Rows for host partition `partition`. */
export function activityCount(partition: i32): i32 {
  return load<i32>(activityCounts + ((<usize>partition) << 2));
}

/** Forgets all rows. */
export function clearActivity(): void {
  memory.fill(activityCounts, 0, (<usize>hostPartitions) << 2);
  isActivityFull = false;
}

/** Writes the pane fields of a flow as a row to the partitions of its two hosts, with `events` added. */
export function addActivity(row: usize, events: i32): void {
  if (hostPartitions == 1) {
    writeActivity(0, row, events, ROLE_ORIGINATOR | ROLE_RESPONDER);
    return;
  }
  const originatorHome = homeOf(row + R.ORIGINATOR_ADDRESS);
  const responderHome = homeOf(row + R.RESPONDER_ADDRESS);
  if (originatorHome == responderHome) writeActivity(originatorHome, row, events, ROLE_ORIGINATOR | ROLE_RESPONDER);
  else {
    writeActivity(originatorHome, row, events, ROLE_ORIGINATOR);
    writeActivity(responderHome, row, events, ROLE_RESPONDER);
  }
}

function writeActivity(partition: i32, row: usize, events: i32, roles: i32): void {
  const to = <usize>activityCount(partition);
  const count = <i32>to + 1;
  store<i32>(activityCounts + ((<usize>partition) << 2), count);
  if (count > G.ACTIVITY_CAPACITY - ROOM) isActivityFull = true;
  const table = ACTIVITY_TABLES + <usize>partition * G.ACTIVITY_SIZE;
  const to2 = table + (to << 1);
  const to4 = table + (to << 2);
  const to8 = table + (to << 3);
  const to16 = table + (to << 4);
  v128.store(to16, v128.load(row, R.ORIGINATOR_ADDRESS), G.ACTIVITY_originatorAddress);
  v128.store(to16, v128.load(row, R.RESPONDER_ADDRESS), G.ACTIVITY_responderAddress);
  const paneFirstUs = load<f64>(row, R.PANE_FIRST_US);
  store<f64>(to8, paneFirstUs, G.ACTIVITY_timeUs);
  store<u8>(table + to, <u8>roles, G.ACTIVITY_roles);
  const ports = load<u32>(row, R.PORTS);
  store<u16>(to2, <u16>(ports >>> 16), G.ACTIVITY_originatorPort);
  store<u16>(to2, <u16>ports, G.ACTIVITY_responderPort);
  store<u8>(table + to, load<u8>(row, R.PROTOCOL), G.ACTIVITY_protocol);
  store<u16>(to2, <u16>(load<i32>(row, R.PANE_EVENTS) | events), G.ACTIVITY_events);
  const packets = load<f64>(row, R.PACKETS);
  const packetsBefore = load<f64>(row, R.PACKETS_BEFORE);
  const responderPackets = load<f64>(row, R.PACKETS + R.RESPONDER);
  const responderPacketsBefore = load<f64>(row, R.RESPONDER_PACKETS_BEFORE);
  // An end that was only noticed, as of a flow that fell silent, is later than the last packet.
  const isHeard = packets + responderPackets > packetsBefore + responderPacketsBefore;
  const lastUs = load<f64>(row, R.LAST_US);
  store<f64>(to8, isHeard ? max(paneFirstUs, lastUs) : lastUs, G.ACTIVITY_lastTimeUs);
  store<u32>(to4, <u32>(packets - packetsBefore), G.ACTIVITY_originatorPackets);
  store<u32>(to4, <u32>(responderPackets - responderPacketsBefore), G.ACTIVITY_responderPackets);
  store<u32>(to4, word32(load<f64>(row, R.BYTES) - load<f64>(row, R.BYTES_BEFORE)), G.ACTIVITY_originatorBytes);
  store<u32>(
    to4,
    word32(load<f64>(row, R.BYTES + R.RESPONDER) - load<f64>(row, R.RESPONDER_BYTES_BEFORE)),
    G.ACTIVITY_responderBytes,
  );
  store<u32>(to4, load<u32>(row, R.PANE_SYN_PACKETS), G.ACTIVITY_synPackets);
  const gaps = gapsAmong(packets) - gapsAmong(packetsBefore);
  const responderGaps = gapsAmong(responderPackets) - gapsAmong(responderPacketsBefore);
  store<u32>(to4, <u32>(gaps + responderGaps), G.ACTIVITY_gapCount);
  store<f64>(to8, R.gapSumUs(row) - load<f64>(row, R.GAP_SUM_BEFORE_US), G.ACTIVITY_gapSumUs);
  const squares = R.gapSquareSum(row) - load<f64>(row, R.GAP_SQUARE_SUM_BEFORE);
  store<f64>(to8, floor(squares / 1e4 + 0.5), G.ACTIVITY_gapSquareSum);
  store<u32>(to4, load<u32>(row, R.PANE_CONFORMANCE), G.ACTIVITY_conformance);
  store<u8>(table + to, load<u8>(row, R.PAYLOAD_GUESS), G.ACTIVITY_payloadGuess);
  store<u8>(table + to, load<u8>(row, R.PANE_ENTROPY), G.ACTIVITY_payloadEntropy);
  writeTotals(row, to4, (events & G.FlowEvent_ended) != 0);
}

function writeTotals(row: usize, to4: usize, isEnded: bool): void {
  const durationMs = isEnded ? (load<f64>(row, R.LAST_US) - load<f64>(row, R.START_US)) / 1000 : 0;
  store<u32>(to4, word32(durationMs), G.ACTIVITY_totalDurationMs);
  store<u32>(to4, isEnded ? <u32>load<f64>(row, R.PACKETS) : 0, G.ACTIVITY_totalOriginatorPackets);
  store<u32>(to4, isEnded ? <u32>load<f64>(row, R.PACKETS + R.RESPONDER) : 0, G.ACTIVITY_totalResponderPackets);
  store<u32>(to4, isEnded ? word32(load<f64>(row, R.PAYLOAD_BYTES)) : 0, G.ACTIVITY_totalOriginatorBytes);
  store<u32>(to4, isEnded ? word32(load<f64>(row, R.PAYLOAD_BYTES + R.RESPONDER)) : 0, G.ACTIVITY_totalResponderBytes);
}

/** Whole part, at most 2^32 − 1. */
function word32(value: f64): u32 {
  return <u32>min(value, 4_294_967_295);
}

function gapsAmong(packets: f64): f64 {
  return packets > 0 ? packets - 1 : 0;
}
