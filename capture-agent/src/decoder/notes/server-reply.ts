import { NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { writeLine } from './note-text.js';

/** Bytes of a reply's first line that a note holds. */
const MAX_LINE_BYTES = 64;
/** Longest tag of an IMAP command that is looked for; clients use some four characters. */
const MAX_TAG_BYTES = 12;
const SPACE = 0x20;

/** Answers of POP3 (RFC 1939 3) and IMAP (RFC 9051 7.1), which have words instead of codes. */
const Answer = { ok: 1, no: 2, bad: 3 } as const;

/** Notes the reply that a server's segment begins with: FTP, SMTP, POP3 or IMAP. Anything else is left alone. */
export function noteReply(f: Frame): void {
  const at = f.payloadAt;
  if (at + 3 > f.end) return;
  const code = replyCode(f, at);
  if (code !== 0) {
    write(f, code, at + 4);
    return;
  }
  const first = f.bytes[at]!;
  if (first === 0x2b && isWord(f, at, '+OK')) write(f, Answer.ok, at + 4);
  else if (first === 0x2d && isWord(f, at, '-ERR')) write(f, Answer.no, at + 5);
  else noteTagged(f, at);
}

/** Three digits, the first from 1 to 5, and a blank or a hyphen behind them (RFC 959 4.2, RFC 5321 4.2); 0 for none. */
function replyCode({ bytes, end }: Frame, at: number): number {
  const [a, b, c] = [bytes[at]! - 0x30, bytes[at + 1]! - 0x30, bytes[at + 2]! - 0x30];
  if (a < 1 || a > 5 || b < 0 || b > 9 || c < 0 || c > 9) return 0;
  const behind = at + 3 < end ? bytes[at + 3]! : 0;
  return behind === SPACE || behind === 0x2d || behind === 0x0d ? a * 100 + b * 10 + c : 0;
}

/** `a1 NO …`: an IMAP result behind the tag of its command. */
function noteTagged(f: Frame, from: number): void {
  const limit = Math.min(f.end, from + MAX_TAG_BYTES);
  let at = from;
  while (at < limit && isTagByte(f.bytes[at]!)) at++;
  if (at === from || at >= limit || f.bytes[at] !== SPACE) return;
  const code = isWord(f, at + 1, 'OK') ? Answer.ok : isWord(f, at + 1, 'NO') ? Answer.no : Answer.bad;
  if (code !== Answer.bad || isWord(f, at + 1, 'BAD')) write(f, code, at + (code === Answer.bad ? 5 : 4));
}

/** Letters and digits; the asterisk stands for no tag. */
function isTagByte(byte: number): boolean {
  const upper = byte & 0xdf;
  return (byte >= 0x30 && byte <= 0x39) || (upper >= 0x41 && upper <= 0x5a) || byte === 0x2a;
}

/** Whether `word` stands at `at`, followed by a blank or the line's end. */
function isWord({ bytes, end }: Frame, at: number, word: string): boolean {
  const behind = at + word.length;
  if (behind >= end || (bytes[behind] !== SPACE && bytes[behind] !== 0x0d)) return false;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return false;
  return true;
}

function write(f: Frame, code: number, textAt: number): void {
  f.noteKind[f.row] = NoteKind.serverReply;
  f.noteCode[f.row] = code;
  f.noteValue[f.row] = f.payloadBytes[f.row]!;
  writeLine(f, textAt, MAX_LINE_BYTES);
}
