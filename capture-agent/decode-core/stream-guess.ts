// What the first payload of a TCP stream's direction looks like.

import * as G from './generated';
import { load32 } from './memory';
import { at, byte, end, firstWord, guessSip, guessText, has, hasAt, port, size, wireBytes, word } from './payload';
import { isRpcStart } from './rpc';

const GET = word('GET ');
const POST = word('POST');
const HEAD = word('HEAD');
const PUT = word('PUT ');
const HTTP = word('HTTP');
const DELETE = word('DELE');
const OPTIONS = word('OPTI');
const CONNECT = word('CONN');
const TRACE = word('TRAC');
const PATCH = word('PATC');
const PROP = word('PROP');
const PRI = word('PRI ');
const SSH = word('SSH-');
const EHLO = word('EHLO');
const HELO = word('HELO');
const MAIL = word('MAIL');
const READY = word('220 ');
const READY_DASH = word('220-');
const USER = word('USER');
const PASS = word('PASS');
const POP_OK = word('+OK ');
const POP_ERROR = word('-ERR');
const IMAP_OK = word('* OK');
const IMAP_PREAUTH = word('* PR');
const IMAP_BYE = word('* BY');
const BITTORRENT = word('\x13Bit');
const SMB1: i32 = <i32>0xff534d42;
const SMB2: i32 = <i32>0xfe534d42;

/** PayloadGuess of the payload in view. Never `notExamined`. */
export function guessStream(): i32 {
  if (size() < 4) return guessText();
  const first = firstWord();
  let guess = guessHttp(first);
  if (guess == 0) guess = guessMail(first);
  if (guess == 0) guess = guessBinary(first);
  return guess != 0 ? guess : guessText();
}

/** Whether these four bytes may begin the head of an HTTP/1 request or response that comes later in a stream. */
export function isHttpStart(first: i32): bool {
  return (
    first == HTTP ||
    first == GET ||
    first == POST ||
    first == HEAD ||
    first == PUT ||
    first == DELETE ||
    first == OPTIONS ||
    first == CONNECT ||
    first == TRACE ||
    first == PATCH ||
    first == PROP
  );
}

function guessHttp(first: i32): i32 {
  if (first == OPTIONS && has(4, 'ONS ')) return has(8, 'sip:') ? G.PayloadGuess_sip : G.PayloadGuess_http;
  const isHttp =
    first == GET ||
    first == PUT ||
    ((first == POST || first == HEAD) && has(4, ' ')) ||
    (first == HTTP && has(4, '/')) ||
    (first == DELETE && has(4, 'TE ')) ||
    (first == CONNECT && has(4, 'ECT ')) ||
    (first == TRACE && has(4, 'E ')) ||
    (first == PATCH && has(4, 'H ')) ||
    (first == PROP && (has(4, 'FIND ') || has(4, 'PATCH '))) ||
    (first == PRI && has(4, '* HTTP/2'));
  return isHttp ? G.PayloadGuess_http : 0;
}

function guessMail(first: i32): i32 {
  if (first == SSH) return G.PayloadGuess_ssh;
  if (first == READY || first == READY_DASH) return guessGreeting();
  if (first == EHLO || first == HELO || first == MAIL) return has(4, ' ') ? G.PayloadGuess_smtp : 0;
  if (first == USER || first == PASS) return port == 110 ? G.PayloadGuess_pop3 : port == 21 ? G.PayloadGuess_ftp : 0;
  if (first == POP_OK || first == POP_ERROR) return G.PayloadGuess_pop3;
  if (first == IMAP_OK || first == IMAP_PREAUTH || first == IMAP_BYE) return G.PayloadGuess_imap;
  return port == 143 && isImapCommand() ? G.PayloadGuess_imap : 0;
}

const UPPER_CASE: i32 = ~0x20202020;
const SMTP_LETTERS: i32 = 0x534d5450 & UPPER_CASE;
// "FTP" and a blank, without the blank.
const FTP_LETTERS: i32 = 0x465450;

/** "220" greets in FTP and in SMTP: the text decides, then the port. */
function guessGreeting(): i32 {
  const limit = min(end, at + 128) - 4;
  for (let i = at + 4; i <= limit; i++) {
    const letters = load32(i) & UPPER_CASE;
    if (letters == SMTP_LETTERS) return G.PayloadGuess_smtp;
    if (letters >>> 8 == FTP_LETTERS) return G.PayloadGuess_ftp;
  }
  return port == 25 || port == 587 ? G.PayloadGuess_smtp : G.PayloadGuess_ftp;
}

/** A tag and a command, such as `a1 LOGIN` (RFC 9051 2.2.1). */
function isImapCommand(): bool {
  const limit = min(end - 1, at + 12);
  for (let i = at; i < limit; i++) if (load<u8>(i) == 0x20) return i > at && isLetter(load<u8>(i, 1));
  return false;
}

function isLetter(value: i32): bool {
  const upper = value & 0xdf;
  return upper >= 0x41 && upper <= 0x5a;
}

function guessBinary(first: i32): i32 {
  const head = byte(0);
  const n = size();
  if (head == 0x16 && byte(1) == 3 && byte(2) <= 4) return n < 6 || isHello(byte(5)) ? G.PayloadGuess_tls : 0;
  if (head == 0xff && byte(1) >= 0xfa && byte(1) <= 0xfe) return G.PayloadGuess_telnet;
  if (first >>> 16 == 0x0300 && n >= 7) return guessTpkt();
  if (head == 0 && n >= 8) {
    const second = load32(at + 4);
    if (second == SMB1 || second == SMB2) return G.PayloadGuess_smb;
  }
  if (head == 5 && isRpcStart()) return G.PayloadGuess_dceRpc;
  if (port == 139 && (head == 0x81 || head == 0x82)) return G.PayloadGuess_netbios;
  if (first == BITTORRENT) return G.PayloadGuess_bittorrent;
  if (head == 0x10 && n >= 8 && isMqttConnect()) return G.PayloadGuess_mqtt;
  if (byte(3) == 0 && n >= 7 && isMysqlGreeting()) return G.PayloadGuess_mysql;
  return guessSip(first);
}

/** Handshake messages that open a direction: client or server hello (RFC 8446 4). */
function isHello(type: i32): bool {
  return type == 1 || type == 2;
}

/** TPKT (RFC 1006) carries RDP, but industrial and voice protocols too: only a connect with RDP's own fields counts. */
function guessTpkt(): i32 {
  const code = byte(5) & 0xf0;
  if (code != 0xe0 && code != 0xd0) return 0;
  if (port == 3389 || (size() >= 18 && has(11, 'Cookie:'))) return G.PayloadGuess_rdp;
  if (size() != 19) return 0;
  // Negotiation request or response: type, flags, length 8 in little-endian order (MS-RDPBCGR 2.2.1.1.1).
  const type = byte(11);
  return (type == 1 || type == 2) && load<u16>(at, 13) == 8 ? G.PayloadGuess_rdp : 0;
}

function isMqttConnect(): bool {
  for (let i = at + 2; i <= at + 5 && i + 6 <= end; i++)
    if (load<u8>(i) == 0 && (hasAt(i + 2, 'MQTT') || hasAt(i + 2, 'MQIs'))) return true;
  return false;
}

/** Protocol 10 and a version such as `8.0`, in a packet of the length that it claims. */
function isMysqlGreeting(): bool {
  const length = byte(0) | (byte(1) << 8) | (byte(2) << 16);
  const digit = byte(5);
  return byte(4) == 10 && length == wireBytes - 4 && digit >= 0x30 && digit <= 0x39;
}
