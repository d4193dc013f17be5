import { NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { word } from '../payload-view.js';
import { printable, writeWord } from './note-text.js';

/** Bytes of a request line that are kept. */
const MAX_LINE_BYTES = 128;
const MAX_HOST_BYTES = 64;
const HTTP = word('HTTP');
const SPACE = 0x20;
const SLASH = 0x2f;
const QUESTION_MARK = 0x3f;
const LINE_FEED = 0x0a;
/** `Authorization` was among the fields. */
const AUTHORIZED = 1;

/** Notes the head of an HTTP/1 request or response that the segment begins with. */
export function noteHttp(f: Frame): void {
  if (f.view.getInt32(f.payloadAt) !== HTTP) noteRequest(f);
  else if (f.payloadAt + 5 <= f.end && f.bytes[f.payloadAt + 4] === SLASH) noteStatus(f);
}

/** `HTTP/1.1 200`: the three digits behind the first space (RFC 9112 4). */
function noteStatus(f: Frame): void {
  const { bytes, row } = f;
  let at = f.payloadAt + 5;
  const limit = Math.min(f.end, at + 8) - 3;
  while (at < limit && bytes[at] !== SPACE) at++;
  const code = at < limit ? digit(bytes[at + 1]!) * 100 + digit(bytes[at + 2]!) * 10 + digit(bytes[at + 3]!) : 0;
  f.noteKind[row] = NoteKind.httpResponse;
  f.noteCode[row] = code;
  f.noteValue[row] = f.payloadBytes[row]!;
}

function digit(byte: number): number {
  return byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : 0;
}

/** Method, space and path: all up to the second space or the query; then what the fields tell. */
function noteRequest(f: Frame): void {
  const { bytes, text } = f;
  const limit = Math.min(f.end, f.payloadAt + MAX_LINE_BYTES);
  let to = f.textAt;
  let spaces = 0;
  for (let i = f.payloadAt; i < limit; i++) {
    const byte = bytes[i]!;
    if (byte === SPACE) spaces++;
    if (spaces === 2 || byte === QUESTION_MARK || byte === 0x0d || byte === LINE_FEED) break;
    text[to++] = printable(byte);
  }
  f.textAt = to;
  f.noteKind[f.row] = NoteKind.httpRequest;
  f.noteValue[f.row] = f.payloadBytes[f.row]!;
  readFields(f);
}

/** Goes from line to line: `Host` is written behind the path, `Authorization` sets the code. */
function readFields(f: Frame): void {
  const { bytes } = f;
  let hasHost = false;
  for (let at = nextLine(f, f.payloadAt); at > 0; at = nextLine(f, at)) {
    const letter = bytes[at]! & 0xdf;
    if (bytes[at] === 0x0d || bytes[at] === LINE_FEED) return;
    if (letter === 0x48 && !hasHost && isField(f, at, 'host:')) {
      hasHost = true;
      writeHost(f, at + 5);
    } else if (letter === 0x41 && isField(f, at, 'authorization:')) f.noteCode[f.row] = AUTHORIZED;
  }
}

/** Where the line after the one at `at` begins; 0 when it was not captured. */
function nextLine({ bytes, end }: Frame, at: number): number {
  let i = at;
  while (i < end && bytes[i] !== LINE_FEED) i++;
  return i + 1 < end ? i + 1 : 0;
}

/** Whether the line at `at` begins with `name`, which is in lower case (RFC 9110 5.1: case does not matter). */
function isField({ bytes, end }: Frame, at: number, name: string): boolean {
  if (at + name.length > end) return false;
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[at + i]!;
    if ((byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte) !== name.charCodeAt(i)) return false;
  }
  return true;
}

function writeHost(f: Frame, from: number): void {
  const { bytes } = f;
  let at = from;
  while (at < f.end && bytes[at] === SPACE) at++;
  let to = at;
  const limit = Math.min(f.end, at + MAX_HOST_BYTES);
  while (to < limit && bytes[to] !== 0x0d && bytes[to] !== LINE_FEED) to++;
  f.text[f.textAt++] = SPACE;
  writeWord(f, bytes.subarray(at, to));
}
