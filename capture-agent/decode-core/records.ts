// The records of a classic pcap file in the block's bytes (draft-ietf-opsawg-pcap). One that is cut or says something odd is
// left to the other side (capture-agent/src/sources/pcap-format.ts), which would read every record alike.

import * as G from './generated';
import { BYTES, RAW } from './memory';

const HEADER_BYTES: i32 = 16;
// Seconds from here on are near the end of time, where the other side sets a limit.
const LAST_SECOND: u32 = 0xffff_0000;

let isBigEndian: bool = false;
let fractionsPerUs: u32 = 1;
let mostBytes: u32 = 0;

/** Raw rows that are filled, after the last scan. */
export let rawCount: i32 = 0;

/** How the file that is read next is written; packets of more than `most` bytes are odd. */
export function setRecordFormat(bigEndian: i32, perUs: i32, most: i32): void {
  isBigEndian = bigEndian != 0;
  fractionsPerUs = perUs;
  mostBytes = most;
}

/** Fills raw rows from `row` on with the packets at positions `[start, end)`; returns the position behind the last of them. */
export function scanRecords(row: i32, start: i32, end: i32): i32 {
  let at = start;
  let to = row;
  for (; at + HEADER_BYTES <= end && to < G.RAW_CAPACITY; to++) {
    const record = BYTES + <usize>at;
    const seconds = word(record);
    const capturedBytes = word(record + 8);
    const wireBytes = word(record + 12);
    if (capturedBytes > mostBytes || wireBytes < capturedBytes || seconds >= LAST_SECOND) break;
    const next = at + HEADER_BYTES + <i32>capturedBytes;
    if (next > end) break;
    const fraction = word(record + 4);
    const us = fractionsPerUs == 1 ? fraction : fraction / fractionsPerUs;
    const i = <usize>to;
    store<f64>(RAW + (i << 3), <f64>seconds * 1e6 + <f64>us, G.RAW_timeUs);
    store<i32>(RAW + (i << 2), at + HEADER_BYTES, G.RAW_offset);
    store<u32>(RAW + (i << 2), capturedBytes, G.RAW_capturedBytes);
    store<u32>(RAW + (i << 2), wireBytes, G.RAW_wireBytes);
    at = next;
  }
  rawCount = to;
  return at;
}

function word(at: usize): u32 {
  const value = load<u32>(at);
  return isBigEndian ? bswap<u32>(value) : value;
}
