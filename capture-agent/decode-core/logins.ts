// What servers of LDAP, Kerberos and SIP say in numbers about a login.

import * as G from './generated';
import { load32 } from './memory';
import * as note from './note';
import { at, byte, end, firstWord, hasAt, port, size, word } from './payload';

export const KERBEROS: i32 = 88;
const LDAP: i32 = 389;
const GLOBAL_CATALOGUE: i32 = 3268;
const SIP = word('SIP/');
const LINE_FEED: i32 = 0x0a;

// Tags (X.690 8.1.2): sequence, and what stands in it; of LDAP (RFC 4511 4.2.2), and of Kerberos (RFC 4120 5.4.2, 5.9.1).
const SEQUENCE: i32 = 0x30;
const BIND_RESPONSE: i32 = 0x61;
const TICKET_REPLY: i32 = 0x6b;
const KERBEROS_ERROR: i32 = 0x7e;
// The field of a Kerberos error that holds its code: tag, length, and an integer of one byte.
const ERROR_CODE: i32 = <i32>0xa6030201;
const MAX_ERROR_BYTES: usize = 128;
// Errors that say that name or secret are wrong, or the account locked; most others are no answer to a login.
const UNKNOWN_CLIENT: i32 = 6;
const CLIENT_REVOKED: i32 = 18;
const WRONG_SECRET: i32 = 24;
const MAX_SIP_HEAD_BYTES: usize = 2048;

/** Whether streams of the port in view are those of a directory. */
export function isDirectory(): bool {
  return (port == LDAP || port == GLOBAL_CATALOGUE) && byte(0) == SEQUENCE;
}

/** Notes the result of a login in the payload in view, of row `i`, if it is one. */
export function noteLogin(i: usize): void {
  if (port == KERBEROS) noteTicket(i);
  else if (firstWord() == SIP) noteRegistration(i);
  else if (byte(0) == SEQUENCE) noteBind(i);
}

/** Address behind the tag and length at `from` (X.690 8.1.3). */
function valueAt(from: usize): usize {
  const length = from + 1 < end ? <i32>load<u8>(from, 1) : 0;
  return from + 2 + (length > 0x80 ? <usize>(length & 7) : 0);
}

/** A message: its number, of one to four bytes, and a response whose first field is the result. */
function noteBind(i: usize): void {
  const number = valueAt(at);
  if (number + 2 > end || load<u8>(number) != 2) return;
  const response = number + 2 + <usize>load<u8>(number, 1);
  if (response >= end || load<u8>(response) != BIND_RESPONSE) return;
  const result = valueAt(response);
  if (result + 3 > end || load<u8>(result) != 10 || load<u8>(result, 1) != 1) return;
  note.write(i, G.NoteKind_loginResult, G.LoginProtocol_ldap, load<u8>(result, 2));
}

/** Over TCP the length of the message comes first. */
function noteTicket(i: usize): void {
  const from = byte(0) == 0 && size() > 8 ? at + 4 : at;
  const tag = <i32>load<u8>(from);
  if (tag == TICKET_REPLY) note.write(i, G.NoteKind_loginResult, G.LoginProtocol_kerberos, 0);
  if (tag != KERBEROS_ERROR) return;
  const limit = min(end, from + MAX_ERROR_BYTES);
  for (let k = from + 2; k + 5 <= limit; k++)
    if (load32(k) == ERROR_CODE) {
      const code = <i32>load<u8>(k, 4);
      if (code == WRONG_SECRET || code == UNKNOWN_CLIENT || code == CLIENT_REVOKED)
        note.write(i, G.NoteKind_loginResult, G.LoginProtocol_kerberos, code);
      return;
    }
}

/** `SIP/2.0 401 …`, when it answers a REGISTER. */
function noteRegistration(i: usize): void {
  if (size() < 12) return;
  const status = (byte(8) - 0x30) * 100 + (byte(9) - 0x30) * 10 + byte(10) - 0x30;
  if (status < 200 || status > 699) return;
  const limit = min(end, at + MAX_SIP_HEAD_BYTES);
  for (let k = at; k + 8 < limit; k++)
    if (load<u8>(k) == LINE_FEED && (load<u8>(k, 1) | 0x20) == 0x63 && hasAt(k + 2, 'Seq:')) {
      if (namesRegister(k + 6, limit)) note.write(i, G.NoteKind_loginResult, G.LoginProtocol_sip, status);
      return;
    }
}

/** Whether the method behind the number of a `CSeq` field is REGISTER. */
function namesRegister(from: usize, limit: usize): bool {
  let k = from;
  while (k < limit && (load<u8>(k) == 0x20 || (load<u8>(k) >= 0x30 && load<u8>(k) <= 0x39))) k++;
  return hasAt(k, 'REGISTER');
}
