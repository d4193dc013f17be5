// Whether the target or body of a request can be passed over. The shapes of attacks are told by patterns on the other side
// (capture-agent/src/decoder/notes/request-shape.ts); each needs a mark, a blank, or one of a few words, and so a text
// without any of these is harmless. A test holds both sides to that.

import { lowerCase } from './lines';
import { DECODED } from './memory';

const MAX_BYTES: usize = 768;
const PERCENT: i32 = 0x25;
const PLUS: i32 = 0x2b;
const SLASH: i32 = 0x2f;
const FULL_STOP: i32 = 0x2e;
// Bits of ! " $ % ' ( ) * ; < > and, from 64 on, of \ ` { | }
const MARKS: u64 = 0x5800_07b6_0000_0000;
const HIGH_MARKS: u64 = 0x3800_0001_1000_0000;

// Bytes that were decoded, in lower case, from DECODED on.
let length: usize = 0;

/** Decodes what lies between two addresses: percent-encoding (RFC 3986 2.1), and plus signs for blanks. */
function decode(from: usize, to: usize): void {
  const end = min(to, from + MAX_BYTES);
  length = 0;
  for (let at = from; at < end; at++) {
    let value = <i32>load<u8>(at);
    if (value == PLUS) value = 0x20;
    else if (value == PERCENT && at + 2 < end) {
      const decoded = hexByte(at + 1);
      if (decoded >= 0) {
        value = decoded;
        at += 2;
      }
    }
    store<u8>(DECODED + length++, <u8>lowerCase(value));
  }
}

function hexByte(at: usize): i32 {
  const high = hexDigit(load<u8>(at));
  const low = hexDigit(load<u8>(at, 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(value: i32): i32 {
  if (value >= 0x30 && value <= 0x39) return value - 0x30;
  const lower = value | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Whether nothing in the text can be part of an attack. A request line has one blank of its own, behind its method. */
export function decodesToHarmless(from: usize, to: usize, isLine: bool): bool {
  decode(from, to);
  let mayBlank = isLine;
  for (let k: usize = 0; k < length; k++) {
    const value = <i32>load<u8>(DECODED + k);
    if (isMark(value) || (value == FULL_STOP && k > 0 && load<u8>(DECODED + k - 1) == FULL_STOP)) return false;
    if (isBlank(value)) {
      if (!mayBlank) return false;
      mayBlank = false;
    } else if (mayBlank && (value < 0x61 || value > 0x7a)) return false;
    else if (endsWord(k, value)) return false;
  }
  return true;
}

function isMark(value: i32): bool {
  if (value < 64) return ((MARKS >> <u64>value) & 1) != 0;
  return value < 128 && ((HIGH_MARKS >> <u64>(value - 64)) & 1) != 0;
}

function isBlank(value: i32): bool {
  return value == 0x20 || (value >= 0x09 && value <= 0x0d) || value == 0xa0;
}

/** Whether one of the words that stand for themselves ends, or begins, at byte `k`. */
function endsWord(k: usize, value: i32): bool {
  if (value == SLASH) return isBehind(k, '/etc') || isBehind(k, '/proc') || isBehind(k, '/bin') || isBehind(k, ':/');
  if (value == 0x5f) return isBehind(k, 'allow') || isBehind(k, 'auto');
  if (value == 0x3d) return namesCommand(k);
  if (value == 0x26) return isBehind(k, '&');
  if (value == 0x69) return isBehind(k, 'whoam');
  if (value == 0x6e) return isBehind(k, 'autodiscover.jso');
  if (value == 0x72) return isBehind(k, 'classloade');
  return value == 0x6b && isBehind(k, 'invo');
}

/** Whether the parameter whose name ends in front of byte `k` may hold a command. */
function namesCommand(k: usize): bool {
  return isBehind(k, 'cmd') || isBehind(k, 'exec') || isBehind(k, 'command') || isBehind(k, 'shell');
}

/** Whether `word` stands in front of byte `k`. */
function isBehind(k: usize, word: string): bool {
  const bytes = <usize>word.length;
  if (k < bytes) return false;
  for (let j: usize = 0; j < bytes; j++)
    if (<i32>load<u8>(DECODED + k - bytes + j) != word.charCodeAt(<i32>j)) return false;
  return true;
}

/** Whether a value of the query between two addresses may be the name of a program: one that ends in a full stop and two or three letters. */
export function mayNameProgram(from: usize, to: usize): bool {
  decode(from, to);
  for (let k: usize = 0; k < length; k++)
    if (load<u8>(DECODED + k) == FULL_STOP && (endsValue(k + 3) || endsValue(k + 4))) return true;
  return false;
}

function endsValue(k: usize): bool {
  return k == length || (k < length && load<u8>(DECODED + k) == 0x26);
}
