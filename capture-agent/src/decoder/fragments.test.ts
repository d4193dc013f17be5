import { describe, expect, it } from 'vitest';
import { type Captured, decodeRows } from './decode-rows.js';
import * as build from './packet-builder.js';

const MORE = 0x2000;
const datagram = build.udp(build.fill(40), { source: 1111, destination: 2222, lengthBytes: 48 });

/** The part of the datagram from 8-byte unit `first` up to `end`. */
function part(first: number, end: number, fields: build.Ipv4Fields = {}): Uint8Array {
  const more = end * 8 < datagram.length ? MORE : 0;
  const payload = datagram.slice(first * 8, end * 8);
  return build.ethernet(build.ipv4(payload, { protocol: 17, id: 77, flagsAndOffset: more | first, ...fields }));
}

function part6(first: number, end: number, id = 5): Uint8Array {
  const more = end * 8 < datagram.length ? 1 : 0;
  const header = build.bytes(17, 0, build.u16((first << 3) | more), build.u32(id), datagram.slice(first * 8, end * 8));
  return build.ethernet(build.ipv6(header, { next: 44 }), { type: 0x86dd });
}

const ports = (packets: readonly (Uint8Array | Captured)[]) => decodeRows(packets).map((row) => row.sourcePort);
const breaches = (packets: readonly (Uint8Array | Captured)[]) => decodeRows(packets).map((row) => row.breaches);

describe('fragments', () => {
  it.each([
    ['IPv4', part],
    ['IPv6', part6],
  ] as const)('later ones of %s take the ports and flow of the first', (_, cut) => {
    const rows = decodeRows([cut(0, 3), cut(3, 5), cut(5, 6)]);
    expect(rows.map((row) => [row.sourcePort, row.destinationPort, row.payloadBytes, row.breaches.length])).toEqual([
      [1111, 2222, 16, 0],
      [1111, 2222, 16, 0],
      [1111, 2222, 8, 0],
    ]);
    expect(new Set(rows.map((row) => row.flowHash)).size).toBe(1);
  });

  it('those of another datagram, or before the first, have no ports', () => {
    expect(ports([part(3, 6), part(0, 3), part(3, 6, { id: 78 }), part(3, 6, { source: '10.0.0.9' })])).toEqual([
      0, 1111, 0, 0,
    ]);
    expect(ports([part6(0, 3), part6(3, 6, 6)])).toEqual([1111, 0]);
  });

  it('are forgotten after thirty seconds of packet time', () => {
    const at = (data: Uint8Array, second: number) => ({ data, timeUs: second * 1e6 });
    expect(ports([at(part(0, 3), 100), at(part(3, 6), 130)])).toEqual([1111, 1111]);
    expect(ports([at(part(0, 3), 100), at(part(3, 6), 131)])).toEqual([1111, 0]);
  });

  it('a repeat is no overlap, another cut of the same bytes is', () => {
    expect(breaches([part(0, 3), part(0, 3), part(3, 6)])).toEqual([[], [], []]);
    expect(breaches([part(0, 3), part(2, 6)])).toEqual([[], ['fragmentOverlapping']]);
    expect(breaches([part(0, 4), part(0, 3)])).toEqual([[], ['fragmentOverlapping']]);
  });

  it('a first fragment without the whole transport header is tiny', () => {
    const tiny = build.ethernet(build.ipv4(build.tcp(build.bytes()).slice(0, 16), { flagsAndOffset: MORE }));
    expect(breaches([tiny])).toEqual([['fragmentTiny', 'transportTruncated']]);
  });

  it('one that is no multiple of eight bytes but not the last is a breach', () => {
    const odd = build.ethernet(build.ipv4(build.fill(13), { protocol: 17, flagsAndOffset: MORE | 9 }));
    expect(breaches([odd])).toEqual([['fragmentTiny']]);
  });

  it('one that ends past the largest datagram is a breach', () => {
    const ping = build.ethernet(build.ipv4(build.fill(400), { protocol: 1, flagsAndOffset: 0x1fff }));
    expect(breaches([ping])).toEqual([['ipLengthWrong']]);
  });
});
