import { PayloadGuess } from '@weir/contracts';
import { guessSip, guessText, has, hasAt, type PayloadView, word } from './payload-view.js';

const HTTP = { get: word('GET '), post: word('POST'), head: word('HEAD'), put: word('PUT '), answer: word('HTTP') };
const [DELE, OPTI, CONN, TRAC, PATC, PROP, PRI] = ['DELE', 'OPTI', 'CONN', 'TRAC', 'PATC', 'PROP', 'PRI '].map(word);
const SSH = word('SSH-');
const [EHLO, HELO, MAIL] = [word('EHLO'), word('HELO'), word('MAIL')];
const [READY, READY_DASH] = [word('220 '), word('220-')];
const [USER, PASS] = [word('USER'), word('PASS')];
const [POP_OK, POP_ERROR] = [word('+OK '), word('-ERR')];
const [IMAP_OK, IMAP_PREAUTH, IMAP_BYE] = [word('* OK'), word('* PR'), word('* BY')];
const SMB1 = word('\xffSMB');
const SMB2 = word('\xfeSMB');
const BITTORRENT = word('\x13Bit');

/** PayloadGuess of the first payload of a TCP stream's direction. Never `notExamined`. */
export function guessStream(p: PayloadView): number {
  const n = p.end - p.at;
  if (n < 4) return guessText(p);
  const first = p.view.getInt32(p.at);
  const guess = guessHttp(p, first) || guessMail(p, first) || guessBinaryStream(p, first, n);
  return guess || guessText(p);
}

function guessHttp(p: PayloadView, first: number): number {
  switch (first) {
    case HTTP.get:
    case HTTP.put:
      return PayloadGuess.http;
    case HTTP.post:
      return has(p, 4, ' ') ? PayloadGuess.http : 0;
    case HTTP.head:
      return has(p, 4, ' ') ? PayloadGuess.http : 0;
    case HTTP.answer:
      return has(p, 4, '/') ? PayloadGuess.http : 0;
    case DELE:
      return has(p, 4, 'TE ') ? PayloadGuess.http : 0;
    case OPTI:
      return has(p, 4, 'ONS ') ? (has(p, 8, 'sip:') ? PayloadGuess.sip : PayloadGuess.http) : 0;
    case CONN:
      return has(p, 4, 'ECT ') ? PayloadGuess.http : 0;
    case TRAC:
      return has(p, 4, 'E ') ? PayloadGuess.http : 0;
    case PATC:
      return has(p, 4, 'H ') ? PayloadGuess.http : 0;
    case PROP:
      return has(p, 4, 'FIND ') || has(p, 4, 'PATCH ') ? PayloadGuess.http : 0;
    case PRI:
      return has(p, 4, '* HTTP/2') ? PayloadGuess.http : 0;
    default:
      return 0;
  }
}

function guessMail(p: PayloadView, first: number): number {
  switch (first) {
    case SSH:
      return PayloadGuess.ssh;
    case READY:
    case READY_DASH:
      return guessGreeting(p);
    case EHLO:
    case HELO:
    case MAIL:
      return has(p, 4, ' ') ? PayloadGuess.smtp : 0;
    case USER:
    case PASS:
      return p.port === 110 ? PayloadGuess.pop3 : p.port === 21 ? PayloadGuess.ftp : 0;
    case POP_OK:
    case POP_ERROR:
      return PayloadGuess.pop3;
    case IMAP_OK:
    case IMAP_PREAUTH:
    case IMAP_BYE:
      return PayloadGuess.imap;
    default:
      return p.port === 143 && isImapCommand(p) ? PayloadGuess.imap : 0;
  }
}

/** "220" greets in FTP and in SMTP: the text decides, then the port. */
function guessGreeting(p: PayloadView): number {
  const limit = Math.min(p.end, p.at + 128) - 4;
  for (let i = p.at + 4; i <= limit; i++) {
    const letters = p.view.getInt32(i) & ~0x20202020;
    if (letters === (SMTP_LETTERS & ~0x20202020)) return PayloadGuess.smtp;
    if (letters >>> 8 === FTP_LETTERS) return PayloadGuess.ftp;
  }
  return p.port === 25 || p.port === 587 ? PayloadGuess.smtp : PayloadGuess.ftp;
}
const SMTP_LETTERS = word('SMTP');
const FTP_LETTERS = word('FTP ') >>> 8;

/** A tag and a command, such as `a1 LOGIN` (RFC 9051 2.2.1). */
function isImapCommand(p: PayloadView): boolean {
  const limit = Math.min(p.end - 1, p.at + 12);
  for (let i = p.at; i < limit; i++) if (p.bytes[i] === 0x20) return i > p.at && isLetter(p.bytes[i + 1]!);
  return false;
}

function isLetter(byte: number): boolean {
  const upper = byte & 0xdf;
  return upper >= 0x41 && upper <= 0x5a;
}

function guessBinaryStream(p: PayloadView, first: number, n: number): number {
  const { bytes, at, view } = p;
  const head = bytes[at]!;
  if (head === 0x16 && bytes[at + 1] === 3 && bytes[at + 2]! <= 4)
    return n < 6 || isHello(bytes[at + 5]!) ? PayloadGuess.tls : 0;
  if (head === 0xff && bytes[at + 1]! >= 0xfa && bytes[at + 1]! <= 0xfe) return PayloadGuess.telnet;
  if (first >>> 16 === 0x0300 && n >= 7) return guessTpkt(p, n);
  if (head === 0 && n >= 8) {
    const second = view.getInt32(at + 4);
    if (second === SMB1 || second === SMB2) return PayloadGuess.smb;
  }
  if (p.port === 139 && (head === 0x81 || head === 0x82)) return PayloadGuess.netbios;
  if (first === BITTORRENT) return PayloadGuess.bittorrent;
  if (head === 0x10 && n >= 8 && isMqttConnect(p)) return PayloadGuess.mqtt;
  if (bytes[at + 3] === 0 && n >= 7 && isMysqlGreeting(p)) return PayloadGuess.mysql;
  return guessSip(p, first);
}

/** Handshake messages that open a direction: client or server hello (RFC 8446 4). */
function isHello(type: number): boolean {
  return type === 1 || type === 2;
}

/** TPKT (RFC 1006) carries RDP, but industrial and voice protocols too: only a connect with RDP's own fields counts. */
function guessTpkt(p: PayloadView, n: number): number {
  const code = p.bytes[p.at + 5]! & 0xf0;
  if (code !== 0xe0 && code !== 0xd0) return 0;
  if (p.port === 3389 || (n >= 18 && has(p, 11, 'Cookie:'))) return PayloadGuess.rdp;
  // Negotiation request or response: type, flags, length 8 in little-endian order (MS-RDPBCGR 2.2.1.1.1).
  const last = p.end - 8;
  const isNegotiation =
    n === 19 && (p.bytes[last] === 1 || p.bytes[last] === 2) && p.view.getUint16(last + 2, true) === 8;
  return isNegotiation ? PayloadGuess.rdp : 0;
}

function isMqttConnect(p: PayloadView): boolean {
  for (let i = p.at + 2; i <= p.at + 5 && i + 6 <= p.end; i++)
    if (p.bytes[i] === 0 && (hasAt(p, i + 2, 'MQTT') || hasAt(p, i + 2, 'MQIs'))) return true;
  return false;
}

/** Protocol 10 and a version such as `8.0`, in a packet of the length that it claims. */
function isMysqlGreeting({ bytes, at, wireBytes }: PayloadView): boolean {
  const length = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
  const digit = bytes[at + 5]!;
  return bytes[at + 4] === 10 && length === wireBytes - 4 && digit >= 0x30 && digit <= 0x39;
}
