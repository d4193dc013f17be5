// Messages of DHCP for IPv4 (RFC 2131): the client's MAC, the router, the first name server, and the host's name. Those of
// IPv6 are told alike (capture-agent/src/decoder/notes/dhcp.ts).

import * as G from './generated';
import { load32 } from './memory';
import * as note from './note';

const COOKIE_AT: usize = 236;
const COOKIE: i32 = 0x63825363;
const OPTIONS_AT: usize = 240;
const HARDWARE_AT: usize = 28;
const REPLY: u8 = 2;
const MAX_NAME_BYTES: usize = 64;
const PAD: i32 = 0;
const ROUTER: i32 = 3;
const DNS_SERVER: i32 = 6;
const HOST_NAME: i32 = 12;
const MESSAGE_TYPE: i32 = 53;
const SERVER_IDENTIFIER: i32 = 54;
const END: i32 = 255;

// Where the values of options lie; 0 where they are not there.
let router: usize = 0;
let dnsServer: usize = 0;
let hostName: usize = 0;
let messageType: usize = 0;
let serverIdentifier: usize = 0;

/** Notes the message in the payload of row `i`, if it is one. */
export function noteDhcp(i: usize, start: usize, end: usize): void {
  if (start + OPTIONS_AT > end || load32(start + COOKIE_AT) != COOKIE) return;
  readOptions(start + OPTIONS_AT, end);
  const type = messageType == 0 ? 0 : <i32>load<u8>(messageType);
  const code = load<u8>(start) == REPLY ? type | G.Note_response : type;
  note.write(i, G.NoteKind_dhcp, code, serverIdentifier == 0 ? 0 : load32(serverIdentifier));
  note.writeMac(start + HARDWARE_AT);
  writeAddress(router);
  writeAddress(dnsServer);
  note.writeByte(0x20);
  if (hostName != 0) writeName(hostName, min<usize>(load<u8>(hostName - 1), MAX_NAME_BYTES));
}

/** Options that are whole and long enough (RFC 2132); the last of each kind counts. */
function readOptions(from: usize, end: usize): void {
  router = dnsServer = hostName = messageType = serverIdentifier = 0;
  for (let at = from; at + 2 <= end; ) {
    const option = <i32>load<u8>(at);
    if (option == END) return;
    if (option == PAD) {
      at++;
      continue;
    }
    const value = at + 2;
    const length = <usize>load<u8>(at, 1);
    if (value + length > end) return;
    if (option == MESSAGE_TYPE && length == 1) messageType = value;
    else if (option == HOST_NAME && length > 0) hostName = value;
    else if (length >= 4) keepAddress(option, value);
    at = value + length;
  }
}

function keepAddress(option: i32, value: usize): void {
  if (option == ROUTER) router = value;
  else if (option == DNS_SERVER) dnsServer = value;
  else if (option == SERVER_IDENTIFIER) serverIdentifier = value;
}

function writeAddress(at: usize): void {
  note.writeByte(0x20);
  if (at == 0) {
    note.writeByte(0x2d);
    return;
  }
  for (let k: usize = 0; k < 4; k++) {
    if (k > 0) note.writeByte(0x2e);
    writeDecimal(load<u8>(at + k));
  }
}

function writeDecimal(value: u32): void {
  if (value >= 100) note.writeByte(0x30 + value / 100);
  if (value >= 10) note.writeByte(0x30 + ((value / 10) % 10));
  note.writeByte(0x30 + (value % 10));
}

/** The name of a host, in lower case; full stops stand for blanks and for what is not printable. */
function writeName(at: usize, length: usize): void {
  for (let k: usize = 0; k < length; k++) {
    const value = <i32>load<u8>(at + k);
    if (value >= 0x41 && value <= 0x5a) note.writeByte(value + 32);
    else note.writeByte(value == 0x20 ? 0x2e : note.printable(value));
  }
}
