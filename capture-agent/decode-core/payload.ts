// The payload that is being looked at, and what the guesses at its protocol share.

import * as G from './generated';
import { load32, PACKETS } from './memory';

// Bytes that decide whether a payload is text.
const TEXT_BYTES: usize = 48;

/** Where captured bytes of the payload begin and end, and its length on the wire. */
export let at: usize = 0;
export let end: usize = 0;
export let wireBytes: i32 = 0;
/** The server's port: the lower of the two. */
export let port: i32 = 0;
export let otherPort: i32 = 0;

/** Looks at the payload of row `i` between two addresses. */
export function view(i: usize, from: usize, to: usize): void {
  const source = <i32>load<u16>(PACKETS + (i << 1), G.PACKETS_sourcePort);
  const destination = <i32>load<u16>(PACKETS + (i << 1), G.PACKETS_destinationPort);
  at = from;
  end = to;
  wireBytes = load<i32>(PACKETS + (i << 2), G.PACKETS_payloadBytes);
  port = min(source, destination);
  otherPort = max(source, destination);
}

/** Captured bytes. */
export function size(): i32 {
  return <i32>(end - at);
}

export function byte(offset: usize): i32 {
  return load<u8>(at + offset);
}

/** Four characters as a number in network order. */
export function word(text: string): i32 {
  let value = 0;
  for (let k = 0; k < 4; k++) value = (value << 8) | text.charCodeAt(k);
  return value;
}

/** Whether the payload holds `text` at `offset`. */
export function has(offset: usize, text: string): bool {
  return hasAt(at + offset, text);
}

/** Whether `text` lies at the address `from`. */
export function hasAt(from: usize, text: string): bool {
  const length = text.length;
  if (from + <usize>length > end) return false;
  for (let k = 0; k < length; k++) if (<i32>load<u8>(from + <usize>k) != text.charCodeAt(k)) return false;
  return true;
}

const SIP = word('SIP/');
const INVITE = word('INVI');
const REGISTER = word('REGI');
const SUBSCRIBE = word('SUBS');
const CANCEL = word('CANC');
const ACK = word('ACK ');
const BYE = word('BYE ');
const NOTIFY = word('NOTI');

/** SIP requests and responses (RFC 3261 7); 0 for none. */
export function guessSip(first: i32): i32 {
  const isSip =
    first == SIP ||
    (first == INVITE && has(4, 'TE sip')) ||
    (first == REGISTER && has(4, 'STER sip')) ||
    (first == SUBSCRIBE && has(4, 'CRIBE sip')) ||
    (first == CANCEL && has(4, 'EL sip')) ||
    ((first == ACK || first == BYE) && has(4, 'sip')) ||
    (first == NOTIFY && has(4, 'FY sip'));
  return isSip ? G.PayloadGuess_sip : 0;
}

/** Text when its first bytes are printable ASCII, line ends, tabs or UTF-8 sequences (RFC 3629 4). */
export function guessText(): i32 {
  const limit = min(end, at + TEXT_BYTES);
  let continuations = 0;
  for (let i = at; i < limit; i++) {
    const value = <i32>load<u8>(i);
    if (continuations > 0) {
      if ((value & 0xc0) != 0x80) return G.PayloadGuess_unknown;
      continuations--;
    } else if (value >= 0x7f) {
      if (value < 0xc2 || value > 0xf4) return G.PayloadGuess_unknown;
      continuations = value < 0xe0 ? 1 : value < 0xf0 ? 2 : 3;
    } else if (value < 0x20 && value != 9 && value != 10 && value != 13) return G.PayloadGuess_unknown;
  }
  return G.PayloadGuess_text;
}

/** The first four bytes in network order. */
export function firstWord(): i32 {
  return load32(at);
}
