import { NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { cuts, decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { overUdp } from './carried.fixture.js';

describe('answers about local names', () => {
  const name = build.domain('FileServer');
  const pointer = build.bytes(0xc0, 12);
  const answerTo = (type: number, data: Uint8Array) =>
    build.dns({ flags: 0x8000, questions: [build.question(name, type)], answers: [build.record(pointer, type, data)] });
  const encoded = (text: string) =>
    build.bytes(
      32,
      ...[...text.padEnd(15), '\0'].map((c) => [0x41 + (c.charCodeAt(0) >>> 4), 0x41 + (c.charCodeAt(0) & 15)]),
      0,
    );
  const netbios = (flags: number, answers = 1) =>
    build.bytes(
      ...[build.u16(7), build.u16(flags), build.u16(0), build.u16(answers), build.u32(0), encoded('WPAD')],
      ...[build.u16(0x20), build.u16(1), build.u32(300), build.u16(6), build.u16(0), [10, 0, 0, 66]],
    );

  it('of LLMNR and multicast DNS give the address that the name is said to have', () => {
    for (const port of [5355, 5353]) {
      const rows = decodeRows([
        overUdp(answerTo(1, build.bytes([10, 0, 0, 66])), { source: port, destination: 50000 }),
        overUdp(answerTo(28, build.fill(16, 1)), { source: port, destination: 50000 }),
      ]);
      expect(rows.map((row) => [row.noteKind, row.noteCode, row.noteValue, row.noteText])).toEqual([
        [NoteKind.nameAnswer, port, 0x0a000042, 'fileserver'],
        [NoteKind.nameAnswer, port, 0, 'fileserver'],
      ]);
    }
  });

  it('of other types, and of servers of the whole network, stay DNS', () => {
    const rows = decodeRows([
      overUdp(answerTo(16, build.fill(4)), { source: 5353, destination: 5353 }),
      overUdp(answerTo(1, build.fill(4)), { source: 53, destination: 5353 }),
      overUdp(build.dns({ flags: 0x8000, questions: [build.question(name)] }), { source: 5355, destination: 50000 }),
    ]);
    expect(rows.map((row) => row.noteKind)).toEqual(Array.from({ length: 3 }, () => NoteKind.dnsResponse));
  });

  it('of NetBIOS are all noted; queries, refusals and registrations are not', () => {
    const ports = { source: 137, destination: 137 };
    const packets = [
      netbios(0x8500),
      netbios(0x8500),
      netbios(0x0110),
      netbios(0x8583),
      netbios(0xad80),
      netbios(0x8500, 0),
    ];
    const rows = decodeRows(packets.map((message) => overUdp(message, ports)));
    expect(rows.map((row) => [row.noteKind, row.noteCode, row.noteValue, row.noteText])).toEqual([
      ...Array.from({ length: 2 }, () => [NoteKind.nameAnswer, 137, 0x0a000042, 'wpad']),
      ...Array.from({ length: 4 }, () => [0, 0, 0, '']),
    ]);
  });

  it('cut anywhere are no breach', () => {
    const makers = [
      (destination: number) => overUdp(answerTo(1, build.fill(4, 9)), { source: 5355, destination }),
      (destination: number) => overUdp(netbios(0x8500), { source: 137, destination }),
    ];
    for (const make of makers)
      for (const row of decodeRows(cuts(make, 42))) {
        expect(row.breaches).toEqual([]);
        expect(row.noteKind).not.toBe(NoteKind.nameAnswer);
      }
  });
});
