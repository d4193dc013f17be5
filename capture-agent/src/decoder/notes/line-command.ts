import { LineProtocol, NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { printable } from './note-text.js';

/** Bytes of a payload in which a command is looked for. */
const MAX_SEARCHED_BYTES = 512;
const MAX_TEXT_BYTES = 48;
const OPENING_BRACE = 0x7b;

/**
 * Methods of mining pools, in either direction: Stratum of Bitcoin (`mining.…`), of Ethereum (`eth_…`), and of CryptoNote
 * (`login`, `job`, `submit`, which say more only by the parameters beside them).
 */
const MINING =
  /"(mining\.(?:subscribe|authorize|submit|configure|notify|set_[a-z_]{2,20}|extranonce\.subscribe)|eth_(?:submitLogin|login|getWork|submitWork|submitHashrate))"|"method"\s*:\s*"(login|job|submit)"(?=.*"(?:pass|job_id|blob|agent)")/is;
/** The name is registered before anything else (RFC 2812 3.1); other protocols have a USER, none a NICK. */
const IRC = /^(?:CAP [^\r\n]*\r?\n|PASS [^\r\n]*\r?\n|USER [^\r\n]*\r?\n)?NICK :?([^\s:]{1,48})/i;
/** First letters of these: C, N, P, U. */
const IRC_LETTERS: ReadonlySet<number> = new Set([0x43, 0x4e, 0x50, 0x55]);

/** Notes the command with which the text of a TCP stream begins, when it is one of miners or of IRC. */
export function noteLineCommand(f: Frame): void {
  const first = f.bytes[f.payloadAt]!;
  if (first !== OPENING_BRACE && !IRC_LETTERS.has(first & 0xdf)) return;
  const length = Math.min(MAX_SEARCHED_BYTES, f.end - f.payloadAt);
  const text = Buffer.from(f.bytes.buffer, f.bytes.byteOffset + f.payloadAt, length).toString('latin1');
  if (first === OPENING_BRACE) {
    const found = MINING.exec(text);
    if (found) write(f, LineProtocol.mining, found[1] ?? found[2]!);
    return;
  }
  const nickname = IRC.exec(text)?.[1];
  if (nickname) write(f, LineProtocol.irc, nickname);
}

function write(f: Frame, protocol: number, text: string): void {
  f.noteKind[f.row] = NoteKind.lineCommand;
  f.noteCode[f.row] = protocol;
  f.noteValue[f.row] = f.payloadBytes[f.row]!;
  const end = Math.min(text.length, MAX_TEXT_BYTES);
  for (let i = 0; i < end; i++) f.text[f.textAt++] = printable(text.charCodeAt(i));
}
