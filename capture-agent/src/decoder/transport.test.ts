import { finish, hashAddress, hashEndpoint, hashFlow, NoteKind, TcpFlag } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { decodeRow, decodeRows, decodeTable } from './decode-rows.js';
import * as build from './packet-builder.js';

const over4 = (payload: Uint8Array, protocol: number, fields: build.Ipv4Fields = {}) =>
  build.ethernet(build.ipv4(payload, { protocol, ...fields }));
const over6 = (payload: Uint8Array, next: number, fields: build.Ipv6Fields = {}) =>
  build.ethernet(build.ipv6(payload, { next, ...fields }), { type: 0x86dd });

describe('TCP', () => {
  it('gives ports, flags, sequence numbers and window', () => {
    expect(decodeRow(over4(build.tcp(build.bytes('abc'), { headerWords: 8, flags: 0xd8 }), 6))).toMatchObject({
      sourcePort: 40000,
      destinationPort: 80,
      tcpFlags: TcpFlag.cwr | TcpFlag.ece | TcpFlag.ack | TcpFlag.psh,
      tcpSequence: 0x89abcdef,
      tcpAcknowledgment: 0xfedcba98,
      tcpWindow: 0xfff0,
      payloadBytes: 3,
      breaches: [],
    });
  });

  it.each([
    ['a header below five words', { headerWords: 4 }, ['transportLengthWrong']],
    ['a header past the packet', { headerWords: 5 }, []],
    ['port zero', { destination: 0 }, ['portZero']],
    ['SYN and FIN', { flags: TcpFlag.syn | TcpFlag.fin | TcpFlag.ack }, ['tcpFlagsIllegal']],
    ['SYN and RST', { flags: TcpFlag.syn | TcpFlag.rst }, ['tcpFlagsIllegal']],
    ['no flag', { flags: 0 }, ['tcpFlagsIllegal']],
    ['ECE alone', { flags: TcpFlag.ece }, ['tcpFlagsIllegal']],
    ['FIN alone', { flags: TcpFlag.fin }, ['tcpFlagsIllegal']],
    ['the Christmas tree', { flags: TcpFlag.fin | TcpFlag.psh | TcpFlag.urg }, ['tcpFlagsIllegal']],
    ['SYN with ECN', { flags: TcpFlag.syn | TcpFlag.ece | TcpFlag.cwr }, []],
    ['RST alone', { flags: TcpFlag.rst }, []],
  ])('%s: the breaches found', (_, fields, breaches) => {
    expect(decodeRow(over4(build.tcp(build.bytes(), fields), 6)).breaches).toEqual(breaches);
  });

  it('a data offset past the packet is a breach', () => {
    const segment = build.tcp(build.bytes());
    segment[12] = 0xf0;
    expect(decodeRow(over4(segment, 6)).breaches).toEqual(['transportLengthWrong']);
  });

  it('of a cut header what was captured is used', () => {
    const whole = over4(build.tcp(build.fill(100, 65)), 6);
    const cut = (bytes: number) => decodeRow({ data: whole.slice(0, bytes), wireBytes: whole.length });
    expect(cut(38)).toMatchObject({ sourcePort: 40000, destinationPort: 80, tcpSequence: 0, breaches: [] });
    expect(cut(48)).toMatchObject({ tcpSequence: 0x89abcdef, tcpFlags: 0x18, payloadBytes: 100, tcpWindow: 0 });
    expect(decodeRow(over4(build.fill(10, 1), 6)).breaches).toEqual(['transportTruncated']);
  });
});

describe('UDP and SCTP', () => {
  it('UDP gives ports and payload', () => {
    expect(decodeRow(over4(build.udp(build.fill(12)), 17))).toMatchObject({
      sourcePort: 40000,
      destinationPort: 9999,
      payloadBytes: 12,
      tcpFlags: 0,
      breaches: [],
    });
  });

  it.each([
    ['past the packet', 99, ['transportLengthWrong'], 12],
    ['below its header', 7, ['transportLengthWrong'], 12],
    ['zero, left to the card', 0, [], 12],
    ['shorter, with options behind', 15, [], 7],
  ])('a UDP length %s', (_, lengthBytes, breaches, payloadBytes) => {
    expect(decodeRow(over4(build.udp(build.fill(12), { lengthBytes }), 17))).toMatchObject({ breaches, payloadBytes });
  });

  it('UDP port zero and a cut header are breaches', () => {
    expect(decodeRow(over4(build.udp(build.fill(2), { source: 0 }), 17)).breaches).toEqual(['portZero']);
    expect(decodeRow(over4(build.fill(6, 1), 17)).breaches).toEqual(['transportTruncated']);
  });

  it('SCTP gives ports and what follows its header', () => {
    const packet = build.bytes(build.u16(5000), build.u16(2905), build.fill(8), build.fill(20));
    expect(decodeRow(over6(packet, 132))).toMatchObject({ sourcePort: 5000, destinationPort: 2905, payloadBytes: 20 });
  });

  it('SCTP that begins with an ABORT refuses, as RST does', () => {
    const packet = (type: number) =>
      build.bytes(build.u16(7), build.u16(5000), build.fill(8), Uint8Array.of(type, 0, 0, 4));
    expect(decodeRow(over4(packet(6), 132)).tcpFlags).toBe(TcpFlag.rst);
    expect(decodeRow(over4(packet(2), 132)).tcpFlags).toBe(0);
  });
});

describe('ICMP', () => {
  it('request and reply have mirrored ports and one flow hash', () => {
    const request = over4(build.icmp(8, 0, build.fill(40)), 1);
    const reply = over4(build.icmp(0, 0, build.fill(40)), 1, { source: '192.0.2.2', destination: '10.0.0.1' });
    const rows = decodeRows([request, reply]);
    expect(rows.map((r) => [r.sourcePort, r.destinationPort, r.payloadBytes])).toEqual([
      [8, 0, 36],
      [0, 8, 36],
    ]);
    expect(rows[0]!.flowHash).toBe(rows[1]!.flowHash);
  });

  it('one-way messages have type and code as ports, in both versions', () => {
    expect(decodeRow(over4(build.icmp(5, 1, build.fill(40)), 1))).toMatchObject({
      sourcePort: 5,
      destinationPort: 1,
      noteKind: 0,
    });
    expect(decodeRow(over6(build.icmp(137, 0, build.fill(40)), 58))).toMatchObject({
      sourcePort: 137,
      destinationPort: 0,
    });
    expect(decodeRow(over6(build.icmp(135, 0, build.fill(20)), 58))).toMatchObject({
      sourcePort: 135,
      destinationPort: 136,
    });
  });

  it('a message shorter than its type demands is a breach', () => {
    expect(decodeRow(over4(build.icmp(8, 0, build.fill(2)), 1)).breaches).toEqual(['icmpMalformed']);
    expect(decodeRow(over4(build.icmp(3, 3, build.fill(10)), 1)).breaches).toEqual(['icmpMalformed']);
    expect(decodeRow(over6(build.icmp(135, 0, build.fill(10)), 58)).breaches).toEqual(['icmpMalformed']);
    expect(decodeRow(over4(build.bytes(8), 1)).breaches).toEqual(['transportTruncated']);
  });

  it('an error notes the packet that it quotes', () => {
    const quoted = build.ipv4(build.udp(build.bytes(), { source: 53000, destination: 161 }), { protocol: 17 });
    const mapped = (address: number[]) => [...build.fill(10), 0xff, 0xff, ...address];
    expect(
      decodeRow(over4(build.icmp(3, 3, build.bytes(build.fill(4), quoted)), 1, { source: '192.0.2.2' })),
    ).toMatchObject({
      sourcePort: 3,
      destinationPort: 3,
      noteKind: NoteKind.icmpError,
      noteCode: 17,
      noteValue: 53000 * 65536 + 161,
      noteText: String.fromCharCode(...mapped([10, 0, 0, 1]), ...mapped([192, 0, 2, 2])),
    });
    const quoted6 = build.ipv6(build.udp(build.bytes(), { source: 1, destination: 2 }), { next: 17 });
    expect(decodeRow(over6(build.icmp(1, 4, build.bytes(build.fill(4), quoted6)), 58))).toMatchObject({
      noteKind: NoteKind.icmpError,
      noteCode: 17,
      noteValue: 65538,
      noteText: String.fromCharCode(...quoted6.subarray(8, 40)),
    });
  });

  it('a quoted fragment has no ports, and a cut quotation no note', () => {
    const quoted = build.ipv4(build.udp(build.fill(8)), { protocol: 17, flagsAndOffset: 5 });
    expect(decodeRow(over4(build.icmp(11, 0, build.bytes(build.fill(4), quoted)), 1))).toMatchObject({
      noteKind: 8,
      noteValue: 0,
    });
    const whole = over4(build.icmp(11, 0, build.bytes(build.fill(4), quoted)), 1);
    expect(decodeRow({ data: whole.slice(0, 50), wireBytes: whole.length })).toMatchObject({
      noteKind: 0,
      breaches: [],
    });
  });
});

describe('flow hash', () => {
  it('is the one of the contracts, for IPv4, IPv6 and tunnels', () => {
    const inner = build.ethernet(build.ipv6(build.udp(build.fill(3))), { type: 0x86dd });
    const tunnelled = build.udp(build.bytes([8, 0, 0, 0], [0xab, 0xcd, 0xef, 0], inner), { destination: 4789 });
    const { columns: c, count } = decodeTable([
      over4(build.tcp(build.fill(1)), 6),
      over6(build.udp(build.fill(1)), 17),
      over4(tunnelled, 17),
    ]);
    for (let row = 0; row < count; row++) {
      const a = hashEndpoint(hashAddress(c.sourceAddress.words, 4 * row), c.sourcePort[row]!);
      const b = hashEndpoint(hashAddress(c.destinationAddress.words, 4 * row), c.destinationPort[row]!);
      const rest = (c.protocol[row]! | (c.tunnelKind[row]! << 8)) ^ c.tunnelId[row]!;
      expect(c.flowHash[row]).toBe(hashFlow(a, b, rest));
    }
    expect(finish(0)).toBe(0);
  });

  it('both directions have the same', () => {
    const there = build.ipv6(build.tcp(build.bytes()));
    const back = build.ipv6(build.tcp(build.bytes(), { source: 80, destination: 40000 }), {
      source: there.slice(24, 40),
      destination: there.slice(8, 24),
    });
    const rows = decodeRows([there, back].map((packet) => build.ethernet(packet, { type: 0x86dd })));
    expect(rows[0]!.flowHash).toBe(rows[1]!.flowHash);
  });
});
