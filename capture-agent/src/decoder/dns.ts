import { NoteKind, PayloadGuess } from '@weir/contracts';
import { type Frame, MAX_NOTE_BYTES } from './frame.js';

// Copies: the compiler folds constants of this module, but loads and checks imported ones for each packet.
const QUERY = NoteKind.dnsQuery;
const RESPONSE = NoteKind.dnsResponse;
const DNS = PayloadGuess.dns;
const NOTE_BYTES = MAX_NOTE_BYTES;

/** What a name too long for a note loses at its front, at a time. */
const DROPPED_BYTES = 64;
const BACKSLASH = 0x5c;

const HEADER_BYTES = 12;
/** RFC 1035 2.3.4. */
const MAX_NAME_BYTES = 255;
/** Root name, type and class: the least that a question takes. A record also has a lifetime and a length. */
const QUESTION_BYTES = 5;
const RECORD_BYTES = 11;
/** Operation codes without a meaning (IANA registry): 3, and all above 6. */
const LAST_OPCODE = 6;
const UNASSIGNED_OPCODE = 3;

/** What readName and skipName return instead of a position. */
const MALFORMED = -1;
const CUT = -2;

/** What a byte of a label is written as; 0: as `\ddd`, its decimal value. Dot and backslash would be ambiguous bare. */
const NAME_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x41 && byte <= 0x5a) return byte + 32;
  return byte <= 0x20 || byte >= 0x7f || byte === 0x2e || byte === 0x5c ? 0 : byte;
});

/**
 * Reads the DNS message (RFC 1035 4) at `at` and writes note and guess into the row. False when it is none: malformed, or
 * cut before anything could be told. `wireEnd` is where the message ends on the wire; what was not captured is no breach.
 * `breach` is set when it is malformed: 0 where the port alone does not make it DNS.
 */
export function dnsMessage(f: Frame, at: number, breach: number): boolean {
  const problem = readMessage(f, at);
  if (problem === MALFORMED) f.breaches |= breach;
  if (problem !== 0) return false;
  f.payloadGuess[f.row] = DNS;
  return true;
}

function readMessage(f: Frame, at: number): number {
  const { view } = f;
  if (at + HEADER_BYTES > f.end) return at + HEADER_BYTES > f.wireEnd ? MALFORMED : CUT;
  const flags = view.getUint16(at + 2);
  const opcode = (flags >>> 11) & 15;
  if (opcode > LAST_OPCODE || opcode === UNASSIGNED_OPCODE) return MALFORMED;
  const questions = view.getUint16(at + 4);
  const answers = view.getUint16(at + 6);
  const records = answers + view.getUint16(at + 8) + view.getUint16(at + 10);
  const leastBytes = HEADER_BYTES + questions * QUESTION_BYTES + records * RECORD_BYTES;
  if (at + leastBytes > f.wireEnd && f.fragment === 0) return MALFORMED;
  const textAt = f.textAt;
  const named = questions + records > 0 ? readName(f, at, at + HEADER_BYTES) : at + HEADER_BYTES;
  if (named === MALFORMED || !endsWell(f, at, named, questions, records)) {
    f.textAt = textAt;
    return MALFORMED;
  }
  const hasType = named >= 0 && questions + records > 0 && named + 2 <= f.end;
  writeNote(f, at, flags, hasType ? view.getUint16(named) : 0, answers);
  return 0;
}

function writeNote(f: Frame, at: number, flags: number, type: number, answers: number): void {
  const { row } = f;
  const messageBytes = Math.min(f.wireEnd - at, 0xffff);
  f.noteKind[row] = flags & 0x8000 ? RESPONSE : QUERY;
  f.noteCode[row] = type;
  f.noteValue[row] = (flags & 15) | (Math.min(answers, 255) << 8) | (messageBytes << 16);
}

/** Whether all that the counts promise is there, as far as it was captured. `named` is behind the first name. */
function endsWell(f: Frame, start: number, named: number, questions: number, records: number): boolean {
  let at = named;
  for (let i = 0; i < questions + records; i++) {
    if (i > 0 && at >= 0) at = skipName(f, start, at);
    if (at < 0) return at === CUT;
    at = i < questions ? afterFixed(f, at, 4) : afterRecord(f, at);
  }
  return at !== MALFORMED;
}

function afterFixed(f: Frame, at: number, bytes: number): number {
  if (at + bytes <= f.end) return at + bytes;
  return passed(f, at + bytes);
}

/** A position that was not captured: malformed when it was not on the wire either. */
function passed(f: Frame, at: number): number {
  return at > f.wireEnd && f.fragment === 0 ? MALFORMED : CUT;
}

function afterRecord(f: Frame, at: number): number {
  if (at + 10 > f.end) return passed(f, at + 10);
  const next = at + 10 + f.view.getUint16(at + 8);
  return next <= f.end ? next : passed(f, next);
}

/** Steps over a name. Its pointers are not followed, only bounded: they must point back within the message. */
function skipName(f: Frame, start: number, from: number): number {
  const { bytes, end } = f;
  let at = from;
  while (at < end) {
    const length = bytes[at]!;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2 <= end ? checkedPointer(f, start, at) : passed(f, at + 2);
    if (length > 63 || at - from > MAX_NAME_BYTES) return MALFORMED;
    at += length + 1;
  }
  return passed(f, at + 1);
}

function checkedPointer(f: Frame, start: number, at: number): number {
  return start + (f.view.getUint16(at) & 0x3fff) < at ? at + 2 : MALFORMED;
}

/**
 * Writes the name at `from` as text: lower case, no final dot, `\ddd` for what is not printable; where that makes it too
 * long for a note, its end. Compression pointers must point backwards, which bounds their number. Returns the position
 * behind the name, MALFORMED or CUT.
 */
function readName(f: Frame, start: number, from: number): number {
  const { bytes, end } = f;
  let at = from;
  let after = 0;
  let lowest = from;
  let nameBytes = 0;
  while (at < end) {
    const length = bytes[at]!;
    if (length === 0) return after || at + 1;
    if (length >= 0xc0) {
      if (at + 2 > end) return passed(f, at + 2);
      if (after === 0) after = at + 2;
      at = start + (f.view.getUint16(at) & 0x3fff);
      if (at >= lowest || at < start + HEADER_BYTES) return MALFORMED;
      lowest = at;
      continue;
    }
    nameBytes += length + 1;
    if (length > 63 || nameBytes >= MAX_NAME_BYTES) return MALFORMED;
    if (nameBytes > length + 1) writeDot(f);
    writeLabel(f, at + 1, Math.min(at + 1 + length, end));
    at += length + 1;
  }
  return passed(f, at + 1);
}

function writeDot(f: Frame): void {
  if (f.textAt - f.textStart >= NOTE_BYTES) f.textAt = dropFront(f, f.textAt);
  f.text[f.textAt++] = 0x2e;
}

/** Makes room in a text that would grow too long, at its front: the end of a name says whose it is. Never within an escape. */
function dropFront(f: Frame, out: number): number {
  const { text, textStart } = f;
  let kept = textStart + DROPPED_BYTES;
  for (let back = 1; back <= 3; back++)
    if (text[kept - back] === BACKSLASH) {
      kept += 4 - back;
      break;
    }
  text.copyWithin(textStart, kept, out);
  return out - (kept - textStart);
}

function writeLabel(f: Frame, from: number, to: number): void {
  const { bytes, text } = f;
  let out = f.textAt;
  let at = from;
  if (out + to - from <= f.textStart + NOTE_BYTES) {
    for (; at < to; at++) {
      const written = NAME_BYTE[bytes[at]!]!;
      if (written === 0) break;
      text[out++] = written;
    }
  }
  f.textAt = out;
  if (at < to) writeEscaped(f, at, to);
}

/** The same for what may need more room than it has bytes. */
function writeEscaped(f: Frame, from: number, to: number): void {
  const { bytes, text } = f;
  const limit = f.textStart + NOTE_BYTES;
  let out = f.textAt;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    const written = NAME_BYTE[byte]!;
    if (out + (written === 0 ? 4 : 1) > limit) out = dropFront(f, out);
    if (written !== 0) text[out++] = written;
    else {
      // Multiplications that divide a byte by 100 and by 10.
      text[out] = 0x5c;
      text[out + 1] = 0x30 + ((byte * 41) >>> 12);
      text[out + 2] = 0x30 + (((byte * 205) >>> 11) % 10);
      text[out + 3] = 0x30 + (byte % 10);
      out += 4;
    }
  }
  f.textAt = out;
}
