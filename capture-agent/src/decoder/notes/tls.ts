import { NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { ClientHello } from './client-hello.js';
import { Follow, type FollowedFlows } from './followed-flows.js';
import { type HelloStore, MAX_HELLO_BYTES } from './hello-store.js';
import { ja4 } from './ja4.js';
import { writeName, writeText } from './note-text.js';

const RECORD_BYTES = 5;
const HANDSHAKE = 22;
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

/** Notes the client hello that the segment begins with; one that goes on in the next segment is waited for. */
export function noteClientHello(f: Frame, { flows, hellos, direction }: HelloContext): void {
  const hash = f.flowHash[f.row]!;
  const isCut = f.end < f.wireEnd;
  const length = joinRecords({ bytes: f.bytes, at: f.payloadAt, end: f.end });
  if (isCut || isWholeHello(length)) {
    writeMessage(f, length);
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
  writeMessage(f, length);
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
function writeMessage(f: Frame, length: number): void {
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
