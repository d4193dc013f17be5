// HTTP/1 heads with nothing to remark, which is nearly all of them. A head that may hold more (a shape of attack, a program,
// a user agent that was not seen before) is left to capture-agent/src/decoder/notes/http-head.ts, which writes the same note
// for any other too (a test compares them).

import { isKnownAgent, learnedSigns, pointAtAgent } from './agents';
import * as G from './generated';
import { decodesToHarmless, mayNameProgram } from './harmless';
import { CARRIAGE_RETURN, isField, LINE_FEED, lineAfter, SPACE } from './lines';
import * as note from './note';
import { at as start, end, firstWord, has, hasAt, wireBytes, word } from './payload';

const HTTP = word('HTTP');
const QUESTION_MARK: i32 = 0x3f;
const MAX_LINE_BYTES: usize = 128;
const MAX_HOST_BYTES: usize = 64;
const MAX_HEAD_BYTES: usize = 2048;

/** Notes the head that the payload in view, of row `i`, begins with. Returns false, and has written nothing, when it is not for this side. */
export function noteHttp(i: usize): bool {
  const textAt = note.textAt;
  const isDone = firstWord() != HTTP ? noteRequest(i) : !has(4, '/') || noteStatus(i);
  if (!isDone) note.setTextAt(textAt);
  return isDone;
}

/** `HTTP/1.1 200`: the three digits behind the first space (RFC 9112 4). */
function noteStatus(i: usize): bool {
  let at = start + 5;
  const limit = min(end, at + 8) - 3;
  while (at < limit && load<u8>(at) != SPACE) at++;
  const code = at < limit ? digit(at + 1) * 100 + digit(at + 2) * 10 + digit(at + 3) : 0;
  if ((code == 200 || code == 206) && mayBringProgram()) return false;
  note.write(i, G.NoteKind_httpResponse, code, wireBytes);
  return true;
}

function digit(at: usize): i32 {
  const value = <i32>load<u8>(at);
  return value >= 0x30 && value <= 0x39 ? value - 0x30 : 0;
}

/** Whether the fields or first bytes of a response may be those of a program. */
function mayBringProgram(): bool {
  const limit = min(end, start + MAX_HEAD_BYTES);
  for (let at = start; at + 1 < limit; at++) {
    if (load<u8>(at) != LINE_FEED) continue;
    const isBody = at >= start + 3 && load<u8>(at - 1) == CARRIAGE_RETURN && load<u16>(at - 3) == 0x0a0d;
    const first = <i32>load<u8>(at, 1);
    // A program of Windows begins with M, or in Base64 with these letters, one of Unix with delete, a script with a hash.
    if (isBody) return first == 0x4d || first == 0x7f || first == 0x23 || hasAt(at + 1, 'TVqQAA');
    if ((first | 0x20) == 0x63 && isTelling(at + 1)) return true;
  }
  return false;
}

/** Whether a field names a file, or one of the types among which those of programs are. */
function isTelling(line: usize): bool {
  if (isField(line, 'content-disposition:')) return true;
  if (!isField(line, 'content-type:')) return false;
  let at = line + 13;
  while (at < end && isBlank(load<u8>(at))) at++;
  const behind = <i32>load<u8>(at + 12) | 0x20;
  return isField(at, 'application/') && (behind == 0x78 || behind == 0x76 || behind == 0x68);
}

function isBlank(value: i32): bool {
  return value == SPACE || (value >= 0x09 && value <= 0x0d) || value == 0xa0;
}

/** Method, space and path; then what the fields tell. */
function noteRequest(i: usize): bool {
  const lineEnd = writeLine();
  let code = readFields();
  if (code < 0 || holdsExpression(bodyAt == 0 ? end : headEnd)) return false;
  const target = targetEnd();
  if (!decodesToHarmless(start, target, true)) return false;
  if (bodyAt > 0 && bodyAt < end && !decodesToHarmless(bodyAt, end, false)) return false;
  if (lineEnd < end && load<u8>(lineEnd) == QUESTION_MARK) {
    if (mayNameProgram(lineEnd, target)) return false;
    code |= G.HttpSign_query;
  }
  note.write(i, G.NoteKind_httpRequest, code, wireBytes);
  return true;
}

/** Writes the request line up to its path's end, which it returns. */
function writeLine(): usize {
  const limit = min(end, start + MAX_LINE_BYTES);
  let spaces = 0;
  let at = start;
  for (; at < limit; at++) {
    const value = <i32>load<u8>(at);
    if (value == SPACE) spaces++;
    if (spaces == 2 || value == QUESTION_MARK || value == CARRIAGE_RETURN || value == LINE_FEED) break;
    note.writeByte(note.printable(value));
  }
  return at;
}

/** Where the target ends: at the second space, or the line's end. */
function targetEnd(): usize {
  let spaces = 0;
  for (let at = start; at < end; at++) {
    const value = <i32>load<u8>(at);
    if (value == CARRIAGE_RETURN || value == LINE_FEED || (value == SPACE && ++spaces == 2)) return at;
  }
  return end;
}

// Where the fields end and the body begins; 0 when that was not captured.
let headEnd: usize = 0;
let bodyAt: usize = 0;

/** Goes from line to line: `Host` is written behind the path, the rest becomes signs. −1 when an agent is not known. */
function readFields(): i32 {
  let signs = 0;
  let agents = 0;
  let isKnown = true;
  let hasHost = false;
  let at = lineAfter(start);
  for (; at > 0; at = lineAfter(at)) {
    const first = <i32>load<u8>(at);
    if (first == CARRIAGE_RETURN || first == LINE_FEED) break;
    const letter = first | 0x20;
    if (letter == 0x68 && !hasHost && isField(at, 'host:')) {
      hasHost = true;
      writeHost(at + 5);
    } else if (letter == 0x75 && isField(at, 'user-agent:')) {
      pointAtAgent(at + 11, agents++ > 0);
      if (isKnownAgent()) signs |= learnedSigns();
      else isKnown = false;
    } else signs |= signOf(at, letter);
  }
  headEnd = at;
  bodyAt = at > 0 ? at + (load<u8>(at) == CARRIAGE_RETURN ? 2 : 1) : 0;
  return isKnown ? signs | (at > 0 ? G.HttpSign_whole : 0) : -1;
}

/** The sign of a field that is known by its name alone. */
function signOf(line: usize, letter: i32): i32 {
  if (letter == 0x61) {
    if (isField(line, 'authorization:')) return G.HttpSign_authorization;
    if (isField(line, 'accept-language:')) return G.HttpSign_acceptLanguage;
    return isField(line, 'accept:') ? G.HttpSign_accept : 0;
  }
  if (letter == 0x63) return isField(line, 'cookie:') ? G.HttpSign_cookie : 0;
  return letter == 0x72 && isField(line, 'referer:') ? G.HttpSign_referer : 0;
}

function writeHost(from: usize): void {
  let at = from;
  while (at < end && load<u8>(at) == SPACE) at++;
  const limit = min(end, at + MAX_HOST_BYTES);
  note.writeByte(SPACE);
  for (; at < limit; at++) {
    const value = <i32>load<u8>(at);
    if (value == CARRIAGE_RETURN || value == LINE_FEED) return;
    note.writeByte(value == SPACE ? 0x2e : note.printable(value));
  }
}

/** Whether the head holds `${`, `%{(` or `() {`, which no working client sends, or what a shell would carry out: `$(` or a backquote. */
function holdsExpression(limit: usize): bool {
  for (let at = start; at + 1 < limit; at++) {
    const value = <i32>load<u8>(at);
    if (value == 0x60) return true;
    if (value == 0x24 && (load<u8>(at, 1) == 0x7b || load<u8>(at, 1) == 0x28)) return true;
    if (value == 0x25 && at + 2 < limit && load<u16>(at, 1) == 0x287b) return true;
    if (value == 0x28 && load<u8>(at, 1) == 0x29 && load<u16>(at, 2) == 0x7b20) return true;
  }
  return false;
}
