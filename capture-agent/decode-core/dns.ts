// DNS messages (RFC 1035 4): the first name as text, type, counts; and whether they keep to the rules.

import * as G from './generated';
import { load16, NAME_BYTES, PACKETS } from './memory';

// What a name too long for a note loses at its front, at a time.
const DROPPED_BYTES: usize = 64;
const BACKSLASH: u8 = 0x5c;
const NOTE_BYTES: usize = G.MAX_NOTE_BYTES;

const HEADER_BYTES: usize = 12;
// RFC 1035 2.3.4.
const MAX_NAME_BYTES: i32 = 255;
// Root name, type and class: the least that a question takes. A record also has a lifetime and a length.
const QUESTION_BYTES: i32 = 5;
const RECORD_BYTES: i32 = 11;
// Operation codes without a meaning (IANA registry): 3, and all above 6.
const LAST_OPCODE: i32 = 6;
const UNASSIGNED_OPCODE: i32 = 3;

// Instead of a position: no address is that low.
const MALFORMED: usize = 1;
const CUT: usize = 2;

// The message: where it begins, where captured bytes end, where it ended on the wire, and whether it is a fragment.
let start: usize = 0;
let end: usize = 0;
let wireEnd: usize = 0;
let isFragment: bool = false;
// The note's text: where it begins, and where its next byte goes.
let textStart: usize = 0;
let textAt: usize = 0;

export const NO_MESSAGE: i32 = 0;
export const MESSAGE: i32 = 1;
export const BROKEN_MESSAGE: i32 = 2;

/** Sets what `readMessage` reads. `wireEnd` is where the message ends on the wire; what was not captured is no breach. */
export function pointAt(captured: usize, wire: usize, fragment: bool): void {
  end = captured;
  wireEnd = wire;
  isFragment = fragment;
}

/** Behind the text that `readMessage` wrote. */
export function textEnd(): usize {
  return textAt;
}

/**
 * Reads the message at `at` and writes its note into row `i`, its text at `text`. NO_MESSAGE when it was cut before anything
 * could be told.
 */
export function readMessage(i: usize, at: usize, text: usize): i32 {
  start = at;
  textStart = text;
  textAt = text;
  if (at + HEADER_BYTES > end) return at + HEADER_BYTES > wireEnd ? BROKEN_MESSAGE : NO_MESSAGE;
  const flags = load16(at + 2);
  const opcode = (flags >>> 11) & 15;
  if (opcode > LAST_OPCODE || opcode == UNASSIGNED_OPCODE) return BROKEN_MESSAGE;
  const questions = load16(at + 4);
  const answers = load16(at + 6);
  const records = answers + load16(at + 8) + load16(at + 10);
  const leastBytes = HEADER_BYTES + <usize>(questions * QUESTION_BYTES + records * RECORD_BYTES);
  if (at + leastBytes > wireEnd && !isFragment) return BROKEN_MESSAGE;
  const hasName = questions + records > 0;
  const named = hasName ? readName(at + HEADER_BYTES) : at + HEADER_BYTES;
  if (named == MALFORMED || !endsWell(named, questions, records)) {
    textAt = textStart;
    return BROKEN_MESSAGE;
  }
  const hasType = named > CUT && hasName && named + 2 <= end;
  writeNote(i, flags, hasType ? load16(named) : 0, answers);
  return MESSAGE;
}

function writeNote(i: usize, flags: i32, type: i32, answers: i32): void {
  const messageBytes = <i32>min<usize>(wireEnd - start, 0xffff);
  store<u8>(PACKETS + i, <u8>(flags & 0x8000 ? G.NoteKind_dnsResponse : G.NoteKind_dnsQuery), G.PACKETS_noteKind);
  store<u16>(PACKETS + (i << 1), <u16>type, G.PACKETS_noteCode);
  const value = (flags & 15) | (min(answers, 255) << 8) | (messageBytes << 16);
  store<i32>(PACKETS + (i << 2), value, G.PACKETS_noteValue);
}

/** Whether all that the counts promise is there, as far as it was captured. `named` is behind the first name. */
function endsWell(named: usize, questions: i32, records: i32): bool {
  let at = named;
  for (let k = 0; k < questions + records; k++) {
    if (k > 0 && at > CUT) at = skipName(at);
    if (at <= CUT) return at == CUT;
    at = k < questions ? afterFixed(at, 4) : afterRecord(at);
  }
  return at != MALFORMED;
}

function afterFixed(at: usize, bytes: usize): usize {
  return at + bytes <= end ? at + bytes : passed(at + bytes);
}

/** A position that was not captured: malformed when it was not on the wire either. */
function passed(at: usize): usize {
  return at > wireEnd && !isFragment ? MALFORMED : CUT;
}

function afterRecord(at: usize): usize {
  if (at + 10 > end) return passed(at + 10);
  const next = at + 10 + <usize>load16(at + 8);
  return next <= end ? next : passed(next);
}

/** Steps over a name. Its pointers are not followed, only bounded: they must point back within the message. */
function skipName(from: usize): usize {
  let at = from;
  while (at < end) {
    const length = <i32>load<u8>(at);
    if (length == 0) return at + 1;
    if (length >= 0xc0) return at + 2 <= end ? checkedPointer(at) : passed(at + 2);
    if (length > 63 || <i32>(at - from) > MAX_NAME_BYTES) return MALFORMED;
    at += <usize>length + 1;
  }
  return passed(at + 1);
}

function checkedPointer(at: usize): usize {
  return start + <usize>(load16(at) & 0x3fff) < at ? at + 2 : MALFORMED;
}

/**
 * Writes the name at `from` as text: lower case, no final dot, `\ddd` for what is not printable; where that makes it too
 * long for a note, its end. Compression pointers must point backwards, which bounds their number. Returns the position
 * behind the name, MALFORMED or CUT.
 */
function readName(from: usize): usize {
  let at = from;
  let after: usize = 0;
  let lowest = from;
  let nameBytes = 0;
  while (at < end) {
    const length = <i32>load<u8>(at);
    if (length == 0) return after != 0 ? after : at + 1;
    if (length >= 0xc0) {
      if (at + 2 > end) return passed(at + 2);
      if (after == 0) after = at + 2;
      at = start + <usize>(load16(at) & 0x3fff);
      if (at >= lowest || at < start + HEADER_BYTES) return MALFORMED;
      lowest = at;
      continue;
    }
    nameBytes += length + 1;
    if (length > 63 || nameBytes >= MAX_NAME_BYTES) return MALFORMED;
    if (nameBytes > length + 1) writeDot();
    writeLabel(at + 1, min<usize>(at + 1 + <usize>length, end));
    at += <usize>length + 1;
  }
  return passed(at + 1);
}

function writeDot(): void {
  if (textAt - textStart >= NOTE_BYTES) dropFront();
  store<u8>(textAt++, 0x2e);
}

/** Makes room in a text that would grow too long, at its front: the end of a name says whose it is. Never within an escape. */
function dropFront(): void {
  let kept = textStart + DROPPED_BYTES;
  for (let back: usize = 1; back <= 3; back++)
    if (load<u8>(kept - back) == BACKSLASH) {
      kept += 4 - back;
      break;
    }
  memory.copy(textStart, kept, textAt - kept);
  textAt -= kept - textStart;
}

function writeLabel(from: usize, to: usize): void {
  let out = textAt;
  let at = from;
  if (out + (to - from) <= textStart + NOTE_BYTES) {
    for (; at < to; at++) {
      const written = load<u8>(NAME_BYTES + <usize>load<u8>(at));
      if (written == 0) break;
      store<u8>(out++, written);
    }
  }
  textAt = out;
  if (at < to) writeEscaped(at, to);
}

/** The same for what may need more room than it has bytes. */
function writeEscaped(from: usize, to: usize): void {
  for (let at = from; at < to; at++) {
    const byte = load<u8>(at);
    const written = load<u8>(NAME_BYTES + <usize>byte);
    if (textAt + (written == 0 ? 4 : 1) > textStart + NOTE_BYTES) dropFront();
    if (written != 0) store<u8>(textAt++, written);
    else {
      store<u8>(textAt, BACKSLASH);
      store<u8>(textAt, 0x30 + byte / 100, 1);
      store<u8>(textAt, 0x30 + ((byte / 10) % 10), 2);
      store<u8>(textAt, 0x30 + (byte % 10), 3);
      textAt += 4;
    }
  }
}
