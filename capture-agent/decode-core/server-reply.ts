// Replies of FTP, SMTP, POP3 and IMAP servers.

import * as G from './generated';
import * as note from './note';
import { at, byte, end, hasAt, size, wireBytes } from './payload';

// Bytes of a reply's first line, and of a banner, that a note holds.
const MAX_LINE_BYTES: usize = 64;
const MAX_BANNER_BYTES: usize = 128;
// Longest tag of an IMAP command that is looked for; clients use some four characters.
const MAX_TAG_BYTES: usize = 12;
const SPACE: i32 = 0x20;
const RETURN: i32 = 0x0d;

// Answers of POP3 (RFC 1939 3) and IMAP (RFC 9051 7.1), which have words instead of codes.
const ANSWER_OK: i32 = 1;
const ANSWER_NO: i32 = 2;
const ANSWER_BAD: i32 = 3;

/** Notes the first line of row `i`, whose payload is in view. */
export function noteBanner(i: usize): void {
  note.write(i, G.NoteKind_serverBanner, 0, wireBytes);
  note.writeLine(at, end, MAX_BANNER_BYTES);
}

/** Servers begin with a code, or with `+OK`, `-ERR` or `* OK`; clients with a word. */
export function isServerSpeaking(): bool {
  const first = byte(0);
  return (first >= 0x30 && first <= 0x39) || first == 0x2b || first == 0x2d || first == 0x2a;
}

/** Notes the reply that the payload in view begins with. Anything else is left alone. */
export function noteReply(i: usize): void {
  if (size() < 3) return;
  const code = replyCode();
  if (code != 0) write(i, code, at + 4);
  else if (isWord(at, '+OK')) write(i, ANSWER_OK, at + 4);
  else if (isWord(at, '-ERR')) write(i, ANSWER_NO, at + 5);
  else noteTagged(i);
}

/** Three digits, the first from 1 to 5, and a blank or a hyphen behind them (RFC 959 4.2, RFC 5321 4.2); 0 for none. */
function replyCode(): i32 {
  const a = byte(0) - 0x30;
  const b = byte(1) - 0x30;
  const c = byte(2) - 0x30;
  if (a < 1 || a > 5 || b < 0 || b > 9 || c < 0 || c > 9) return 0;
  const behind = size() > 3 ? byte(3) : 0;
  return behind == SPACE || behind == 0x2d || behind == RETURN ? a * 100 + b * 10 + c : 0;
}

/** `a1 NO …`: an IMAP result behind the tag of its command. */
function noteTagged(i: usize): void {
  const limit = min(end, at + MAX_TAG_BYTES);
  let from = at;
  while (from < limit && isTagByte(load<u8>(from))) from++;
  if (from == at || from >= limit || load<u8>(from) != SPACE) return;
  if (isWord(from + 1, 'OK')) write(i, ANSWER_OK, from + 4);
  else if (isWord(from + 1, 'NO')) write(i, ANSWER_NO, from + 4);
  else if (isWord(from + 1, 'BAD')) write(i, ANSWER_BAD, from + 5);
}

/** Letters and digits; the asterisk stands for no tag. */
function isTagByte(value: i32): bool {
  const upper = value & 0xdf;
  return (value >= 0x30 && value <= 0x39) || (upper >= 0x41 && upper <= 0x5a) || value == 0x2a;
}

/** Whether `word` stands at the address, followed by a blank or the line's end. */
function isWord(from: usize, word: string): bool {
  if (!hasAt(from, word)) return false;
  const behind = from + <usize>word.length;
  return behind < end && (load<u8>(behind) == SPACE || load<u8>(behind) == RETURN);
}

function write(i: usize, code: i32, text: usize): void {
  note.write(i, G.NoteKind_serverReply, code, wireBytes);
  note.writeLine(text, end, MAX_LINE_BYTES);
}
