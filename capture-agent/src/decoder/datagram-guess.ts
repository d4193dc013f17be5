import { PayloadGuess } from '@weir/contracts';
import { guessSip, guessText, has, type PayloadView, word } from './payload-view.js';

const [OPTI, NOTI] = [word('OPTI'), word('NOTI')];
const M_SEARCH = word('M-SE');
const [DHT_QUERY, DHT_ANSWER] = [word('d1:a'), word('d1:r')];
const DHCP_COOKIE = 0x63825363;
const STUN_COOKIE = 0x2112a442;
const QUIC_V2 = 0x6b3343cf;

/** PayloadGuess of the first datagram of a direction. Never `notExamined`. */
export function guessDatagram(p: PayloadView): number {
  const n = p.end - p.at;
  if (n < 4) return guessText(p);
  const first = p.view.getInt32(p.at);
  return guessByPort(p, n) || guessTextDatagram(p, first) || guessBinaryDatagram(p, n) || guessText(p);
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
