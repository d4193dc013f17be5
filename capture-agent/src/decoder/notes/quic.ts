import { NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { ClientHello } from './client-hello.js';
import { Follow } from './followed-flows.js';
import { MAX_HELLO_BYTES } from './hello-store.js';
import { decryptInitial, headerMask, type InitialKeys, initialKeys, QuicVersion } from './quic-keys.js';
import { type HelloContext, writeHello } from './tls.js';

const MAX_CONNECTION_ID_BYTES = 20;
/** Clients choose at least as many for a new connection (RFC 9000 7.2). */
const MIN_CLIENT_ID_BYTES = 8;
const SAMPLE_BYTES = 16;
const TAG_BYTES = 16;
/** Deriving keys takes some 50 µs: more in a second of packet time than this are not looked into. */
const MAX_INITIALS_PER_SECOND = 200;

const FrameType = { padding: 0, ping: 1, acknowledgment: 2, acknowledgmentWithEcn: 3, crypto: 6 } as const;

const hello = new ClientHello();

/** Keys of the connections whose hello is waited for, by slot of the store, and what was spent. */
export class QuicState {
  readonly keys: (InitialKeys | undefined)[] = [];
  private second = 0;
  private spent = 0;

  /** Whether another Initial may be looked into at this time. */
  mayLook(timeUs: number): boolean {
    const second = Math.floor(timeUs / 1e6);
    if (second !== this.second) this.spent = 0;
    this.second = second;
    return ++this.spent <= MAX_INITIALS_PER_SECOND;
  }
}

/** What notes of QUIC need of the decoder. */
export interface QuicContext extends HelloContext {
  readonly quic: QuicState;
}

/** An Initial packet's parts: positions in the frame's bytes. */
interface Initial {
  readonly version: number;
  readonly connectionId: Uint8Array;
  /** Packet number, still protected. */
  readonly numberAt: number;
  /** Where the packet ends on the wire. */
  readonly packetEnd: number;
}

/** Notes the client hello of the Initial that a flow begins with; one that goes on in the next datagram is waited for. */
export function noteQuic(f: Frame, context: QuicContext): void {
  // A server's Initial needs the connection id that its client chose.
  if (f.sourcePort[f.row]! < f.destinationPort[f.row]!) return;
  const initial = readInitial(f);
  if (initial === undefined || initial.connectionId.length < MIN_CLIENT_ID_BYTES) return;
  if (!context.quic.mayLook(f.timeUs[f.row]!)) return;
  const keys = initialKeys(initial.version, initial.connectionId);
  if (keys === undefined) return;
  const slot = context.hellos.begin(f.flowHash[f.row]!, 0);
  context.quic.keys[slot] = keys;
  context.flows.add(f.flowHash[f.row]!, Follow.quic, context.direction);
  addInitial(f, context, initial);
}

/** A further datagram of a client whose hello is waited for. */
export function continueQuic(f: Frame, context: QuicContext): void {
  const slot = context.hellos.find(f.flowHash[f.row]!);
  const initial = readInitial(f);
  if (slot < 0) context.flows.remove(f.flowHash[f.row]!);
  else if (initial !== undefined && context.quic.mayLook(f.timeUs[f.row]!)) addInitial(f, context, initial);
}

function addInitial(f: Frame, { hellos, flows, quic }: QuicContext, initial: Initial): void {
  const slot = hellos.find(f.flowHash[f.row]!);
  const keys = quic.keys[slot];
  const plain = keys === undefined ? undefined : decrypt(f, keys, initial);
  if (plain === undefined) return;
  forEachCrypto(plain, (offset, part) => hellos.add(slot, offset, part));
  const [at, end] = [hellos.start(slot), hellos.prefixEnd(slot)];
  const isRead = hello.read(hellos.bytes, at, end);
  const isCut = f.end < f.wireEnd || end - at === MAX_HELLO_BYTES;
  if (!isCut && !(isRead && end - at >= hello.messageBytes)) return;
  f.noteKind[f.row] = NoteKind.quicInitial;
  f.noteValue[f.row] = initial.version;
  if (isRead) writeHello(f, { hello, bytes: hellos.bytes, transport: 'q' });
  hellos.end(slot);
  flows.remove(f.flowHash[f.row]!);
}

/** The long header of an Initial packet (RFC 9000 17.2.2); undefined for anything else. */
function readInitial({ bytes, view, payloadAt: at, end }: Frame): Initial | undefined {
  if (at + 7 > end) return undefined;
  const version = view.getUint32(at + 1);
  // Fixed bit, long form, and the type, which version 2 numbers anew (RFC 9369 3.2).
  if ((bytes[at]! & 0xf0) !== (version === QuicVersion.v2 ? 0xd0 : 0xc0)) return undefined;
  const idBytes = bytes[at + 5]!;
  const sourceIdAt = at + 6 + idBytes;
  if (idBytes > MAX_CONNECTION_ID_BYTES || sourceIdAt >= end) return undefined;
  const reader = new VarintReader(bytes, sourceIdAt + 1 + bytes[sourceIdAt]!, end);
  const tokenBytes = reader.next();
  reader.at += tokenBytes;
  const length = reader.next();
  if (reader.isBroken || reader.at + 4 + SAMPLE_BYTES > end) return undefined;
  const connectionId = bytes.subarray(at + 6, sourceIdAt);
  return { version, connectionId, numberAt: reader.at, packetEnd: reader.at + length };
}

/** Takes off the header protection (RFC 9001 5.4.1) and decrypts what was captured; undefined when the keys do not fit. */
function decrypt(f: Frame, keys: InitialKeys, { numberAt, packetEnd }: Initial): Uint8Array | undefined {
  const { bytes } = f;
  const mask = headerMask(keys, bytes.subarray(numberAt + 4, numberAt + 4 + SAMPLE_BYTES));
  const first = bytes[f.payloadAt]! ^ (mask[0]! & 15);
  // Reserved bits are zero in every valid packet.
  if ((first & 0x0c) !== 0) return undefined;
  const numberBytes = (first & 3) + 1;
  let packetNumber = 0;
  for (let i = 0; i < numberBytes; i++) packetNumber = (packetNumber << 8) | (bytes[numberAt + i]! ^ mask[i + 1]!);
  const payloadEnd = Math.min(f.end, packetEnd - TAG_BYTES);
  if (payloadEnd <= numberAt + numberBytes) return undefined;
  return decryptInitial(keys, packetNumber >>> 0, bytes.subarray(numberAt + numberBytes, payloadEnd));
}

/** Calls for the data of each CRYPTO frame (RFC 9000 19); the last may be cut. Ends at frames that Initials do not have. */
function forEachCrypto(plain: Uint8Array, use: (offset: number, part: Uint8Array) => void): void {
  const reader = new VarintReader(plain, 0, plain.length);
  while (reader.at < plain.length && !reader.isBroken) {
    const type = reader.next();
    if (type === FrameType.padding || type === FrameType.ping) continue;
    if (type === FrameType.acknowledgment || type === FrameType.acknowledgmentWithEcn) skipAcknowledgment(reader, type);
    else if (type === FrameType.crypto) {
      const offset = reader.next();
      const length = reader.next();
      if (reader.isBroken) return;
      use(Math.min(offset, MAX_HELLO_BYTES), plain.subarray(reader.at, reader.at + length));
      reader.at += length;
    } else return;
  }
}

function skipAcknowledgment(reader: VarintReader, type: number): void {
  reader.next();
  reader.next();
  const ranges = reader.next();
  const more = 1 + 2 * ranges + (type === FrameType.acknowledgmentWithEcn ? 3 : 0);
  for (let i = 0; i < more && !reader.isBroken; i++) reader.next();
}

/** Integers of variable length (RFC 9000 16); broken when one passes the end. */
class VarintReader {
  isBroken = false;

  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
    private readonly end: number,
  ) {}

  next(): number {
    const first = this.at < this.end ? this.bytes[this.at]! : 0;
    const length = 1 << (first >>> 6);
    if (this.at + length > this.end) {
      this.isBroken = true;
      return 0;
    }
    let value = first & 63;
    for (let i = 1; i < length; i++) value = value * 256 + this.bytes[this.at + i]!;
    this.at += length;
    return value;
  }
}
