import { NOTE_CODE_RESPONSE, NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { cuts, decodeRow, decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { overUdp, told } from './carried.fixture.js';

describe('DHCP', () => {
  const option = (type: number, value: Uint8Array | readonly number[] | string) =>
    build.bytes(type, value.length, value);
  const message = (operation: number, ...options: Uint8Array[]) =>
    build.bytes(
      [operation, 1, 6, 0],
      build.fill(24),
      [2, 0, 0, 0xab, 0xcd, 0xef],
      build.fill(202),
      build.u32(0x63825363),
      ...options,
      255,
    );
  const offer = message(
    ...[2, option(53, [2]), build.bytes(0), option(54, [10, 0, 0, 1]), option(3, [10, 0, 0, 254, 1, 2, 3, 4])],
    option(6, [10, 0, 0, 53]),
  );
  const discover = message(1, option(53, [1]), option(12, 'Laptop 7'));
  const broadcast = { source: '0.0.0.0', destination: '255.255.255.255' };

  it('messages of one flow are all noted', () => {
    const rows = decodeRows([
      overUdp(discover, { source: 68, destination: 67 }, broadcast),
      overUdp(message(1, option(53, [3])), { source: 68, destination: 67 }, broadcast),
      overUdp(offer, { source: 67, destination: 68 }, { source: '10.0.0.1', destination: '255.255.255.255' }),
    ]);
    expect(rows.map((row) => [row.noteKind, row.noteCode, row.noteValue, row.noteText])).toEqual([
      [NoteKind.dhcp, 1, 0, '02:00:00:ab:cd:ef - - laptop.7'],
      [NoteKind.dhcp, 3, 0, '02:00:00:ab:cd:ef - - '],
      [NoteKind.dhcp, 2 | NOTE_CODE_RESPONSE, 0x0a000001, '02:00:00:ab:cd:ef 10.0.0.254 10.0.0.53 '],
    ]);
  });

  it('messages cut anywhere, or with options that lie, tell what is there', () => {
    const rows = decodeRows(cuts((source) => overUdp(offer, { source: 67, destination: source }), 42));
    const texts = rows.map((row) => row.noteText).filter((text) => text !== '');
    expect(new Set(texts)).toEqual(
      new Set(['02:00:00:ab:cd:ef - - ', '02:00:00:ab:cd:ef 10.0.0.254 - ', '02:00:00:ab:cd:ef 10.0.0.254 10.0.0.53 ']),
    );
    const lying = message(2, option(53, [5]), build.bytes(54, 200, 1));
    expect(decodeRow(overUdp(lying, { source: 67, destination: 68 }))).toMatchObject({
      noteCode: 5 | NOTE_CODE_RESPONSE,
      noteValue: 0,
    });
  });

  it('of IPv6 gives the client from its identifier, and the DNS server', () => {
    const option6 = (type: number, value: Uint8Array) => build.bytes(build.u16(type), build.u16(value.length), value);
    const reply = build.bytes(
      ...[7, [0, 0, 1], option6(1, build.bytes([0, 1, 0, 1], build.u32(5), [2, 0, 0, 0xab, 0xcd, 0xef]))],
      option6(23, build.bytes([0x20, 1, 0x0d, 0xb8], build.fill(11), 0x53)),
    );
    const packet = (payload: Uint8Array) =>
      build.ethernet(build.ipv6(build.udp(payload, { source: 547, destination: 546 }), { next: 17 }), { type: 0x86dd });
    expect(decodeRow(packet(reply))).toMatchObject({
      noteKind: NoteKind.dhcp,
      noteCode: 7 | 0x100 | NOTE_CODE_RESPONSE,
      noteText: '02:00:00:ab:cd:ef - 2001:db8::53 ',
    });
    expect(told([packet(build.bytes(1, [0, 0, 1], [0, 1, 0xff, 0xff, 0, 3]))])).toEqual([[0x101, '- - - ']]);
  });
});
