import { Protocol, TcpFlag } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import type { SaidPacket } from '../../../flow/packets.fixture.js';
import { host, incidentsOf, kindsOf, session, times } from '../traffic.fixture.js';

type Packets = Partial<SaidPacket>[];
const { syn, ack } = TcpFlag;

/** SYNs over the hosts of a /24, from as many sources, within three seconds. */
const syns = (count: number, { hosts = 200, sources = count, ports = 1, network = 30 } = {}): Packets =>
  times(count, (k) => [
    {
      atS: (k * 3) / count,
      source: host(k % sources, '172.16'),
      sourcePort: 1024 + (k % 60_000),
      destination: `203.0.${network}.${1 + (k % hosts)}`,
      destinationPort: 80 + (Math.floor(k / hosts) % ports),
      protocol: Protocol.tcp,
      tcpFlags: syn,
    },
  ]);

/** Datagrams to ever other ports of the same hosts. */
const datagrams = (count: number): Packets =>
  syns(count).map((packet, k) => ({
    ...packet,
    ...{ protocol: Protocol.udp, tcpFlags: 0, destinationPort: 1024 + ((k * 7919) % 60_000) },
    lengthBytes: 500,
  }));

describe('a flood over a network', () => {
  it('of 2,400 SYNs is told of the network, of a few less not', () => {
    expect(incidentsOf(syns(2400))).toMatchObject([
      { kind: 'syn-flood', entity: '203.0.30.0/24', sources: [], targets: ['203.0.30.0'] },
    ]);
    expect(kindsOf(syns(2390))).toEqual([]);
  });

  it('is one where few sources come again and again to the same port', () => {
    expect(kindsOf(syns(12_000, { sources: 4 }))).toContain('syn-flood');
  });

  it('is none where it is a scan, of few sources and ever other ports', () => {
    expect(kindsOf(syns(8000, { sources: 4, ports: 1000 }))).not.toContain('syn-flood');
  });

  it('is none where fewer hosts than sixteen get it, or each host completes its connections', () => {
    expect(kindsOf(syns(2400, { hosts: 15 }))).toEqual([]);
    const served = times(3000, (k) =>
      session({ atS: k * 0.001, source: host(k, '172.16'), destination: `203.0.30.${1 + (k % 200)}` }),
    );
    expect(kindsOf(served)).toEqual([]);
  });

  it('of datagrams is told once, not as a scan of each host', () => {
    expect(incidentsOf(datagrams(8000))).toMatchObject([{ kind: 'udp-flood', entity: '203.0.30.0/24' }]);
  });

  it('is none where the datagrams are streams', () => {
    const streams = datagrams(9000).map((packet, k) => ({
      ...packet,
      ...{ source: '172.16.0.9', sourcePort: 5004, destinationPort: 5004 },
      atS: k * 0.0005,
    }));
    expect(kindsOf(streams)).not.toContain('udp-flood');
  });

  it('of ICMP, of stray packets and over IPv6 is told too', () => {
    const icmp = syns(6500).map((packet) => ({
      ...packet,
      ...{ protocol: Protocol.icmp, tcpFlags: 0, sourcePort: 8, destinationPort: 0 },
    }));
    expect(kindsOf(icmp)).toEqual(['icmp-flood']);
    expect(kindsOf(syns(6500).map((packet) => ({ ...packet, tcpFlags: ack })))).toEqual(['packet-flood']);
    const v6 = syns(2500).map((packet, k) => ({
      ...packet,
      ...{ source: `2001:db8:${(k + 1).toString(16)}::9`, destination: `2001:db8::1:${(1 + (k % 200)).toString(16)}` },
    }));
    expect(incidentsOf(v6)).toMatchObject([{ kind: 'syn-flood', entity: '2001:db8::/64' }]);
  });
});
