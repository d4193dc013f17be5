import { formatAddress, NOTE_CODE_RESPONSE, NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { writeIpv4Text, writeMac, writeName, writeText } from './note-text.js';

/** Position of the options of DHCP for IPv4 (RFC 2131 2). */
const OPTIONS_AT = 240;
const COOKIE_AT = 236;
const COOKIE = 0x63825363;
const HARDWARE_AT = 28;
const REPLY = 2;
const Option = {
  router: 3,
  dnsServer: 6,
  hostName: 12,
  messageType: 53,
  serverIdentifier: 54,
  pad: 0,
  end: 255,
} as const;
/** Bytes of a host's name that a note holds. */
const MAX_NAME_BYTES = 64;

const IS_DHCPV6 = 0x100;
/** Messages of servers: advertise, reply, reconfigure (RFC 8415 7.3). */
const SERVER_MESSAGES_V6 = [2, 7, 10];
const RELAYED_FROM = 12;
const OptionV6 = { client: 1, dnsServers: 23 } as const;

/** Where options of a message lie that a note needs; 0 where they are not there. */
interface Options {
  router: number;
  dnsServer: number;
  hostName: number;
  messageType: number;
  serverIdentifier: number;
}

/** Notes a DHCP message of either version. */
export function noteDhcp(f: Frame): void {
  const port = Math.min(f.sourcePort[f.row]!, f.destinationPort[f.row]!);
  if (port === 546 || port === 547) noteDhcpV6(f);
  else if (f.payloadAt + OPTIONS_AT <= f.end && f.view.getUint32(f.payloadAt + COOKIE_AT) === COOKIE) noteDhcpV4(f);
}

function noteDhcpV4(f: Frame): void {
  const { bytes, payloadAt: at, row } = f;
  const options = readOptions(f, at + OPTIONS_AT);
  const type = options.messageType === 0 ? 0 : bytes[options.messageType]!;
  f.noteKind[row] = NoteKind.dhcp;
  f.noteCode[row] = bytes[at] === REPLY ? type | NOTE_CODE_RESPONSE : type;
  f.noteValue[row] = options.serverIdentifier === 0 ? 0 : f.view.getUint32(options.serverIdentifier);
  writeMac(f, at + HARDWARE_AT);
  writeAddress(f, options.router);
  writeAddress(f, options.dnsServer);
  writeText(f, ' ');
  if (options.hostName === 0) return;
  const nameBytes = Math.min(bytes[options.hostName - 1]!, MAX_NAME_BYTES);
  writeName(f, bytes.subarray(options.hostName, options.hostName + nameBytes));
}

function writeAddress(f: Frame, at: number): void {
  writeText(f, at === 0 ? ' -' : ' ');
  if (at !== 0) writeIpv4Text(f, at);
}

/** Positions of the values of options that are whole and long enough (RFC 2132). */
function readOptions({ bytes, end }: Frame, from: number): Options {
  const found = { router: 0, dnsServer: 0, hostName: 0, messageType: 0, serverIdentifier: 0 };
  for (let at = from; at + 2 <= end && bytes[at] !== Option.end; ) {
    if (bytes[at] === Option.pad) {
      at++;
      continue;
    }
    const length = bytes[at + 1]!;
    if (at + 2 + length > end) break;
    if (bytes[at] === Option.messageType && length === 1) found.messageType = at + 2;
    else if (bytes[at] === Option.hostName && length > 0) found.hostName = at + 2;
    else if (length >= 4) keepAddress(found, bytes[at]!, at + 2);
    at += 2 + length;
  }
  return found;
}

function keepAddress(found: Options, option: number, at: number): void {
  if (option === Option.router) found.router = at;
  else if (option === Option.dnsServer) found.dnsServer = at;
  else if (option === Option.serverIdentifier) found.serverIdentifier = at;
}

/** The client's MAC is in its identifier where that was made from one (RFC 8415 11.2, 11.4). Relayed messages hold another. */
function noteDhcpV6(f: Frame): void {
  const { bytes, payloadAt: at, row, end } = f;
  const type = bytes[at]!;
  if (at + 4 > end || type >= RELAYED_FROM) return;
  const [macAt, dnsAt] = readOptionsV6(f, at + 4);
  f.noteKind[row] = NoteKind.dhcp;
  f.noteCode[row] = type | IS_DHCPV6 | (SERVER_MESSAGES_V6.includes(type) ? NOTE_CODE_RESPONSE : 0);
  if (macAt === 0) writeText(f, '-');
  else writeMac(f, macAt);
  writeText(f, ` - ${dnsAt === 0 ? '-' : formatAddress(bytes, dnsAt)} `);
}

/** Where the client's MAC and the first DNS server lie; 0 where they are not there. */
function readOptionsV6({ view, end }: Frame, from: number): [number, number] {
  let [macAt, dnsAt] = [0, 0];
  for (let at = from; at + 4 <= end; ) {
    const [code, length] = [view.getUint16(at), view.getUint16(at + 2)];
    const next = at + 4 + length;
    if (next > end) break;
    if (code === OptionV6.dnsServers && length >= 16) dnsAt = at + 4;
    if (code === OptionV6.client && length >= 10 && isFromMac(view, at + 4)) macAt = next - 6;
    at = next;
  }
  return [macAt, dnsAt];
}

/** Identifiers of type 1 (MAC and time) and 3 (MAC), over Ethernet. */
function isFromMac(view: DataView, at: number): boolean {
  const type = view.getUint16(at);
  return (type === 1 || type === 3) && view.getUint16(at + 2) === 1;
}
