import { NoteKind, PayloadGuess } from '@weir/contracts';
import type { Frame } from './frame.js';

/** Bytes of a request line or banner that are kept. */
const MAX_LINE_BYTES = 128;
const SPACE = 0x20;
const QUESTION_MARK = 0x3f;
const FULL_STOP = 0x2e;

/** Notes what a first payload says in clear: an HTTP request or status, the first line of SSH, FTP or SMTP. */
export function notePayload(f: Frame, guess: number): void {
  switch (guess) {
    case PayloadGuess.http:
      if (f.bytes[f.payloadAt + 4] === 0x2f && f.bytes[f.payloadAt] === 0x48) noteStatus(f);
      else noteRequest(f);
      break;
    case PayloadGuess.ssh:
    case PayloadGuess.ftp:
    case PayloadGuess.smtp:
      f.noteKind[f.row] = NoteKind.serverBanner;
      f.noteValue[f.row] = f.payloadBytes[f.row]!;
      writeLine(f);
      break;
  }
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

/** Method, space and path: all up to the second space or the query. */
function noteRequest(f: Frame): void {
  const { bytes, text } = f;
  const limit = Math.min(f.end, f.payloadAt + MAX_LINE_BYTES);
  let to = f.textAt;
  let spaces = 0;
  for (let i = f.payloadAt; i < limit; i++) {
    const byte = bytes[i]!;
    if (byte === SPACE) spaces++;
    if (spaces === 2 || byte === QUESTION_MARK || byte === 0x0d || byte === 0x0a) break;
    text[to++] = printable(byte);
  }
  f.textAt = to;
  f.noteKind[f.row] = NoteKind.httpRequest;
  f.noteValue[f.row] = f.payloadBytes[f.row]!;
}

function writeLine(f: Frame): void {
  const { bytes, text } = f;
  const limit = Math.min(f.end, f.payloadAt + MAX_LINE_BYTES);
  let to = f.textAt;
  for (let i = f.payloadAt; i < limit && bytes[i] !== 0x0d && bytes[i] !== 0x0a; i++) text[to++] = printable(bytes[i]!);
  f.textAt = to;
}

/** Full stops stand for what is not printable ASCII, so that a note is always text and harmless on a terminal. */
function printable(byte: number): number {
  return byte >= 0x20 && byte < 0x7f ? byte : FULL_STOP;
}
