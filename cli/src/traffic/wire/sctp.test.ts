import { describe, expect, it } from 'vitest';
import { ascii } from './bytes.js';
import { crc32c } from './sctp.js';

describe('CRC32c', () => {
  // RFC 3720, B.4, and the usual check value of the digits 1 to 9.
  it('gives the known answers', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
  });
});
