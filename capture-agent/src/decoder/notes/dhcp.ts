import { formatAddress, NOTE_CODE_RESPONSE, NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { writeMac, writeText } from './note-text.js';

const IS_DHCPV6 = 0x100;
/** Messages of servers: advertise, reply, reconfigure (RFC 8415 7.3). */
const SERVER_MESSAGES_V6 = [2, 7, 10];
const RELAYED_FROM = 12;
const OptionV6 = { client: 1, dnsServers: 23 } as const;

/**
 * Notes a DHCP message of IPv6; the compiled core notes those of IPv4. The client's MAC is in its identifier where that was
 * made from one (RFC 8415 11.2, 11.4). Relayed messages hold another.
 */
export function noteDhcpV6(f: Frame): void {
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
