import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, formatEndpoint, isIpv4, parseAddress } from './index.js';

const normal = (text: string) => formatAddress(parseAddress(text));
const address = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
const bytesOf = (groups: number[]) => Uint8Array.from(groups.flatMap((g) => [g >> 8, g & 255]));

describe('an address with a port', () => {
  it('stands in brackets where the port would read as part of it', () => {
    expect(formatEndpoint('192.0.2.1', 443)).toBe('192.0.2.1:443');
    expect(formatEndpoint('2001:db8::9', 443)).toBe('[2001:db8::9]:443');
  });
});

describe('an address in text', () => {
  // The rules and examples of RFC 5952 section 4, and RFC 4291 2.2.
  it.each([
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:DB8::AAAA:0:0:1', '2001:db8::aaaa:0:0:1'],
    ['2001:db8::0:1', '2001:db8::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['0:1:2:3:4:5:6:7', '0:1:2:3:4:5:6:7'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['::ffff:192.0.2.33', '192.0.2.33'],
    ['::ffff:c000:221', '192.0.2.33'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
  ])('%s is written %s', (text, expected) => {
    expect(normal(text)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    ':',
    ':::',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.-4',
    '1.2.3.4 ',
    '0x1.2.3.4',
    '1.2.3.',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    'g::',
    '1:2:3:4:5:6:7:8::',
    ':1:2:3:4:5:6:7',
    '::1:',
    '::1.2.3',
    '::1.2.3.4:5',
    '1.2.3.4::',
    'fe80::1%eth0',
    '1:2:3:4:5:6:7:1.2.3.4',
  ])('"%s" is refused by name', (text) => {
    expect(() => parseAddress(text)).toThrow(`"${text}" is not an IP address`);
  });

  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(address, (groups) => {
        const bytes = bytesOf(groups);
        const text = formatAddress(bytes);
        expect([...parseAddress(text)]).toEqual([...bytes]);
        expect(isIPv6(text) || isIpv4(bytes, 0)).toBe(true);
      }),
      { seed: 1 },
    );
  });

  it('is accepted or refused as the platform does, whatever it is', () => {
    const part = fc.constantFrom('0', '1', 'ffff', '00001', ':', '::', '.', '1.2.3.4', 'g', ' ');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 16 }), (parts) => {
        const text = parts.join('');
        if (!text.includes(':')) return;
        expect(accepts(text)).toBe(isIPv6(text));
      }),
      { seed: 2, numRuns: 3000 },
    );
  });

  it('is found at any place in a column', () => {
    const bytes = new Uint8Array(48);
    bytes.set(parseAddress('192.0.2.1'), 16);
    expect(isIpv4(bytes, 16)).toBe(true);
    expect(isIpv4(bytes, 0)).toBe(false);
    expect(formatAddress(bytes, 16)).toBe('192.0.2.1');
  });
});

function accepts(text: string): boolean {
  try {
    return parseAddress(text).length === 16;
  } catch {
    return false;
  }
}
