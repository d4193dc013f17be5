import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MOST_BLOCK_BYTES, SHA1_BYTES, sha1OfBlock } from './sha1-block.js';

function digestOf(message: Uint8Array): string {
  const digest = new Uint8Array(SHA1_BYTES);
  sha1OfBlock(message, message.length, digest);
  return Buffer.from(digest).toString('hex');
}

describe('SHA-1 of a short message', () => {
  // FIPS 180-2, appendix A.1; RFC 3174, section 7.3.
  it.each([
    ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ])('of "%s" is the published one', (text, digest) => {
    expect(digestOf(Buffer.from(text))).toBe(digest);
  });

  it('is what the platform makes of it, at every length', () => {
    for (let lengthBytes = 0; lengthBytes <= MOST_BLOCK_BYTES; lengthBytes++) {
      const message = Uint8Array.from({ length: lengthBytes }, (_, at) => (at * 151 + lengthBytes * 97) & 0xff);
      expect(digestOf(message)).toBe(createHash('sha1').update(message).digest('hex'));
    }
  });

  it('is refused for a message that needs a second block', () => {
    expect(() => digestOf(new Uint8Array(MOST_BLOCK_BYTES + 1))).toThrow('56 bytes do not fit');
  });
});
