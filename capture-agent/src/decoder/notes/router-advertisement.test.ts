import { NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { decodeRow, decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';

describe('router advertisements', () => {
  const prefix = build.bytes([3, 4, 64, 0xc0], build.fill(12), [0x20, 1, 0x0d, 0xb8], build.fill(12));
  const advertisement = (...options: Uint8Array[]) => {
    const message = build.icmp(134, 0, build.bytes([64, 0], build.u16(1800), build.fill(8), ...options));
    return build.ethernet(build.ipv6(message, { next: 58 }), { type: 0x86dd });
  };
  const whole = advertisement(build.bytes([1, 1], [2, 0, 0, 0xab, 0xcd, 0xef]), prefix);

  it('are all noted with lifetime, MAC and prefixes', () => {
    for (const row of decodeRows([whole, whole, whole]))
      expect(row).toMatchObject({
        noteKind: NoteKind.routerAdvertisement,
        noteCode: 1800,
        noteValue: 1,
        noteText: '02:00:00:ab:cd:ef 2001:db8::/64',
      });
  });

  it('with many prefixes hold four, and options without length end them', () => {
    expect(decodeRow(advertisement(...Array.from({ length: 9 }, () => prefix)))).toMatchObject({
      noteValue: 9,
      noteText: '- 2001:db8::/64 2001:db8::/64 2001:db8::/64 2001:db8::/64',
    });
    expect(decodeRow(advertisement(build.fill(8), prefix))).toMatchObject({ noteValue: 0, noteText: '-' });
  });

  it('cut anywhere are no breach', () => {
    for (let captured = 62; captured < whole.length; captured++)
      expect(decodeRow({ data: whole.slice(0, captured), wireBytes: whole.length }).breaches).toEqual([]);
  });
});
