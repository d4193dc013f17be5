// Data in echo messages. A reply repeats its request (RFC 792, RFC 4443), and ping sends the same bytes again and again but
// for times and counters at their beginning: what does neither carries something.

import * as G from './generated';
import { ECHO_BYTES, ECHO_SLOTS, ECHOES, load16, PACKETS } from './memory';
import * as note from './note';

// What is noted.
const REPLY_DIFFERS: i32 = 1;
const REQUEST_DIFFERS: i32 = 2;
// A slot: key of the stream, sequence number and kept bytes of its last request, second and notes in it, then the bytes.
const SEQUENCE: usize = 4;
const SIZE: usize = 6;
const SECOND: usize = 8;
const NOTES: usize = 12;
const KEPT: usize = 16;
const KEPT_BYTES: i32 = 64;
// Tells the replies of a stream whose requests are not seen from its requests.
const UNASKED: i32 = 0x5bd1e995;
// Times and counters of programs that send pings lie before it.
const DATA_AT: i32 = 32;
const LEAST_DATA_BYTES: i32 = 8;
// Notes of one stream in a second, at most.
const MOST_NOTES: i32 = 8;

/** Notes the echo message of row `i`, whose data lie between two addresses, when they are not what a ping has. */
export function noteEcho(i: usize, start: usize, end: usize): void {
  const type = load<u16>(PACKETS + (i << 1), G.PACKETS_sourcePort);
  const isRequest = type == 8 || type == 128;
  if (!isRequest && type != 0 && type != 129) return;
  const key = load<i32>(PACKETS + (i << 2), G.PACKETS_flowHash) ^ (load16(start - 4) * 0x61c88647);
  const slot = slotOf(key);
  if (isRequest) noteFirst(i, slot, key, start, end);
  else if (!holds(slot, key)) noteFirst(i, slotOf(key ^ UNASKED), key ^ UNASKED, start, end);
  else if (load<u16>(slot, SEQUENCE) == load<u16>(start - 2)) {
    const shared = min(min(<i32>(end - start), KEPT_BYTES), <i32>load<u16>(slot, SIZE));
    if (differ(slot + KEPT, start, 0, shared)) write(i, slot, REPLY_DIFFERS);
  }
}

/** A request, or a reply whose request was not seen: it is held against the one before. */
function noteFirst(i: usize, slot: usize, key: i32, start: usize, end: usize): void {
  const size = min(<i32>(end - start), KEPT_BYTES);
  const shared = min(size, <i32>load<u16>(slot, SIZE));
  const mayTell = holds(slot, key) && shared >= DATA_AT + LEAST_DATA_BYTES;
  if (mayTell && differ(slot + KEPT, start, DATA_AT, shared)) write(i, slot, REQUEST_DIFFERS);
  remember(slot, key, start, size);
}

function slotOf(key: i32): usize {
  return ECHOES + <usize>((key ^ (key >>> 16)) & (ECHO_SLOTS - 1)) * ECHO_BYTES;
}

function holds(slot: usize, key: i32): bool {
  return load<i32>(slot) == key && load<u16>(slot, SIZE) != 0;
}

function remember(slot: usize, key: i32, start: usize, size: i32): void {
  if (load<i32>(slot) != key) store<u64>(slot, 0, SECOND);
  store<i32>(slot, key);
  store<u16>(slot, load<u16>(start - 2), SEQUENCE);
  store<u16>(slot, <u16>size, SIZE);
  memory.copy(slot + KEPT, start, <usize>size);
}

/** Whether bytes `[from, to)` behind two addresses differ. */
function differ(a: usize, b: usize, from: i32, to: i32): bool {
  let k = <usize>from;
  for (; k + 8 <= <usize>to; k += 8) if (load<u64>(a + k) != load<u64>(b + k)) return true;
  for (; k < <usize>to; k++) if (load<u8>(a + k) != load<u8>(b + k)) return true;
  return false;
}

function write(i: usize, slot: usize, code: i32): void {
  const second = <i32>(<i64>(load<f64>(PACKETS + (i << 3), G.PACKETS_timeUs) / 1e6));
  if (load<i32>(slot, SECOND) != second) store<i32>(slot, 0, NOTES);
  store<i32>(slot, second, SECOND);
  const notes = load<i32>(slot, NOTES);
  if (notes >= MOST_NOTES) return;
  store<i32>(slot, notes + 1, NOTES);
  note.write(i, G.NoteKind_echoData, code, load<i32>(PACKETS + (i << 2), G.PACKETS_payloadBytes));
}
