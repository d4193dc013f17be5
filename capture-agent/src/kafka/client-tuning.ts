import { createRequire } from 'node:module';
import { crc32c } from './crc32c.js';

/** As much of the client's encoder as is replaced. It writes to `buf` up to `offset`. */
export interface Encoder {
  buf: Buffer;
  offset: number;
  readonly buffer: Buffer;
  /** Finished parts that come before what is in `buf`. */
  parts?: Buffer[] | undefined;
  partsBytes?: number;
  size(): number;
  ensureAvailable(length: number): void;
  writeInt32(value: number): Encoder;
  writeBytes(value: unknown): Encoder;
  writeBufferInternal(bytes: Buffer): void;
  writeEncoder(other: Encoder): Encoder;
  writeEncoderArray(others: readonly Encoder[]): Encoder;
}

/** Shorter pieces are cheaper to copy than to keep apart. */
const KEPT_APART_BYTES = 1024;
const NEW_BUFFER_BYTES = 64;

/**
 * Replaces how the client's encoder puts bytes together. Kept as it is, it copies a message nine times on its way to the
 * socket, each time into a larger buffer filled with zeros; now large pieces are kept apart and joined where the client
 * asks for the bytes, which are the same.
 */
export function tuneEncoder(encoder: Encoder): void {
  const { writeBytes } = encoder;
  Object.assign(encoder, {
    ensureAvailable,
    writeBufferInternal,
    size(this: Encoder) {
      return (this.partsBytes ?? 0) + this.offset;
    },
    writeBytes(this: Encoder, value: unknown) {
      if (!Buffer.isBuffer(value)) return writeBytes.call(this, value);
      this.writeInt32(value.length);
      this.writeBufferInternal(value);
      return this;
    },
    writeEncoder(this: Encoder, other: Encoder) {
      append(this, other);
      return this;
    },
    writeEncoderArray(this: Encoder, others: readonly Encoder[]) {
      for (const other of others) append(this, other);
      return this;
    },
  });
  Object.defineProperty(encoder, 'buffer', { get: joined, configurable: true });
}

function ensureAvailable(this: Encoder, length: number): void {
  const needed = this.offset + length;
  if (needed <= this.buf.length) return;
  const larger = Buffer.allocUnsafe(2 * needed);
  this.buf.copy(larger, 0, 0, this.offset);
  this.buf = larger;
}

function writeBufferInternal(this: Encoder, bytes: Buffer): void {
  if (bytes.length < KEPT_APART_BYTES) {
    this.ensureAvailable(bytes.length);
    bytes.copy(this.buf, this.offset);
    this.offset += bytes.length;
    return;
  }
  this.parts ??= [];
  if (this.offset > 0) this.parts.push(this.buf.subarray(0, this.offset));
  this.parts.push(bytes);
  this.partsBytes = (this.partsBytes ?? 0) + this.offset + bytes.length;
  this.buf = Buffer.allocUnsafe(NEW_BUFFER_BYTES);
  this.offset = 0;
}

function append(to: Encoder, from: Encoder): void {
  for (const part of from.parts ?? []) to.writeBufferInternal(part);
  to.writeBufferInternal(from.buf.subarray(0, from.offset));
}

function joined(this: Encoder): Buffer {
  if (this.parts !== undefined) {
    this.buf = Buffer.concat([...this.parts, this.buf.subarray(0, this.offset)]);
    this.offset = this.buf.length;
    this.parts = undefined;
    this.partsBytes = 0;
  }
  return this.buf.subarray(0, this.offset);
}

/** The client is no longer developed; this is the release whose inside is known. */
const KNOWN_VERSION = '2.2.4';

/**
 * Tunes the client package: its encoder, and its checksum, which takes one byte at a time. Must be called before the
 * client is loaded for the first time; any other release is left as it is, and works as well.
 */
export function tuneClient(): void {
  const require = createRequire(import.meta.url);
  const { version } = require('kafkajs/package.json') as { version: string };
  if (version !== KNOWN_VERSION) return;
  require('kafkajs/src/protocol/recordBatch/crc32C');
  const checksum = require.resolve('kafkajs/src/protocol/recordBatch/crc32C');
  (require.cache[checksum] as NodeJS.Module).exports = crc32c;
  const { prototype } = require('kafkajs/src/protocol/encoder') as { prototype: Encoder };
  // A second call would take the first one's methods for the client's own.
  if (prototype.writeBufferInternal !== writeBufferInternal) tuneEncoder(prototype);
}
