import { NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { printable } from './note-text.js';

/** UDP port of names on a local network (RFC 1002). */
export const NETBIOS_NAMES = 137;

const HEADER_BYTES = 12;
const RECORD_BYTES = 10;
const NETBIOS_TYPE = 0x20;
/** Letters of an encoded NetBIOS name: two for each of 15 characters; a kind follows (RFC 1001 14.1). */
const NETBIOS_CHARACTERS = 15;
const ENCODED_BYTES = 32;

/** Notes a positive answer to a NetBIOS name query (RFC 1002 4.2.13). */
export function noteNetbiosAnswer(f: Frame): void {
  const { view, row, payloadAt: at } = f;
  const record = at + HEADER_BYTES + ENCODED_BYTES + 2;
  if (record + RECORD_BYTES + 6 > f.end || !isPositiveAnswer(view, at) || view.getUint16(record) !== NETBIOS_TYPE)
    return;
  if (f.bytes[at + HEADER_BYTES] !== ENCODED_BYTES) return;
  f.noteKind[row] = NoteKind.nameAnswer;
  f.noteCode[row] = NETBIOS_NAMES;
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
