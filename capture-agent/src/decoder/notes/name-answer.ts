import { NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { printable } from './note-text.js';

/** UDP ports of names on a local network: RFC 1002, RFC 6762, RFC 4795. */
export const NAME_PORT = { netbios: 137, multicastDns: 5353, linkLocal: 5355 } as const;

const HEADER_BYTES = 12;
const RECORD_BYTES = 10;
const Type = { ipv4: 1, ipv6: 28, netbios: 0x20 } as const;
/** Letters of an encoded NetBIOS name: two for each of 15 characters; a kind follows (RFC 1001 14.1). */
const NETBIOS_CHARACTERS = 15;
const ENCODED_BYTES = 32;

/** The message was read as DNS already: where its first answer gives an address, the note says that someone has that name. */
export function noteLocalAnswer(f: Frame): void {
  const { view, row, payloadAt: at } = f;
  if (f.noteKind[row] !== NoteKind.dnsResponse || at + HEADER_BYTES > f.end) return;
  let record = at + HEADER_BYTES;
  for (let questions = view.getUint16(at + 4); questions > 0 && record < f.end; questions--)
    record = skipName(f, record) + 4;
  if (view.getUint16(at + 6) === 0) return;
  record = skipName(f, record);
  if (record + RECORD_BYTES + 4 > f.end) return;
  const type = view.getUint16(record);
  if (type !== Type.ipv4 && type !== Type.ipv6) return;
  f.noteKind[row] = NoteKind.nameAnswer;
  f.noteCode[row] = f.sourcePort[row]!;
  f.noteValue[row] = type === Type.ipv4 ? view.getUint32(record + RECORD_BYTES) : 0;
}

function skipName({ bytes, end }: Frame, from: number): number {
  let at = from;
  while (at < end && bytes[at] !== 0) {
    if (bytes[at]! >= 0xc0) return at + 2;
    at += bytes[at]! + 1;
  }
  return at + 1;
}

/** Notes a positive answer to a NetBIOS name query (RFC 1002 4.2.13). */
export function noteNetbiosAnswer(f: Frame): void {
  const { view, row, payloadAt: at } = f;
  const record = at + HEADER_BYTES + ENCODED_BYTES + 2;
  if (record + RECORD_BYTES + 6 > f.end || !isPositiveAnswer(view, at) || view.getUint16(record) !== Type.netbios)
    return;
  if (f.bytes[at + HEADER_BYTES] !== ENCODED_BYTES) return;
  f.noteKind[row] = NoteKind.nameAnswer;
  f.noteCode[row] = NAME_PORT.netbios;
  f.noteValue[row] = view.getUint32(record + RECORD_BYTES + 2);
  writeNetbiosName(f, at + HEADER_BYTES + 1);
}

/** A response without error, of the operation query, with an answer. */
function isPositiveAnswer(view: DataView, at: number): boolean {
  return (view.getUint16(at + 2) & 0xf80f) === 0x8000 && view.getUint16(at + 6) > 0;
}

/** Each character is two letters from A to P; blanks fill up. */
function writeNetbiosName(f: Frame, at: number): void {
  let end = f.textAt;
  for (let i = 0; i < NETBIOS_CHARACTERS; i++) {
    const high = (f.bytes[at + 2 * i]! - 0x41) & 15;
    const byte = (high << 4) | ((f.bytes[at + 2 * i + 1]! - 0x41) & 15);
    f.text[f.textAt++] = byte >= 0x41 && byte <= 0x5a ? byte + 32 : printable(byte);
    if (byte !== 0x20) end = f.textAt;
  }
  f.textAt = end;
}
