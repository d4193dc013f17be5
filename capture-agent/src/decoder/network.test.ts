import { NetworkLayer } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { LinkType } from '../sources/source.js';
import { decodeRow } from './decode-rows.js';
import * as build from './packet-builder.js';

const segment = build.tcp(build.bytes('payload'));
const row4 = (fields: build.Ipv4Fields, payload: Uint8Array = segment) =>
  decodeRow(build.ethernet(build.ipv4(payload, fields)));
const row6 = (fields: build.Ipv6Fields, payload: Uint8Array = segment) =>
  decodeRow(build.ethernet(build.ipv6(payload, fields), { type: 0x86dd }));

describe('IPv4', () => {
  it('options are stepped over', () => {
    expect(row4({ options: [1, 7, 3, 4, 0, 0, 0, 0] })).toMatchObject({
      sourcePort: 40000,
      payloadBytes: 7,
      breaches: [],
    });
  });

  it.each([
    ['length 0', [7, 0, 0, 0]],
    ['length past the header', [7, 9, 0, 0]],
    ['no length', [1, 1, 1, 7]],
  ])('an option with %s is a breach and the transport is still decoded', (_, options) => {
    expect(row4({ options })).toMatchObject({ breaches: ['ipOptionsMalformed'], destinationPort: 80 });
  });

  it.each([
    ['another version', { version: 5 }, ['ipVersionWrong']],
    ['a header below five words', { headerWords: 4 }, ['ipHeaderLengthWrong']],
    ['a header past the packet', { headerWords: 15 }, ['ipHeaderLengthWrong']],
    ['a length past the frame', { totalBytes: 1000 }, ['ipLengthWrong']],
    ['a length below the header', { totalBytes: 19 }, ['ipLengthWrong']],
    ['a wrong checksum', { checksum: 0x1111 }, ['ipChecksumWrong']],
    ['a checksum left to the card', { checksum: 0 }, []],
    ['the same source and destination', { destination: '10.0.0.1' }, ['ipSourceIsDestination']],
    ['a multicast source', { source: '224.0.0.5' }, ['ipSourceMartian']],
    ['a broadcast source', { source: '255.255.255.255' }, ['ipSourceMartian']],
    ['a reserved source', { source: '240.1.2.3' }, ['ipSourceMartian']],
    ['a loopback source', { source: '127.0.0.1' }, ['ipSourceMartian']],
    ['a source on net 0', { source: '0.1.2.3' }, ['ipSourceMartian']],
    ['no source yet', { source: '0.0.0.0' }, []],
    ['loopback to loopback', { source: '127.0.0.1', destination: '127.0.0.1' }, []],
  ])('%s: the breaches found', (_, fields, breaches) => {
    expect(row4(fields).breaches).toEqual(breaches);
  });

  it('a host may talk to itself over a loopback interface', () => {
    const packet = build.ipv4(segment, { destination: '10.0.0.1' });
    expect(decodeRow({ data: build.bytes([2, 0, 0, 0], packet), linkType: LinkType.null }).breaches).toEqual([]);
    expect(decodeRow(build.bytes(build.fill(12), [8, 0], packet)).breaches).toEqual([]);
  });

  it('total length zero means a segment still to be cut: the frame decides', () => {
    expect(row4({ totalBytes: 0 }, build.tcp(build.fill(3000, 65)))).toMatchObject({
      payloadBytes: 3000,
      breaches: [],
    });
  });

  it('what the snap length cut is counted by the lengths on the wire', () => {
    const whole = build.ethernet(build.ipv4(build.tcp(build.fill(1000, 65))));
    for (const captured of [54, 60, 300])
      expect(decodeRow({ data: whole.slice(0, captured), wireBytes: whole.length })).toMatchObject({
        payloadBytes: 1000,
        lengthBytes: whole.length,
        tcpWindow: 0xfff0,
        breaches: [],
      });
  });

  it('the addresses of a packet cut behind its IP header are used', () => {
    const whole = build.ethernet(build.ipv4(segment));
    expect(decodeRow({ data: whole.slice(0, 34), wireBytes: whole.length })).toMatchObject({
      networkLayer: NetworkLayer.ipv4,
      source: '10.0.0.1',
      protocol: 6,
      breaches: [],
    });
  });

  it('an unknown transport is a row with its protocol number and all of its payload', () => {
    expect(row4({ protocol: 89 }, build.fill(24))).toMatchObject({ protocol: 89, sourcePort: 0, payloadBytes: 24 });
  });

  it('an authentication header gives way to what it protects', () => {
    const protectedBySix = build.bytes(6, 4, [0, 0], build.fill(20), segment);
    expect(row4({ protocol: 51 }, protectedBySix)).toMatchObject({ protocol: 6, destinationPort: 80, breaches: [] });
  });
});

describe('IPv6', () => {
  it('extension headers are stepped over, whatever their order', () => {
    const routing = build.extension(51, build.bytes(6, 4, build.fill(22), segment), build.fill(14));
    const destination = build.extension(43, routing);
    expect(row6({ next: 0 }, build.extension(60, destination))).toMatchObject({
      protocol: 6,
      sourcePort: 40000,
      payloadBytes: 7,
      breaches: [],
    });
  });

  it('encryption ends the chain', () => {
    expect(row6({ next: 0 }, build.extension(50, build.fill(40)))).toMatchObject({ protocol: 50, payloadBytes: 40 });
  });

  it('no next header has no transport and no breach', () => {
    expect(row6({ next: 59 }, build.fill(0))).toMatchObject({ protocol: 59, payloadBytes: 0, breaches: [] });
  });

  it('a chain that is too long or passes the packet is a breach', () => {
    let chain: Uint8Array = segment;
    for (let i = 0; i < 20; i++) chain = build.extension(60, chain);
    expect(row6({ next: 60 }, chain).breaches).toEqual(['ipOptionsMalformed']);
    expect(row6({ next: 60 }, build.bytes(6, 200, build.fill(14))).breaches).toEqual(['ipOptionsMalformed']);
  });

  it('an atomic fragment is a whole packet', () => {
    const atomic = build.bytes(6, 0, build.u16(0), build.u32(99), segment);
    expect(row6({ next: 44 }, atomic)).toMatchObject({ destinationPort: 80, payloadBytes: 7 });
  });

  const multicast = build.bytes([0xff, 2], build.fill(13), 1);
  const loopback = build.bytes(build.fill(15), 1);
  it.each([
    ['another version', { version: 4 }, ['ipVersionWrong']],
    ['a length past the frame', { payloadBytes: 999 }, ['ipLengthWrong']],
    ['a multicast source', { source: multicast }, ['ipSourceMartian']],
    ['a loopback source', { source: loopback }, ['ipSourceMartian']],
    ['loopback to loopback', { source: loopback, destination: loopback }, []],
    ['no source yet', { source: build.fill(16) }, []],
    [
      'the same source and destination',
      { source: build.fill(16, 0x20), destination: build.fill(16, 0x20) },
      ['ipSourceIsDestination'],
    ],
  ])('%s: the breaches found', (_, fields, breaches) => {
    expect(row6(fields).breaches).toEqual(breaches);
  });

  it('a cut header is a breach only when the wire was cut', () => {
    const whole = build.ethernet(build.ipv6(segment), { type: 0x86dd });
    expect(decodeRow(whole.slice(0, 50)).breaches).toEqual(['ipHeaderLengthWrong']);
    expect(decodeRow({ data: whole.slice(0, 50), wireBytes: whole.length }).breaches).toEqual([]);
  });
});
