import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressColumn, hashAddress, hashBytes, hashEndpoint, hashFlow, parseAddress } from './index.js';

const word = fc.nat({ max: 0xffff_ffff });

function addressHash(text: string): number {
  return hashAddress(new AddressColumn(1, parseAddress(text)).words, 0);
}

/** Largest of `parts` bins over the mean, when `count` hashes are dealt by their remainder. 1 is perfectly even. */
function unevenness(count: number, parts: number, hash: (i: number) => number): number {
  const bins = new Uint32Array(parts);
  for (let i = 0; i < count; i++) bins[hash(i) % parts]!++;
  return (Math.max(...bins) * parts) / count;
}

describe('the flow hash', () => {
  it('is the same for both directions, and an unsigned 32-bit number', () => {
    fc.assert(
      fc.property(word, word, word, (a, b, rest) => {
        const hash = hashFlow(a, b, rest);
        expect(hash).toBe(hashFlow(b, a, rest));
        expect(hash).toBe(hash >>> 0);
      }),
      { seed: 1 },
    );
  });

  it('depends on either port, the protocol and the tunnel', () => {
    const [a, b] = [addressHash('10.0.0.1'), addressHash('10.0.0.2')];
    const flow = (p: number, q: number, rest: number) => hashFlow(hashEndpoint(a, p), hashEndpoint(b, q), rest);
    const hashes = [flow(1, 2, 6), flow(2, 1, 6), flow(1, 3, 6), flow(1, 2, 17), flow(1, 2, 6 | (3 << 8))];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('does not collapse when both ends are the same', () => {
    const hashes = new Set(Array.from({ length: 1000 }, (_, i) => hashFlow(i, i, 6)));
    expect(hashes.size).toBe(1000);
  });

  it.each([2, 4, 32, 1024])('deals the ports of one pair of hosts evenly over %i partitions', (parts) => {
    const [a, b] = [addressHash('192.0.2.1'), addressHash('198.51.100.7')];
    const scan = (i: number) => hashFlow(hashEndpoint(a, 40000), hashEndpoint(b, i), 6);
    // 64 a bin on average at the most parts: five standard deviations are 1.63.
    expect(unevenness(65_536, parts, scan)).toBeLessThan(1.65);
  });

  it.each([2, 32])('deals spoofed sources in a row evenly over %i partitions', (parts) => {
    const column = new AddressColumn(1, parseAddress('10.0.0.0'));
    const victim = hashEndpoint(addressHash('192.0.2.80'), 80);
    const flood = (i: number) => {
      column.bytes.set([i >>> 16, (i >>> 8) & 255, i & 255], 13);
      return hashFlow(hashEndpoint(hashAddress(column.words, 0), 1024), victim, 6);
    };
    expect(unevenness(65_536, parts, flood)).toBeLessThan(1.15);
  });
});

describe('the address hash', () => {
  it('tells an IPv4 address from IPv6 addresses outside ::/64 that end alike', () => {
    const hashes = ['10.0.0.1', '64:ff9b::10.0.0.1', '2001:db8::a00:1', '2001:db9::a00:1'].map(addressHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('depends on each of the sixteen bytes', () => {
    const base = parseAddress('2001:db8:1:2:3:4:5:6');
    const hashes = new Set([hashAddress(new AddressColumn(1, base).words, 0)]);
    for (let i = 0; i < 16; i++) {
      const changed = base.slice();
      changed[i]! ^= 1;
      hashes.add(hashAddress(new AddressColumn(1, changed).words, 0));
    }
    expect(hashes.size).toBe(17);
  });
});

describe('the byte hash', () => {
  it('reads only its range', () => {
    const bytes = Uint8Array.from([9, 1, 2, 3, 9]);
    expect(hashBytes(bytes, 1, 4)).toBe(hashBytes(Uint8Array.from([1, 2, 3])));
    expect(hashBytes(bytes, 1, 1)).toBe(hashBytes(new Uint8Array(0)));
  });

  it('gives different names different numbers', () => {
    const names = Array.from({ length: 5000 }, (_, i) => Buffer.from(`host${i}.example`));
    expect(new Set(names.map((name) => hashBytes(name))).size).toBe(5000);
  });
});

it('the hashes are wire format: these never change', () => {
  expect(addressHash('192.0.2.1')).toBe(HASHES.v4);
  expect(addressHash('2001:db8::1')).toBe(HASHES.v6);
  expect(hashEndpoint(1, 443)).toBe(HASHES.endpoint);
  expect(hashFlow(1, 2, 6)).toBe(HASHES.flow);
  expect(hashBytes(Buffer.from('weir'))).toBe(HASHES.bytes);
});

/** Recorded when the format was fixed, on a little-endian machine. */
const HASHES = { v4: 636_928_845, v6: 1_500_761_752, endpoint: 1_401_529_544, flow: 208_328_731, bytes: 1_866_370_673 };
