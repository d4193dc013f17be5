// Notes of what keeps a network running: ARP, ICMP errors, answers with local names.

import * as G from './generated';
import { load16, load32, PACKETS } from './memory';
import * as note from './note';

const IPV4_PREFIX: u64 = 0xffff0000;
const HEADER_BYTES: usize = 12;
const RECORD_BYTES: usize = 10;
const TYPE_IPV4: i32 = 1;
const TYPE_IPV6: i32 = 28;

/** The sender of the ARP request or reply at `at`: its MAC, and whether it asks for or tells of itself. */
export function noteArp(i: usize, at: usize): void {
  const kind = load16(at + 6) == 1 ? G.NoteKind_arpRequest : G.NoteKind_arpReply;
  note.write(i, kind, 0, load<i32>(at, 14) == load<i32>(at, 24) ? 1 : 0);
  note.writeMac(at + 8);
}

/** The packet that an ICMP error quotes between two addresses: its addresses, protocol and ports. */
export function noteQuotedPacket(i: usize, at: usize, end: usize): void {
  const version = load<u8>(at) >>> 4;
  if (version == 4 && at + 20 <= end) noteQuotedIpv4(i, at, end);
  else if (version == 6 && at + 40 <= end) {
    memory.copy(note.textAddress(), at + 8, 32);
    finishQuoted(i, load<u8>(at, 6), at + 40, end);
  }
}

function noteQuotedIpv4(i: usize, at: usize, end: usize): void {
  const text = note.textAddress();
  store<u64>(text, 0);
  store<u64>(text, IPV4_PREFIX | (<u64>load<u32>(at, 12) << 32), 8);
  store<u64>(text, 0, 16);
  store<u64>(text, IPV4_PREFIX | (<u64>load<u32>(at, 16) << 32), 24);
  const isLaterFragment = (load16(at + 6) & 0x1fff) != 0;
  finishQuoted(i, load<u8>(at, 9), isLaterFragment ? end : at + <usize>((load<u8>(at) & 15) << 2), end);
}

function finishQuoted(i: usize, protocol: i32, transport: usize, end: usize): void {
  const hasPorts = protocol == G.Protocol_tcp || protocol == G.Protocol_udp || protocol == G.Protocol_sctp;
  note.write(i, G.NoteKind_icmpError, protocol, hasPorts && transport + 4 <= end ? load32(transport) : 0);
  note.setTextAt(note.textAt + 32);
}

/**
 * The message between two addresses was read as DNS: where it is a response whose first answer gives an address, the note
 * says that someone has that name.
 */
export function noteLocalAnswer(i: usize, at: usize, end: usize): void {
  if (note.kindOf(i) != G.NoteKind_dnsResponse || at + HEADER_BYTES > end || load16(at + 6) == 0) return;
  let record = at + HEADER_BYTES;
  for (let questions = load16(at + 4); questions > 0 && record < end; questions--) record = skipName(record, end) + 4;
  record = skipName(record, end);
  if (record + RECORD_BYTES + 4 > end) return;
  const type = load16(record);
  if (type != TYPE_IPV4 && type != TYPE_IPV6) return;
  const port = load<u16>(PACKETS + (i << 1), G.PACKETS_sourcePort);
  note.write(i, G.NoteKind_nameAnswer, port, type == TYPE_IPV4 ? load32(record + RECORD_BYTES) : 0);
}

function skipName(from: usize, end: usize): usize {
  let at = from;
  while (at < end && load<u8>(at) != 0) {
    if (load<u8>(at) >= 0xc0) return at + 2;
    at += <usize>load<u8>(at) + 1;
  }
  return at + 1;
}
