import { NetworkLayer, NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { LinkType } from '../sources/source.js';
import { decodeRow } from './decode-rows.js';
import * as build from './packet-builder.js';

const packet = build.ipv4(build.tcp(build.bytes('hello')));
const packet6 = build.ipv6(build.tcp(build.bytes('hello')));
const expected = {
  networkLayer: NetworkLayer.ipv4,
  source: '10.0.0.1',
  destination: '192.0.2.2',
  sourcePort: 40000,
  destinationPort: 80,
  protocol: 6,
  payloadBytes: 5,
  breaches: [],
};
const expected6 = { ...expected, networkLayer: NetworkLayer.ipv6, source: '2001:db8::1', destination: '2001:db8::2' };

describe('link layers', () => {
  it.each([
    ['Ethernet II', build.ethernet(packet), LinkType.ethernet],
    ['802.3 with LLC and SNAP', build.ethernet(build.bytes([0xaa, 0xaa, 3, 0, 0, 0, 8, 0], packet), { type: 53 }), 1],
    ['802.3 with LLC for IP', build.ethernet(build.bytes([6, 6, 3], packet), { type: 48 }), 1],
    ['802.1Q', build.ethernet(build.vlan(packet), { type: 0x8100 }), 1],
    ['QinQ', build.ethernet(build.vlan(build.vlan(packet), { type: 0x8100 }), { type: 0x88a8 }), 1],
    ['old QinQ', build.ethernet(build.vlan(build.vlan(packet), { type: 0x8100 }), { type: 0x9100 }), 1],
    [
      'MPLS, two labels',
      build.ethernet(build.bytes(build.u32(0x00010040), build.u32(0x00020140), packet), { type: 0x8847 }),
      1,
    ],
    [
      'an MPLS pseudowire with control word',
      build.ethernet(build.bytes(build.u32(0x140), build.u32(0), build.ethernet(packet)), { type: 0x8847 }),
      1,
    ],
    [
      'an MPLS pseudowire without control word',
      build.ethernet(
        build.bytes(build.u32(0x140), build.bytes([0x12, 0, 0, 0, 0, 9]), build.ethernet(packet).subarray(6)),
        { type: 0x8848 },
      ),
      1,
    ],
    [
      'PPPoE',
      build.ethernet(build.bytes([0x11, 0, 0, 9], build.u16(packet.length + 2), [0, 0x21], packet), { type: 0x8864 }),
      1,
    ],
    ['Linux cooked v1', build.bytes([0, 0, 0, 1, 0, 6], build.fill(8), [8, 0], packet), LinkType.linuxSll],
    ['Linux cooked v2', build.bytes([8, 0, 0, 0], build.fill(16), packet), LinkType.linuxSll2],
    ['raw IP', packet, LinkType.raw],
    ['raw IPv4', packet, LinkType.ipv4],
    ['BSD loopback, big-endian', build.bytes([0, 0, 0, 2], packet), LinkType.null],
    ['BSD loopback, little-endian', build.bytes([2, 0, 0, 0], packet), LinkType.null],
    ['OpenBSD loopback', build.bytes([0, 0, 0, 2], packet), LinkType.loop],
  ])('%s carries IPv4', (_, data, linkType) => {
    expect(decodeRow({ data, linkType })).toMatchObject({ ...expected, lengthBytes: data.length });
  });

  it.each([
    ['Ethernet II', build.ethernet(packet6, { type: 0x86dd }), LinkType.ethernet],
    ['MPLS', build.ethernet(build.bytes(build.u32(0x140), packet6), { type: 0x8847 }), 1],
    [
      'PPPoE',
      build.ethernet(build.bytes([0x11, 0, 0, 9], build.u16(packet6.length + 2), [0, 0x57], packet6), { type: 0x8864 }),
      1,
    ],
    ['raw IP', packet6, LinkType.raw],
    ['raw IPv6', packet6, LinkType.ipv6],
    ['BSD loopback, FreeBSD family', build.bytes([28, 0, 0, 0], packet6), LinkType.null],
    ['BSD loopback, macOS family', build.bytes([0, 0, 0, 30], packet6), LinkType.null],
  ])('%s carries IPv6', (_, data, linkType) => {
    expect(decodeRow({ data, linkType })).toMatchObject(expected6);
  });

  it('frame padding is no payload', () => {
    const data = build.ethernet(build.bytes(build.ipv4(build.tcp(build.bytes())), build.fill(6)));
    expect(decodeRow(data)).toMatchObject({ payloadBytes: 0, lengthBytes: 60, breaches: [] });
  });

  it('a frame that ends inside its header or tag is a breach, one cut by the snap length is not', () => {
    const tagged = build.ethernet(build.bytes([0, 7]), { type: 0x8100 });
    expect(decodeRow(tagged).breaches).toEqual(['linkTruncated']);
    expect(decodeRow({ data: tagged, wireBytes: 80 }).breaches).toEqual([]);
    expect(decodeRow(build.fill(9)).breaches).toEqual(['linkTruncated']);
    expect(decodeRow({ data: build.fill(9), wireBytes: 60 }).breaches).toEqual([]);
  });

  it('a group address as source is a breach', () => {
    expect(decodeRow(build.ethernet(packet, { source: [1, 0, 0x5e, 0, 0, 1] })).breaches).toEqual([
      'linkSourceMulticast',
    ]);
  });

  it.each([
    ['an unknown EtherType', build.ethernet(packet, { type: 0x88cc }), 1],
    ['spanning tree', build.ethernet(build.bytes([0x42, 0x42, 3], build.fill(40)), { type: 43 }), 1],
    ['an unknown link type', packet, 147],
    ['an empty packet', build.bytes(), LinkType.ethernet],
    ['endless VLAN tags', build.ethernet(build.bytes(...Array(20).fill([0, 7, 0x81, 0])), { type: 0x8100 }), 1],
    ['endless MPLS labels', build.ethernet(build.fill(200), { type: 0x8847 }), 1],
  ])('%s gives a row that only counts', (_, data, linkType) => {
    expect(decodeRow({ data, linkType, wireBytes: Math.max(data.length, 14) })).toMatchObject({
      networkLayer: NetworkLayer.other,
      source: '::',
      flowHash: 0,
      lengthBytes: Math.max(data.length, 14),
    });
  });
});

describe('ARP', () => {
  it('a request gives addresses and the MAC of its sender', () => {
    expect(decodeRow(build.ethernet(build.arp(), { type: 0x0806 }))).toMatchObject({
      networkLayer: NetworkLayer.arp,
      source: '10.0.0.1',
      destination: '10.0.0.2',
      protocol: 0,
      flowHash: 0,
      noteKind: NoteKind.arpRequest,
      noteValue: 0,
      noteText: '02:00:00:ab:cd:ef',
      breaches: [],
    });
  });

  it('a reply to oneself is gratuitous', () => {
    const data = build.ethernet(build.arp({ operation: 2, target: [10, 0, 0, 1] }), { type: 0x0806 });
    expect(decodeRow(data)).toMatchObject({ noteKind: NoteKind.arpReply, noteValue: 1, breaches: [] });
  });

  it('wrong lengths and operations are breaches', () => {
    const wrong = [build.arp({ addressBytes: 6 }), build.arp({ operation: 0 }), build.arp({ operation: 99 })];
    for (const message of [...wrong, build.arp().subarray(0, 20)])
      expect(decodeRow(build.ethernet(message, { type: 0x0806 })).breaches).toEqual(['arpMalformed']);
  });
});
