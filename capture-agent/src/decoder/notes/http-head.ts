import { HttpSign, NoteKind, REQUEST_SHAPE_SHIFT, RequestShape } from '@weir/contracts';
import { type Frame, MAX_NOTE_BYTES } from '../frame.js';
import { word } from '../word.js';
import { noteProgram } from './carried-program.js';
import { agentSigns } from './http-agent.js';
import { printable, writeWord } from './note-text.js';
import { decodedShape, decodedTarget, decodeTarget } from './request-shape.js';

/** Bytes of a request line that are kept. */
const MAX_LINE_BYTES = 128;
const MAX_HOST_BYTES = 64;
const MAX_AGENT_BYTES = 192;
const HTTP = word('HTTP');
const SPACE = 0x20;
const SLASH = 0x2f;
const QUESTION_MARK = 0x3f;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const DOLLAR = 0x24;
const BACKQUOTE = 0x60;
const OPENING_BRACE = 0x7b;

/** A value of a query that names a program. */
const PROGRAM = /\.(exe|dll|scr|ps1|vbs|hta|bat|elf|sh|jar|msi)(&|$)/i;

/** Fields that are known by their name alone, by its first letter. */
const SIGNS: Readonly<Record<number, readonly (readonly [name: string, sign: number])[]>> = {
  97: [
    ['authorization:', HttpSign.authorization],
    ['accept-language:', HttpSign.acceptLanguage],
    ['accept:', HttpSign.accept],
  ],
  99: [['cookie:', HttpSign.cookie]],
  114: [['referer:', HttpSign.referer]],
};

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
  if (code === 200 || code === 206) noteProgram(f);
}

function digit(byte: number): number {
  return byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : 0;
}

/** Method, space and path; then what the fields tell, and the query where it is more than names and values. */
function noteRequest(f: Frame): void {
  const { bytes, text, row } = f;
  const textStart = f.textAt;
  const limit = Math.min(f.end, f.payloadAt + MAX_LINE_BYTES);
  let to = textStart;
  let spaces = 0;
  let at = f.payloadAt;
  for (; at < limit; at++) {
    const byte = bytes[at]!;
    if (byte === SPACE) spaces++;
    if (spaces === 2 || byte === QUESTION_MARK || byte === CARRIAGE_RETURN || byte === LINE_FEED) break;
    text[to++] = printable(byte);
  }
  f.textAt = to;
  f.noteKind[row] = NoteKind.httpRequest;
  f.noteValue[row] = f.payloadBytes[row]!;
  const bodyAt = readFields(f);
  noteShape(f, bodyAt);
  noteQuery(f, at, textStart + MAX_NOTE_BYTES);
}

/** Where the target ends: at the second space, or the line's end. */
function targetEnd({ bytes, payloadAt, end }: Frame): number {
  let spaces = 0;
  for (let at = payloadAt; at < end; at++) {
    const byte = bytes[at];
    if (byte === CARRIAGE_RETURN || byte === LINE_FEED || (byte === SPACE && ++spaces === 2)) return at;
  }
  return end;
}

/** Writes the shape of the target, or of a body that begins in the same segment, into the code. */
function noteShape(f: Frame, bodyAt: number): void {
  const { bytes, payloadAt, row } = f;
  if (f.noteCode[row]! >>> REQUEST_SHAPE_SHIFT !== RequestShape.none) return;
  let shape = decodedShape(decodeTarget(bytes, payloadAt, targetEnd(f)));
  if (shape === RequestShape.none && bodyAt > 0 && bodyAt < f.end) {
    shape = decodedShape(decodeTarget(bytes, bodyAt, f.end));
    // Whoever edits pages posts scripts.
    if (shape === RequestShape.script) shape = RequestShape.none;
  }
  f.noteCode[row]! |= shape << REQUEST_SHAPE_SHIFT;
}

/** Writes the query at `at`, up to `limit` of the text, when its shape is that of an attack or it names a program. */
function noteQuery(f: Frame, at: number, limit: number): void {
  if (at >= f.end || f.bytes[at] !== QUESTION_MARK) return;
  f.noteCode[f.row]! |= HttpSign.query;
  const end = targetEnd(f);
  decodeTarget(f.bytes, at, end);
  const query = decodedTarget();
  const isAttack = f.noteCode[f.row]! >>> REQUEST_SHAPE_SHIFT !== RequestShape.none;
  if (!isAttack && !PROGRAM.test(Buffer.from(query.buffer, query.byteOffset, query.length).toString('latin1'))) return;
  f.text[f.textAt++] = SPACE;
  for (let i = 0; i < query.length && f.textAt < limit; i++) f.text[f.textAt++] = printable(query[i]!);
}

/** Goes from line to line: `Host` is written behind the path, the rest becomes signs. Where the body begins; 0 if not here. */
function readFields(f: Frame): number {
  const { bytes, row } = f;
  let hasHost = false;
  let signs = 0;
  let at = nextLine(f, f.payloadAt);
  for (; at > 0; at = nextLine(f, at)) {
    const first = bytes[at]!;
    if (first === CARRIAGE_RETURN || first === LINE_FEED) break;
    const letter = first | 0x20;
    if (letter === 0x68 && !hasHost && isField(f, at, 'host:')) {
      hasHost = true;
      writeHost(f, at + 5);
    } else if (letter === 0x75 && isField(f, at, 'user-agent:')) signs |= readAgent(f, at + 11);
    else signs |= signOf(f, at, letter);
  }
  f.noteCode[row] = signs | (at > 0 ? HttpSign.whole : 0) | fieldShape(f, at);
  return at > 0 ? at + (bytes[at] === CARRIAGE_RETURN ? 2 : 1) : 0;
}

const EXPRESSION = RequestShape.expression << REQUEST_SHAPE_SHIFT;
const COMMAND = RequestShape.command << REQUEST_SHAPE_SHIFT;

/**
 * The shape of what a field holds, up to the end of the head at `headEnd`: an expression by `${`, `%{(` or `() {`, which no
 * working client sends, or a command that a shell would carry out.
 */
function fieldShape({ bytes, payloadAt, end }: Frame, headEnd: number): number {
  const limit = headEnd > 0 ? headEnd : end;
  for (let at = payloadAt; at + 1 < limit; at++) {
    if (bytes[at + 1] === OPENING_BRACE && (bytes[at] === DOLLAR || isOgnl(bytes, at, limit))) return EXPRESSION;
    if (bytes[at] === 0x28 && at + 3 < limit && isFunctionBody(bytes, at)) return EXPRESSION;
    if ((bytes[at] === BACKQUOTE || bytes[at] === DOLLAR) && isCommand(bytes, at, limit)) return COMMAND;
  }
  return 0;
}

/** A command in backquotes or in `$( )`, which shells replace by what it prints. */
const REPLACED = /^(`|\$\()\s?(cd|wget|curl|busybox|tftp|sh|bash|nc|rm|ping|echo|nslookup|chmod|id|whoami)[\s`)/;+]/;
const LONGEST_COMMAND_BYTES = 14;

function isCommand(bytes: Uint8Array, at: number, limit: number): boolean {
  const length = Math.min(LONGEST_COMMAND_BYTES, limit - at);
  return REPLACED.test(Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('latin1'));
}

/** `%{(`, as Struts takes expressions from a Content-Type (CVE-2017-5638). */
function isOgnl(bytes: Uint8Array, at: number, limit: number): boolean {
  return bytes[at] === 0x25 && at + 2 < limit && bytes[at + 2] === 0x28;
}

/** `() {`, as Bash takes functions from its environment (CVE-2014-6271). */
function isFunctionBody(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 1] === 0x29 && bytes[at + 2] === SPACE && bytes[at + 3] === OPENING_BRACE;
}

function signOf(f: Frame, at: number, letter: number): number {
  for (const [name, sign] of SIGNS[letter] ?? []) if (isField(f, at, name)) return sign;
  return 0;
}

function readAgent(f: Frame, from: number): number {
  let at = from;
  while (at < f.end && f.bytes[at] === SPACE) at++;
  const limit = Math.min(f.end, at + MAX_AGENT_BYTES);
  let to = at;
  while (to < limit && f.bytes[to] !== CARRIAGE_RETURN && f.bytes[to] !== LINE_FEED) to++;
  return agentSigns(
    Buffer.from(f.bytes.buffer, f.bytes.byteOffset + at, to - at)
      .toString('latin1')
      .toLowerCase(),
  );
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
  while (to < limit && bytes[to] !== CARRIAGE_RETURN && bytes[to] !== LINE_FEED) to++;
  f.text[f.textAt++] = SPACE;
  writeWord(f, bytes.subarray(at, to));
}
