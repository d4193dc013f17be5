import { TunnelKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { decodeRow } from './decode-rows.js';
import * as build from './packet-builder.js';

const inner4 = build.ipv4(build.udp(build.bytes('inner')), {
  protocol: 17,
  source: '172.16.0.1',
  destination: '172.16.0.2',
});
const inner6 = build.ipv6(build.udp(build.bytes('inner')), { next: 17 });
const innerFrame = build.ethernet(inner4);
const inside4 = { source: '172.16.0.1', destination: '172.16.0.2', protocol: 17, sourcePort: 40000, payloadBytes: 5 };
const inside6 = { source: '2001:db8::1', destination: '2001:db8::2', protocol: 17, sourcePort: 40000, payloadBytes: 5 };

const outer = (payload: Uint8Array, protocol: number, fields: build.Ipv4Fields = {}) =>
  build.ethernet(build.ipv4(payload, { protocol, ...fields }));
const outer6 = (payload: Uint8Array, next: number) => build.ethernet(build.ipv6(payload, { next }), { type: 0x86dd });
const overUdp = (port: number, payload: Uint8Array) => outer(build.udp(payload, { destination: port }), 17);
const gre = (flags: number, type: number, ...rest: Uint8Array[]) =>
  build.bytes(build.u16(flags), build.u16(type), ...rest);
const gtp = (flags: number, payload: Uint8Array, extra: number[] = []) =>
  build.bytes(flags, 255, build.u16(payload.length + extra.length), build.u32(0xdeadbeef), extra, payload);

describe('tunnels', () => {
  it.each([
    ['GRE with IPv4', outer(gre(0, 0x0800, inner4), 47), { ...inside4, tunnelKind: TunnelKind.gre, tunnelId: 0 }],
    [
      'GRE with checksum, key and sequence',
      outer(gre(0xb000, 0x86dd, build.bytes(build.u32(0), build.u32(0xcafebabe), build.u32(1)), inner6), 47),
      { ...inside6, tunnelKind: TunnelKind.gre, tunnelId: 0xcafebabe },
    ],
    [
      'GRE with an Ethernet frame',
      outer(gre(0x2000, 0x6558, build.bytes(build.u32(5)), innerFrame), 47),
      { ...inside4, tunnelId: 5 },
    ],
    [
      'ERSPAN type II',
      outer(gre(0x1000, 0x88be, build.fill(4), build.fill(8), innerFrame), 47),
      { ...inside4, tunnelKind: TunnelKind.gre },
    ],
    ['ERSPAN type I', outer(gre(0, 0x88be, innerFrame), 47), { ...inside4, tunnelKind: TunnelKind.gre }],
    [
      'PPTP',
      outer(
        gre(
          0x3081,
          0x880b,
          build.bytes(build.u32(77), build.u32(1), build.u32(2)),
          build.bytes([0xff, 3, 0, 0x21]),
          inner4,
        ),
        47,
      ),
      { ...inside4, tunnelKind: TunnelKind.gre, tunnelId: 0 },
    ],
    ['IP in IP', outer(inner4, 4), { ...inside4, tunnelKind: TunnelKind.ipInIp }],
    ['6in4', outer(inner6, 41), { ...inside6, tunnelKind: TunnelKind.sixInFour }],
    ['4in6', outer6(inner4, 4), { ...inside4, tunnelKind: TunnelKind.ipInIp }],
    ['6in6', outer6(inner6, 41), { ...inside6, tunnelKind: TunnelKind.ipInIp }],
    [
      'VXLAN',
      overUdp(4789, build.bytes([8, 0, 0, 0], [0x12, 0x34, 0x56, 0], innerFrame)),
      { ...inside4, tunnelKind: TunnelKind.vxlan, tunnelId: 0x123456 },
    ],
    [
      'Geneve with options',
      overUdp(6081, build.bytes([2, 0, 0x65, 0x58], [0, 0, 9, 0], build.fill(8), innerFrame)),
      { ...inside4, tunnelKind: TunnelKind.geneve, tunnelId: 9 },
    ],
    [
      'Geneve with IPv6',
      overUdp(6081, build.bytes([0, 0, 0x86, 0xdd], [0, 0, 9, 0], inner6)),
      { ...inside6, tunnelId: 9 },
    ],
    ['GTP-U', overUdp(2152, gtp(0x30, inner4)), { ...inside4, tunnelKind: TunnelKind.gtpU, tunnelId: 0 }],
    [
      'GTP-U with an extension header',
      overUdp(2152, gtp(0x34, inner6, [0, 0, 0, 0x85, 1, 0, 9, 0])),
      { ...inside6, tunnelKind: TunnelKind.gtpU },
    ],
    [
      'VXLAN in GRE',
      outer(
        gre(
          0,
          0x0800,
          build.ipv4(build.udp(build.bytes([8, 0, 0, 0], [0, 0, 3, 0], innerFrame), { destination: 4789 }), {
            protocol: 17,
          }),
        ),
        47,
      ),
      { ...inside4, tunnelKind: TunnelKind.vxlan, tunnelId: 3 },
    ],
  ])('%s: the row is the inner packet', (_, packet, expected) => {
    expect(decodeRow(packet)).toMatchObject({ ...expected, breaches: [], lengthBytes: packet.length });
  });

  it.each([
    [
      'GRE with an unknown protocol',
      outer(gre(0, 0x1234, build.fill(30)), 47),
      { protocol: 47, payloadBytes: 34, breaches: [] },
    ],
    [
      'another datagram on the port of VXLAN',
      overUdp(4789, build.bytes('just a datagram')),
      { destinationPort: 4789, payloadBytes: 15, breaches: [] },
    ],
    [
      'GTP-U signalling',
      overUdp(2152, build.bytes([0x32, 1], build.fill(10))),
      { destinationPort: 2152, breaches: [] },
    ],
    [
      'GTP-U with a lying length',
      overUdp(2152, build.bytes([0x30, 255, 9, 9], build.fill(4), inner4)),
      { destinationPort: 2152, breaches: ['tunnelMalformed'] },
    ],
    [
      'Geneve with options past its end',
      overUdp(6081, build.bytes([63, 0, 0x65, 0x58], build.fill(20))),
      { destinationPort: 6081, breaches: ['tunnelMalformed'] },
    ],
    ['GRE cut short', outer(gre(0xb000, 0x0800), 47), { protocol: 47, breaches: ['tunnelMalformed'] }],
    ['a fragment of a tunnel', outer(inner4, 4, { flagsAndOffset: 0x2000, id: 5 }), { protocol: 4, tunnelKind: 0 }],
  ])('%s: the row is the outer packet', (_, packet, expected) => {
    expect(decodeRow(packet)).toMatchObject({ source: '10.0.0.1', tunnelKind: 0, tunnelId: 0, ...expected });
  });

  it('four tunnels within each other are followed, a fifth is a breach', () => {
    const nest = (depth: number) => {
      let packet: Uint8Array = inner4;
      for (let i = 0; i < depth; i++) packet = build.ipv4(packet, { protocol: 4, source: `10.0.1.${i + 1}` });
      return decodeRow(build.ethernet(packet));
    };
    expect(nest(4)).toMatchObject({ ...inside4, breaches: [] });
    expect(nest(5)).toMatchObject({ source: '10.0.1.1', protocol: 4, breaches: ['tunnelMalformed'] });
  });
});
