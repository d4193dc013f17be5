import { createCipheriv } from 'node:crypto';
import * as build from '../packet-builder.js';
import { overUdp } from './carried.fixture.js';
import { CHROME, clientHello } from './hello.fixture.js';
import { headerMask, type InitialKeys, initialKeys, QuicVersion } from './quic-keys.js';

/** The connection id of RFC 9001 A. */
export const CONNECTION_ID = Uint8Array.from(Buffer.from('8394c8f03e515708', 'hex'));

/** What a test says of an Initial packet; the defaults are those of RFC 9001 A.2. */
export interface PacketFields {
  version?: number;
  packetNumber?: number;
  connectionId?: Uint8Array;
  keys?: InitialKeys;
  plainBytes?: number;
}

/** Protects an Initial packet as a client does (RFC 9001 5.3, 5.4). */
export function initialPacket(frames: Uint8Array, fields: PacketFields = {}): build.Bytes {
  const { version = 1, packetNumber = 2, connectionId = CONNECTION_ID, plainBytes = 1162 } = fields;
  const keys = fields.keys ?? initialKeys(version, connectionId)!;
  const plain = build.bytes(frames, build.fill(plainBytes - frames.length));
  const first = version === QuicVersion.v2 ? 0xd3 : 0xc3;
  const lengthField = build.u16(0x4000 | (plain.length + 20));
  const head = build.bytes(first, build.u32(version), connectionId.length, connectionId, [0, 0], lengthField);
  const header = build.bytes(head, build.u32(packetNumber));
  const nonce = Buffer.from(keys.iv);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ packetNumber) >>> 0, 8);
  const cipher = createCipheriv('aes-128-gcm', keys.key, nonce).setAAD(header);
  const sealed = build.bytes(cipher.update(plain), cipher.final(), cipher.getAuthTag());
  const mask = headerMask(keys, sealed.subarray(0, 16));
  header[0]! ^= mask[0]! & 15;
  for (let i = 0; i < 4; i++) header[head.length + i]! ^= mask[i + 1]!;
  return build.bytes(header, sealed);
}

const varint = (value: number) => build.u16(0x4000 | value);
/** A CRYPTO frame (RFC 9000 19.6). */
export const crypto = (offset: number, part: Uint8Array) => build.bytes(6, varint(offset), varint(part.length), part);

/** Two datagrams that carry a long hello in pieces, out of order. */
export function initialDatagrams(): build.Bytes[] {
  const hello = clientHello({ ...CHROME, keyBytes: 1300 });
  const piece = (from: number, to: number) => crypto(from, hello.subarray(from, to));
  const first = build.bytes(1, piece(900, 1200), 0, 0, piece(0, 300), 1, piece(600, 900));
  const second = build.bytes([2, 0, 0, 0, 0], piece(1200, hello.length), piece(300, 600));
  const ports = { source: 50000, destination: 443 };
  return [overUdp(initialPacket(first), ports), overUdp(initialPacket(second, { packetNumber: 3 }), ports)];
}
