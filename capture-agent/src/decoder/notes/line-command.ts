import { LineProtocol, NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { printable } from './note-text.js';
import { remoteControlOf } from './remote-control.js';

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
/**
 * How command shells begin to speak: the greeting of Windows' own, a prompt, what Unix shells say that have no terminal, and
 * the answer to the question that most intruders ask first, who they are.
 */
const SHELL =
  /^\s*(Microsoft Windows [^\r\n]*\[|Windows PowerShell|(?:PS )?[A-Z]:\\[^\r\n<>|"]*> ?$|(?:\/bin\/)?(?:ba)?sh: (?:no job control|cannot set terminal|0: can't access tty|can't access tty)|(?:ba)?sh-\d\.\d+[$#]|uid=\d+\([^)]*\) gid=\d|[a-z_][\w-]*@[\w.-]+:[~/][^\r\n]*[$#] $|[$#] $|[\w-]+\\[\w.-]+\r?\nPS [A-Z]:\\)/;
/**
 * A Windows program, alone only where its length came before it: what begins with a program may be the data of an FTP
 * transfer. No text has as many zeros.
 */
const STAGE = /^(?:.{4})?MZ.{0,60}\0{3}/s;
/** Telnet and remote login: shells for those who ask for one. */
const SHELL_PORTS: ReadonlySet<number> = new Set([23, 513, 514]);

/** Notes with what a TCP stream begins, when miners, IRC, shells or programs for remote control begin so. */
export function noteLineCommand(f: Frame): void {
  const first = f.bytes[f.payloadAt]!;
  const length = Math.min(MAX_SEARCHED_BYTES, f.end - f.payloadAt);
  const text = Buffer.from(f.bytes.buffer, f.bytes.byteOffset + f.payloadAt, length).toString('latin1');
  if (first === OPENING_BRACE) {
    const found = MINING.exec(text);
    if (found) write(f, LineProtocol.mining, found[1] ?? found[2]!);
    return;
  }
  const nickname = IRC.exec(text)?.[1];
  const shell = isAskedForShell(f) ? undefined : SHELL.exec(text)?.[1];
  const program = remoteControlOf(text, f.payloadBytes[f.row]!);
  if (nickname) write(f, LineProtocol.irc, nickname);
  else if (shell) write(f, LineProtocol.shell, shell);
  else if (program) write(f, LineProtocol.remoteControl, program);
  else if (STAGE.test(text)) write(f, LineProtocol.program, 'MZ');
}

function isAskedForShell(f: Frame): boolean {
  return SHELL_PORTS.has(Math.min(f.sourcePort[f.row]!, f.destinationPort[f.row]!));
}

function write(f: Frame, protocol: number, text: string): void {
  f.noteKind[f.row] = NoteKind.lineCommand;
  f.noteCode[f.row] = protocol;
  f.noteValue[f.row] = f.payloadBytes[f.row]!;
  const end = Math.min(text.length, MAX_TEXT_BYTES);
  for (let i = 0; i < end; i++) f.text[f.textAt++] = printable(text.charCodeAt(i));
}
