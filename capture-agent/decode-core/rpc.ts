// What a server of DCE/RPC over TCP refuses (C706 12.6, with the extensions of MS-RPCE 2.2.2).

import * as G from './generated';
import * as note from './note';
import { at, byte, size } from './payload';

const HEADER_BYTES: i32 = 16;
const MINOR_VERSIONS: i32 = 1;
const LAST_TYPE: i32 = 19;
const RESPONSE: i32 = 2;
const FAULT: i32 = 3;
const BIND_NAK: i32 = 13;
const IS_LAST_FRAGMENT: i32 = 2;
const LITTLE_ENDIAN: i32 = 0x10;
// Status of a fault, and results of a response, behind hint, context and count of cancels.
const BODY: i32 = 24;
const TRAILER_BYTES: i32 = 8;
const PRIVACY: i32 = 6;
// What a call gives that only opens something: a handle and a status.
const HANDLE_AND_STATUS_BYTES: i32 = 24;

// Results of calls that say no (MS-ERREF 2.3): access denied, no such user, wrong password, failed logon, missing privilege,
// locked account; and the Win32 code for access denied.
const ACCESS_DENIED: i32 = <i32>0xc0000022;
const NO_SUCH_USER: i32 = <i32>0xc0000064;
const WRONG_PASSWORD: i32 = <i32>0xc000006a;
const LOGON_FAILURE: i32 = <i32>0xc000006d;
const PRIVILEGE_NOT_HELD: i32 = <i32>0xc0000061;
const ACCOUNT_LOCKED_OUT: i32 = <i32>0xc0000234;
const WIN32_ACCESS_DENIED: i32 = 5;

/** Whether the payload in view begins with a message of version 5, over a connection. */
export function isRpcStart(): bool {
  if (size() < HEADER_BYTES || byte(0) != 5 || byte(1) > MINOR_VERSIONS || byte(2) > LAST_TYPE) return false;
  const order = byte(4);
  if ((order != 0 && order != LITTLE_ENDIAN) || byte(5) != 0 || byte(6) != 0 || byte(7) != 0) return false;
  return number16(8) >= HEADER_BYTES;
}

/** Notes for row `i` that the message in view, which isRpcStart, refuses something. */
export function noteRefusal(i: usize): void {
  const type = byte(2);
  if (type == FAULT && size() >= BODY + 4) note.write(i, G.NoteKind_rpcRefusal, G.RpcRefusal_fault, number32(BODY));
  else if (type == BIND_NAK && size() >= HEADER_BYTES + 2)
    note.write(i, G.NoteKind_rpcRefusal, G.RpcRefusal_bind, number16(HEADER_BYTES));
  else if (type == RESPONSE) noteStatus(i);
}

/** The result of most calls is the last number of the response, where that is neither cut nor encrypted. */
function noteStatus(i: usize): void {
  const end = resultsEnd();
  if (end < BODY + 4 || end > size() || !(byte(3) & IS_LAST_FRAGMENT)) return;
  const status = number32(end - 4);
  if (isRefusal(status) || (status == WIN32_ACCESS_DENIED && end == BODY + HANDLE_AND_STATUS_BYTES))
    note.write(i, G.NoteKind_rpcRefusal, G.RpcRefusal_status, status);
}

/** Where the results end: before padding and proof of who sends them. 0 when that cannot be told. */
function resultsEnd(): i32 {
  const proofBytes = number16(10);
  const end = number16(8);
  if (proofBytes == 0) return end;
  const trailer = end - proofBytes - TRAILER_BYTES;
  if (trailer < BODY || end > size() || byte(trailer + 1) == PRIVACY) return 0;
  return trailer - byte(trailer + 2);
}

function isRefusal(status: i32): bool {
  return (
    status == ACCESS_DENIED ||
    status == NO_SUCH_USER ||
    status == WRONG_PASSWORD ||
    status == LOGON_FAILURE ||
    status == PRIVILEGE_NOT_HELD ||
    status == ACCOUNT_LOCKED_OUT
  );
}

// Numbers are in the order of bytes that the sender says.

export function number16(offset: i32): i32 {
  const value = <i32>load<u16>(at + <usize>offset);
  return byte(4) == LITTLE_ENDIAN ? value : <i32>bswap<u16>(<u16>value);
}

export function number32(offset: i32): i32 {
  const value = load<i32>(at + <usize>offset);
  return byte(4) == LITTLE_ENDIAN ? value : bswap<i32>(value);
}
