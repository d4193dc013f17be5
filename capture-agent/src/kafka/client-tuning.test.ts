import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type Encoder, tuneEncoder } from './client-tuning.js';
import { crc32c } from './crc32c.js';

const require = createRequire(import.meta.url);

/** The client's encoder class, loaded anew, as it comes. */
function freshEncoder(): { new (): Encoder; prototype: Encoder } {
  const path = require.resolve('kafkajs/src/protocol/encoder');
  const module = { exports: {} };
  const load = runInThisContext(`(require, module) => {${readFileSync(path, 'utf8')}\n}`);
  load(createRequire(path), module);
  return module.exports as { new (): Encoder; prototype: Encoder };
}

/** Writes nested messages with pieces of these lengths, as the client nests a request. */
function write(encoderClass: { new (): Encoder }, lengths: readonly number[]): { bytes: Buffer; sizes: number[] } {
  const sizes: number[] = [];
  const piece = (length: number) => Buffer.alloc(length, length % 251);
  const records = lengths.map((length) => new encoderClass().writeInt32(length).writeBytes(piece(length)));
  const body = new encoderClass().writeInt32(7).writeEncoderArray(records);
  sizes.push(body.size());
  const sum = crc32c(body.buffer);
  const batch = new encoderClass().writeInt32(sum | 0).writeEncoder(body);
  const whole = new encoderClass().writeBytes(batch.buffer).writeBytes('text').writeBytes(null);
  const request = new encoderClass().writeInt32(whole.size()).writeEncoder(whole).writeEncoder(whole);
  sizes.push(batch.size(), whole.size(), request.size());
  const bytes = request.buffer;
  // Asked twice, as the client does.
  expect(request.buffer.equals(bytes)).toBe(true);
  return { bytes, sizes };
}

describe('the tuned encoder', () => {
  const [plain, tuned] = [freshEncoder(), freshEncoder()];
  tuneEncoder(tuned.prototype);

  it.each([
    ['no pieces', []],
    ['an empty piece', [0]],
    ['pieces about the limit', [1023, 1024, 1025]],
    ['small and large pieces', [5000, 3, 0, 100_000, 64, 63]],
    ['many pieces', Array.from({ length: 200 }, (_, i) => (i * 7919) % 4096)],
  ])('writes the bytes of the client for %s', (_, lengths) => {
    const [expected, written] = [write(plain, lengths), write(tuned, lengths)];
    expect(written.sizes).toEqual(expected.sizes);
    expect(written.bytes.equals(expected.bytes)).toBe(true);
  });
});

describe('crc32c', () => {
  // RFC 3720 B.4, and the check value of the catalogue of parametrised CRC algorithms.
  it.each([
    ['nothing', new Uint8Array(0), 0],
    ['32 zeros', new Uint8Array(32), 0x8a91_36aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8_ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd_794e],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113f_db5c],
    ['"123456789"', Buffer.from('123456789'), 0xe306_9283],
  ])('gives the published value of %s', (_, bytes, sum) => {
    expect(crc32c(bytes)).toBe(sum);
  });

  it('equals the sum byte by byte of the client for every length', () => {
    const byByte = require('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Uint8Array) => number;
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * 167) & 255);
    for (let length = 0; length <= 100; length++)
      expect(crc32c(bytes.subarray(0, length))).toBe(byByte(bytes.subarray(0, length)));
  });
});
