import { NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { ClientHello } from './client-hello.js';
import { Follow, type FollowedFlows } from './followed-flows.js';
import { type HelloStore, MAX_HELLO_BYTES } from './hello-store.js';
import { ja4 } from './ja4.js';
import { writeName, writeText } from './note-text.js';

const RECORD_BYTES = 5;
const RANDOM_BYTES = 32;
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const SUPPORTED_VERSIONS = 43;
/** Bytes of a server's name that a note holds: DNS allows no more than 253. */
const MAX_NAME_BYTES = 200;

const hello = new ClientHello();
/** A message whose records were taken off. */
const message = new Uint8Array(MAX_HELLO_BYTES);

/** What notes of TLS need of the decoder. */
export interface HelloContext {
  readonly flows: FollowedFlows;
  readonly hellos: HelloStore;
  /** Direction of the packet, as in the block's column. */
  direction: number;
}

/** Whether these four bytes, in network order, begin a TLS handshake record. */
export function isHandshakeStart(first: number): boolean {
  return first >>> 16 === 0x1603 && ((first >>> 8) & 255) <= 4;
}

/** Notes the hello that the segment begins with; one that goes on in the next segment is waited for. */
export function noteTls(f: Frame, context: HelloContext): void {
  const typeAt = f.payloadAt + RECORD_BYTES;
  if (typeAt >= f.end) return;
  if (f.bytes[typeAt] === SERVER_HELLO) noteServerHello(f, typeAt);
  else if (f.bytes[typeAt] === CLIENT_HELLO) beginClientHello(f, context);
}

function beginClientHello(f: Frame, { flows, hellos, direction }: HelloContext): void {
  const hash = f.flowHash[f.row]!;
  const isCut = f.end < f.wireEnd;
  const length = joinRecords({ bytes: f.bytes, at: f.payloadAt, end: f.end });
  if (isCut || isWholeHello(length)) {
    noteClientHello(f, length);
    return;
  }
  const slot = hellos.begin(hash, f.tcpSequence[f.row]! | 0);
  hellos.add(slot, 0, f.bytes.subarray(f.payloadAt, f.end));
  flows.add(hash, Follow.hello, direction);
}

/** Adds a further segment of a direction whose hello is waited for, and notes it once it is whole, or cannot become so. */
export function continueClientHello(f: Frame, { flows, hellos }: HelloContext): void {
  const hash = f.flowHash[f.row]!;
  const slot = hellos.find(hash);
  if (slot < 0) {
    flows.remove(hash);
    return;
  }
  const offset = hellos.offsetOf(slot, f.tcpSequence[f.row]! | 0);
  hellos.add(slot, offset, f.bytes.subarray(f.payloadAt, f.end));
  const [at, end] = [hellos.start(slot), hellos.prefixEnd(slot)];
  const isCut = f.end < f.wireEnd;
  const isFull = end - at === MAX_HELLO_BYTES || offset >= MAX_HELLO_BYTES;
  const length = joinRecords({ bytes: hellos.bytes, at, end });
  if (!isCut && !isFull && !isWholeHello(length)) return;
  noteClientHello(f, length);
  hellos.end(slot);
  flows.remove(hash);
}

/** Bytes of records: where they begin and end. */
interface Records {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
}

/** Whether the first `length` bytes of `message` hold all of it. */
function isWholeHello(length: number): boolean {
  return length >= 4 && length >= 4 + (message[1]! << 16) + (message[2]! << 8) + message[3]!;
}

/** Joins what the handshake records hold, in `message`; returns how much. A hello may be spread over several. */
function joinRecords({ bytes, at, end }: Records): number {
  let length = 0;
  for (let record = at; record + RECORD_BYTES <= end && bytes[record] === HANDSHAKE; ) {
    const next = record + RECORD_BYTES + (bytes[record + 3]! << 8) + bytes[record + 4]!;
    const part = bytes.subarray(record + RECORD_BYTES, Math.min(next, end));
    const kept = Math.min(part.length, MAX_HELLO_BYTES - length);
    message.set(part.subarray(0, kept), length);
    length += kept;
    record = next;
  }
  return length;
}

/** Notes what the first `length` bytes of `message` say. */
function noteClientHello(f: Frame, length: number): void {
  if (!hello.read(message, 0, length)) return;
  f.noteKind[f.row] = NoteKind.tlsClientHello;
  f.noteValue[f.row] = hello.messageBytes;
  writeHello(f, { hello, bytes: message, transport: 't' });
}

/** A hello that was read from `bytes`. */
interface ReadHello {
  readonly hello: ClientHello;
  readonly bytes: Uint8Array;
  readonly transport: 't' | 'q';
}

/** Writes code and text of a note about a client hello. */
export function writeHello(f: Frame, { hello: read, bytes, transport }: ReadHello): void {
  f.noteCode[f.row] = read.version;
  writeText(f, read.isWhole ? `${ja4(read, bytes, transport)} ` : '- ');
  const nameBytes = Math.min(read.serverNameBytes, MAX_NAME_BYTES);
  writeName(f, bytes.subarray(read.serverNameAt, read.serverNameAt + nameBytes));
}

/** Version and cipher suite that a server chose (RFC 8446 4.1.3); the version's extension may have been cut. */
function noteServerHello(f: Frame, at: number): void {
  const { bytes, view, row } = f;
  const end = Math.min(f.end, at + 4 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!));
  const sessionAt = at + 4 + 2 + RANDOM_BYTES;
  if (sessionAt >= end) return;
  const cipherAt = sessionAt + 1 + bytes[sessionAt]!;
  if (cipherAt + 2 > end) return;
  f.noteKind[row] = NoteKind.tlsServerHello;
  f.noteValue[row] = view.getUint16(cipherAt);
  f.noteCode[row] = chosenVersion(f, cipherAt + 5, end) || view.getUint16(at + 4);
}

/** What the extension of versions says among those at `from`; 0 without. */
function chosenVersion({ view }: Frame, from: number, end: number): number {
  for (let at = from; at + 6 <= end; at += 4 + view.getUint16(at + 2))
    if (view.getUint16(at) === SUPPORTED_VERSIONS) return view.getUint16(at + 4);
  return 0;
}
