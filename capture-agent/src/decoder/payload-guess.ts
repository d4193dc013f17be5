import { PayloadGuess } from '@weir/contracts';

/** Bytes that decide whether a payload is text. */
const TEXT_BYTES = 48;

/** Four characters as a signed 32-bit integer in network order, as DataView.getInt32 reads them. */
function word(text: string): number {
  return new DataView(Uint8Array.from(text, (c) => c.charCodeAt(0)).buffer).getInt32(0);
}

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
const [INVI, REGI, SUBS, ACK, BYE, CANC, SIP, NOTI] = [
  'INVI',
  'REGI',
  'SUBS',
  'ACK ',
  'BYE ',
  'CANC',
  'SIP/',
  'NOTI',
].map(word);
const M_SEARCH = word('M-SE');
const [DHT_QUERY, DHT_ANSWER] = [word('d1:a'), word('d1:r')];
const BITTORRENT = word('\x13Bit');
const DHCP_COOKIE = 0x63825363;
const STUN_COOKIE = 0x2112a442;
const QUIC_V2 = 0x6b3343cf;

/** Where a payload lies. `wireBytes` counts what was on the wire; `port` is the server's: the lower of the two. */
export interface PayloadView {
  bytes: Uint8Array;
  view: DataView;
  at: number;
  end: number;
  wireBytes: number;
  port: number;
  otherPort: number;
}

/** PayloadGuess of the first payload of a TCP stream's direction. Never `notExamined`. */
export function guessStream(p: PayloadView): number {
  const n = p.end - p.at;
  if (n < 4) return guessText(p);
  const first = p.view.getInt32(p.at);
  const guess = guessHttp(p, first) || guessMail(p, first) || guessBinaryStream(p, first, n);
  return guess || guessText(p);
}

/** PayloadGuess of the first datagram of a direction. Never `notExamined`. */
export function guessDatagram(p: PayloadView): number {
  const n = p.end - p.at;
  if (n < 4) return guessText(p);
  const first = p.view.getInt32(p.at);
  return guessByPort(p, n) || guessTextDatagram(p, first) || guessBinaryDatagram(p, n) || guessText(p);
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
  const limit = Math.min(p.end, p.at + 12);
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

function guessSip(p: PayloadView, first: number): number {
  switch (first) {
    case SIP:
      return PayloadGuess.sip;
    case INVI:
      return has(p, 4, 'TE sip') ? PayloadGuess.sip : 0;
    case REGI:
      return has(p, 4, 'STER sip') ? PayloadGuess.sip : 0;
    case SUBS:
      return has(p, 4, 'CRIBE sip') ? PayloadGuess.sip : 0;
    case CANC:
      return has(p, 4, 'EL sip') ? PayloadGuess.sip : 0;
    case ACK:
    case BYE:
      return has(p, 4, 'sip') ? PayloadGuess.sip : 0;
    case NOTI:
      return has(p, 4, 'FY sip') ? PayloadGuess.sip : 0;
    default:
      return 0;
  }
}

/** Protocols whose bytes alone would not tell: the port is asked first. */
function guessByPort(p: PayloadView, n: number): number {
  switch (p.port) {
    case 67:
    case 68:
      return n >= 240 && p.view.getInt32(p.at + 236) === DHCP_COOKIE ? PayloadGuess.dhcp : 0;
    case 546:
    case 547:
      return p.bytes[p.at]! >= 1 && p.bytes[p.at]! <= 13 ? PayloadGuess.dhcp : 0;
    case 123:
      return isNtp(p) ? PayloadGuess.ntp : 0;
    case 137:
    case 138:
      return n >= 12 ? PayloadGuess.netbios : 0;
    case 161:
    case 162:
      return isSnmp(p) ? PayloadGuess.snmp : 0;
    case 1900:
      return has(p, 0, 'HTTP/') || has(p, 0, 'NOTIFY ') ? PayloadGuess.ssdp : 0;
    default:
      return 0;
  }
}

/** Versions 1 to 4 and a mode; control and private modes are short (RFC 5905 7.3). */
function isNtp({ bytes, at, wireBytes }: PayloadView): boolean {
  const version = (bytes[at]! >>> 3) & 7;
  const mode = bytes[at]! & 7;
  return version >= 1 && version <= 4 && mode >= 1 && (mode >= 6 ? wireBytes >= 8 : wireBytes >= 48);
}

/** A sequence whose first element is a version: 0, 1 or 3 (RFC 1157, RFC 3412). */
function isSnmp({ bytes, at, end }: PayloadView): boolean {
  if (bytes[at] !== 0x30) return false;
  const versionAt = at + 2 + (bytes[at + 1]! & 0x80 ? bytes[at + 1]! & 7 : 0);
  return versionAt + 3 <= end && bytes[versionAt] === 2 && bytes[versionAt + 1] === 1 && bytes[versionAt + 2]! <= 3;
}

function guessTextDatagram(p: PayloadView, first: number): number {
  if (first === M_SEARCH || (first === NOTI && has(p, 4, 'FY * HTTP'))) return PayloadGuess.ssdp;
  if (first === OPTI && has(p, 4, 'ONS sip')) return PayloadGuess.sip;
  if (first === DHT_QUERY || first === DHT_ANSWER) return has(p, 4, 'd2:id20:') ? PayloadGuess.bittorrent : 0;
  return guessSip(p, first);
}

function guessBinaryDatagram(p: PayloadView, n: number): number {
  const { bytes, at, view } = p;
  const head = bytes[at]!;
  if (n >= 8 && head < 4 && view.getInt32(at + 4) === STUN_COOKIE) return PayloadGuess.stun;
  if (n >= 5 && (head & 0xc0) === 0xc0 && isQuicVersion(view.getUint32(at + 1))) return PayloadGuess.quic;
  const isRtp = n >= 12 && (head === 0x80 || head === 0x90) && p.port >= 1024 && isAudioOrVideo(bytes[at + 1]! & 0x7f);
  return isRtp ? PayloadGuess.rtp : 0;
}

/** Version 1 and 2, drafts, and Google's own (RFC 9000 15, RFC 9369). */
function isQuicVersion(version: number): boolean {
  return (
    version === 1 ||
    version === QUIC_V2 ||
    version >>> 8 === 0xff0000 ||
    (version >>> 24 === 0x51 && (version & 0xff) <= 0x39)
  );
}

/** Payload types in use (RFC 3551 6): the common audio codecs and the dynamic range. */
function isAudioOrVideo(type: number): boolean {
  return type >= 96 || type === 0 || type === 3 || type === 8 || type === 9 || type === 18;
}

/** Text when its first bytes are printable ASCII, line ends, tabs or UTF-8 sequences (RFC 3629 4). */
function guessText({ bytes, at, end }: PayloadView): number {
  const limit = Math.min(end, at + TEXT_BYTES);
  let continuations = 0;
  for (let i = at; i < limit; i++) {
    const byte = bytes[i]!;
    if (continuations > 0) {
      if ((byte & 0xc0) !== 0x80) return PayloadGuess.unknown;
      continuations--;
    } else if (byte >= 0x7f) {
      if (byte < 0xc2 || byte > 0xf4) return PayloadGuess.unknown;
      continuations = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    } else if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) return PayloadGuess.unknown;
  }
  return PayloadGuess.text;
}

function has(p: PayloadView, offset: number, text: string): boolean {
  return hasAt(p, p.at + offset, text);
}

function hasAt({ bytes, end }: PayloadView, at: number, text: string): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
