import { createHash } from 'node:crypto';
import { NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { writeText } from './note-text.js';

const KEX_INIT = 20;
/** Length, padding length, message number and cookie come before the lists (RFC 4253 6, 7.1). */
const LISTS_AT = 22;
const MAX_PACKET_BYTES = 35_000;

/** Which of the lists, in order, are hashed: key exchange, then encryption, MAC and compression of the sender's direction. */
const CLIENT_LISTS = [0, 2, 4, 6];
const SERVER_LISTS = [0, 3, 5, 7];

/** Whether the payload at `at` begins the offer of a key exchange. */
export function isKexInitStart(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + LISTS_AT > end || bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 5] !== KEX_INIT) return false;
  const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return length > LISTS_AT && length <= MAX_PACKET_BYTES;
}

/**
 * Notes the algorithms that a client or server offers, as HASSH: the MD5 of four lists (Salesforce 2018, BSD 3-clause). An
 * offer that goes on in the next segment, or was not captured to the end of these lists, has no hash.
 */
export function noteKexInit(f: Frame): void {
  if (!isKexInitStart(f.bytes, f.payloadAt, f.end)) return;
  const isClient = f.sourcePort[f.row]! >= f.destinationPort[f.row]!;
  const lists = readLists(f, isClient ? CLIENT_LISTS : SERVER_LISTS);
  f.noteKind[f.row] = NoteKind.sshKexInit;
  f.noteValue[f.row] = f.payloadBytes[f.row]!;
  writeText(f, lists === undefined ? '-' : createHash('md5').update(lists.join(';')).digest('hex'));
}

function readLists({ bytes, view, payloadAt, end }: Frame, wanted: readonly number[]): string[] | undefined {
  const lists: string[] = [];
  let at = payloadAt + LISTS_AT;
  for (let list = 0; lists.length < wanted.length; list++) {
    if (at + 4 > end) return undefined;
    const next = at + 4 + view.getUint32(at);
    if (next > end) return undefined;
    if (wanted.includes(list)) lists.push(Buffer.from(bytes.subarray(at + 4, next)).toString('latin1'));
    at = next;
  }
  return lists;
}
