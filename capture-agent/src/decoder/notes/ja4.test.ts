import { describe, expect, it } from 'vitest';
import * as build from '../packet-builder.js';
import { ClientHello } from './client-hello.js';
import { CHROME, CHROME_JA4, clientHello, type HelloFields } from './hello.fixture.js';
import { ja4 } from './ja4.js';

const fingerprint = (fields: HelloFields, transport: 't' | 'q' = 't') => {
  const bytes = clientHello(fields);
  const hello = new ClientHello();
  expect(hello.read(bytes, 0, bytes.length)).toBe(true);
  expect(hello.isWhole).toBe(true);
  return ja4(hello, bytes, transport);
};

const OPERA: HelloFields = {
  ...CHROME,
  extensions: [
    ...[0xfe0d, 0x0033, 0xff01, 0x0017, 0x001b, 0x000a, 0x0000, 0x0010, 0x0005, 0x002b, 0x002d, 0x0012, 0x000b],
    ...[0x44cd, 0x000d, 0x0023],
  ],
};
const QUIC: HelloFields = {
  ciphers: [0x1302, 0x1301, 0x1303],
  extensions: [0x33, 0x2b, 0x0d, 0x0a, 0x2d, 0, 0x10, 0x39, 0x2a, 0x29],
  serverName: 'example.com',
  protocols: ['h3'],
  versions: [0x0304],
  signatureAlgorithms: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0201, 0x0807, 0x0808],
};

describe('JA4', () => {
  it.each([
    ['the example of its description', CHROME, 't', CHROME_JA4],
    // From the test of an HTTP client that imitates Opera 129 (raw form and hash).
    ['Opera 129', OPERA, 't', 't13d1516h2_8daaf6152771_d8a2da3f94cd'],
    // From the output of tshark 4.4 over a QUIC connection that is resumed (raw form and hash).
    ['QUIC with a session that is resumed', QUIC, 'q', 'q13d0310h3_55b375c5d22e_43a52939c45c'],
  ] as const)('of %s is as published', (_, fields, transport, expected) => {
    expect(fingerprint(fields, transport)).toBe(expected);
  });

  it('does not change with the order of extensions and cipher suites, nor with GREASE', () => {
    const turned = (list: readonly number[]) => [...list].reverse().map((code) => (code === 0x2a2a ? 0xfafa : code));
    const shuffled = { ...CHROME, ciphers: turned(CHROME.ciphers!), extensions: turned(CHROME.extensions!) };
    expect(fingerprint(shuffled)).toBe(CHROME_JA4);
    const greased = { ...CHROME, signatureAlgorithms: [0x3a3a, ...CHROME.signatureAlgorithms!] };
    expect(fingerprint(greased)).toBe(CHROME_JA4);
  });

  it('changes with the order of signature algorithms', () => {
    const turned = { ...CHROME, signatureAlgorithms: [...CHROME.signatureAlgorithms!].reverse() };
    expect(fingerprint(turned)).not.toBe(CHROME_JA4);
  });

  it.each([
    [{ version: 0x0301 }, 't10i010000_'],
    [{ version: 0x0300 }, 't s3i010000_'.replace(' ', '')],
    [{ version: 0x0002 }, 'ts2i010000_'],
    [{ version: 0x1234 }, 't00i010000_'],
    [{ extensions: [0x2b], versions: [0x0302, 0x0304, 0x7a7a] }, 't13i010100_'],
    [{ extensions: [0], serverName: 'a.example' }, 't12d010100_'],
    [{ ciphers: Array.from({ length: 150 }, (_, i) => i + 1) }, 't12i990000_'],
    [{ extensions: [0x10], protocols: ['http/1.1'] }, 't12i0101h1_'],
    [{ extensions: [0x10], protocols: ['x'] }, 't12i0101xx_'],
    [{ extensions: [0x10], protocols: [build.bytes([0xab])] }, 't12i0101ab_'],
    [{ extensions: [0x10], protocols: [build.bytes([0xab, 0xcd])] }, 't12i0101ad_'],
    [{ extensions: [0x10], protocols: [build.bytes([0x30, 0x31, 0xab, 0xcd])] }, 't12i01013d_'],
  ] as const)('of %j begins with %s', (fields, head) => {
    expect(fingerprint(fields)).toMatch(new RegExp(`^${head}`));
  });

  it('of nothing to hash has zeros', () => {
    expect(fingerprint({ ciphers: [0x2a2a] })).toBe('t12i000000_000000000000_000000000000');
    expect(fingerprint({ extensions: [0, 16], serverName: 'a', protocols: ['h2'] })).toMatch(/_000000000000$/);
  });
});

describe('a client hello', () => {
  const message = clientHello(CHROME);

  it('that is cut anywhere is not whole, and nothing behind the cut is read', () => {
    const hello = new ClientHello();
    for (let end = 0; end < message.length; end++) {
      const other = message.slice();
      other.fill(0xff, end);
      const isRead = hello.read(message, 0, end);
      expect(hello.isWhole).toBe(false);
      const seen = [isRead, hello.ciphers.count, hello.extensions.count, hello.version, hello.serverNameBytes];
      expect(
        [hello.read(other, 0, end), hello.ciphers.count, hello.extensions.count, hello.version].slice(0, 4),
      ).toEqual(seen.slice(0, 4));
    }
  });

  it('whose lengths lie is not whole', () => {
    const hello = new ClientHello();
    // Each byte in turn as large as it can be: lengths pass the end, other bytes do not matter.
    let broken = 0;
    for (let at = 1; at < message.length; at++) {
      const other = message.slice();
      other[at] = 0xff;
      hello.read(other, 0, other.length);
      expect(hello.serverNameBytes).toBeLessThan(message.length);
      if (!hello.isWhole) broken++;
    }
    // Two bytes each of message (less the highest), ciphers and extensions, one of session and compression, and more.
    expect(broken).toBeGreaterThan(20);
  });

  it('with more entries than any client offers is not whole', () => {
    const bytes = clientHello({ ciphers: Array.from({ length: 600 }, (_, i) => i) });
    const hello = new ClientHello();
    hello.read(bytes, 0, bytes.length);
    expect(hello.isWhole).toBe(false);
  });
});
