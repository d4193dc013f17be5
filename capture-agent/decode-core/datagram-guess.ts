// What the first datagram of a direction looks like.

import * as G from './generated';
import { load32 } from './memory';
import { at, byte, end, firstWord, guessSip, guessText, has, port, size, wireBytes, word } from './payload';

const OPTIONS = word('OPTI');
const NOTIFY = word('NOTI');
const M_SEARCH = word('M-SE');
const DHT_QUERY = word('d1:a');
const DHT_ANSWER = word('d1:r');
const DHCP_COOKIE: i32 = 0x63825363;
const STUN_COOKIE: i32 = 0x2112a442;
const QUIC_V2: i32 = 0x6b3343cf;

/** PayloadGuess of the payload in view. Never `notExamined`. */
export function guessDatagram(): i32 {
  if (size() < 4) return guessText();
  let guess = guessByPort();
  if (guess == 0) guess = guessTextDatagram(firstWord());
  if (guess == 0) guess = guessBinary();
  return guess != 0 ? guess : guessText();
}

/** Protocols whose bytes alone would not tell: the port is asked first. */
function guessByPort(): i32 {
  switch (port) {
    case 67:
    case 68:
      return size() >= 240 && load32(at + 236) == DHCP_COOKIE ? G.PayloadGuess_dhcp : 0;
    case 546:
    case 547:
      return byte(0) >= 1 && byte(0) <= 13 ? G.PayloadGuess_dhcp : 0;
    case 123:
      return isNtp() ? G.PayloadGuess_ntp : 0;
    case 137:
    case 138:
      return size() >= 12 ? G.PayloadGuess_netbios : 0;
    case 161:
    case 162:
      return isSnmp() ? G.PayloadGuess_snmp : 0;
    case 1900:
      return has(0, 'HTTP/') || has(0, 'NOTIFY ') ? G.PayloadGuess_ssdp : 0;
    default:
      return 0;
  }
}

/** Versions 1 to 4 and a mode; control and private modes are short (RFC 5905 7.3). */
function isNtp(): bool {
  const version = (byte(0) >>> 3) & 7;
  const mode = byte(0) & 7;
  return version >= 1 && version <= 4 && mode >= 1 && (mode >= 6 ? wireBytes >= 8 : wireBytes >= 48);
}

/** A sequence whose first element is a version: 0, 1 or 3 (RFC 1157, RFC 3412). */
function isSnmp(): bool {
  if (byte(0) != 0x30) return false;
  const lengthBytes = byte(1) & 0x80 ? byte(1) & 7 : 0;
  const versionAt = at + 2 + <usize>lengthBytes;
  return versionAt + 3 <= end && load<u8>(versionAt) == 2 && load<u8>(versionAt, 1) == 1 && load<u8>(versionAt, 2) <= 3;
}

function guessTextDatagram(first: i32): i32 {
  if (first == M_SEARCH || (first == NOTIFY && has(4, 'FY * HTTP'))) return G.PayloadGuess_ssdp;
  if (first == OPTIONS && has(4, 'ONS sip')) return G.PayloadGuess_sip;
  if (first == DHT_QUERY || first == DHT_ANSWER) return has(4, 'd2:id20:') ? G.PayloadGuess_bittorrent : 0;
  return guessSip(first);
}

function guessBinary(): i32 {
  const head = byte(0);
  const n = size();
  if (n >= 8 && head < 4 && load32(at + 4) == STUN_COOKIE) return G.PayloadGuess_stun;
  if (n >= 5 && (head & 0xc0) == 0xc0 && isQuicVersion(load32(at + 1))) return G.PayloadGuess_quic;
  const isRtp = n >= 12 && (head == 0x80 || head == 0x90) && port >= 1024 && isAudioOrVideo(byte(1) & 0x7f);
  return isRtp ? G.PayloadGuess_rtp : 0;
}

/** Version 1 and 2, drafts, and Google's own (RFC 9000 15, RFC 9369). */
function isQuicVersion(version: i32): bool {
  return (
    version == 1 ||
    version == QUIC_V2 ||
    version >>> 8 == 0xff0000 ||
    (version >>> 24 == 0x51 && (version & 0xff) <= 0x39)
  );
}

/** Payload types in use (RFC 3551 6): the common audio codecs and the dynamic range. */
function isAudioOrVideo(type: i32): bool {
  return type >= 96 || type == 0 || type == 3 || type == 8 || type == 9 || type == 18;
}
