import { Protocol, TcpFlag } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import type { SaidPacket } from '../../flow/packets.fixture.js';
import { answered, arpRequest, host, kindsOf, letters, lookUp, session, silentSyn, times } from './traffic.fixture.js';

const source = '10.0.0.9';
const { tcp, udp } = Protocol;

/** Ordinary traffic that has one trait of an attack each. Nothing here may be told. */
const LOOK_ALIKES: Record<string, () => Partial<SaidPacket>[]> = {
  'a busy resolver: 400 name servers in 20 s, every tenth silent': () =>
    times(400, (k) => {
      const query = { atS: k * 0.05, source: '10.0.0.53', destination: host(k), sourcePort: 20_000 + k };
      const [asked, answer] = lookUp({ ...query, name: `www${k}.example${k}.com` });
      return k % 10 === 0 ? [asked!] : [asked!, answer!];
    }),
  'a browser with 60 connections at once to 20 hosts': () =>
    times(60, (k) =>
      session({ atS: k * 0.02, source, sourcePort: 40_000 + k, destination: host(k % 20), destinationPort: 443 }),
    ),
  'file sharing: 300 peers on as many ports, seven of ten silent': () =>
    times(300, (k) => {
      const packet = { atS: k * 0.1, source, sourcePort: 6881, destination: host(k), destinationPort: 10_000 + k * 7 };
      return k % 10 < 7 ? [packet] : answered(packet);
    }),
  'a time server with 500 clients, and a client of four': () => [
    ...times(500, (k) =>
      answered({ atS: k * 0.1, source: host(k), sourcePort: 123, destination: '10.0.0.123', destinationPort: 123 }),
    ),
    ...times(40, (k) =>
      answered({ atS: k * 16, source, sourcePort: 123, destination: host(k % 4, '192.168'), destinationPort: 123 }),
    ),
  ],
  'a backup in datagrams, 1,000 a second, that nobody answers': () =>
    times(20_000, (k) => [
      { atS: k * 0.001, source, sourcePort: 5001, destination: '10.0.0.30', destinationPort: 5001 },
    ]),
  'a content network with long names, asked again and again': () =>
    times(400, (k) =>
      lookUp({ atS: k * 0.5, source, sourcePort: 30_000 + k, name: `${letters(k % 25, 40)}.edge.example.net` }),
    ),
  'a content network with many names of fair length': () =>
    times(200, (k) => lookUp({ atS: k, source, name: `d${letters(k, 13)}.example.net` })),
  'names of machines in a cloud': () =>
    times(200, (k) =>
      lookUp({ atS: k, source, name: `ip-10-${100 + (k % 9)}-${k}-${200 - k}.eu-central-1.compute.internal` }),
    ),
  'reverse look-ups of IPv6 addresses': () =>
    times(300, (k) => lookUp({ atS: k, source, type: 12, name: `${letters(k, 63).replace(/(.)/g, '$1.')}ip6.arpa` })),
  'names of the local link': () =>
    times(200, (k) =>
      lookUp({
        atS: k,
        source,
        destination: '224.0.0.251',
        destinationPort: 5353,
        name: `${letters(k, 40)}._tcp.local`,
      }),
    ),
  'a mail client that polls every ten seconds': () =>
    times(30, (k) =>
      session({ atS: k * 10, source, sourcePort: 40_000 + k, destination: '10.0.0.25', destinationPort: 143 }),
    ),
  'five SSH sessions of a configuration tool to each of 20 hosts': () =>
    times(100, (k) =>
      session({ atS: k * 0.5, source, sourcePort: 40_000 + k, destination: host(k % 20), destinationPort: 22 }),
    ),
  'a sensor that sees the servers only': () =>
    times(200, (k) =>
      session({ atS: k * 0.05, source, sourcePort: 30_000 + k, destination: host(k), destinationPort: 443 }).filter(
        (packet) => packet.source !== source,
      ),
    ),
  'a sensor that sees the clients only': () =>
    times(200, (k) =>
      session({ atS: k * 0.05, source, sourcePort: 30_000 + k, destination: host(k), destinationPort: 443 }).filter(
        (packet) => packet.source === source,
      ),
    ),
  'a service that is down: one client tries one port for minutes': () =>
    times(300, (k) =>
      silentSyn({ atS: k, source, sourcePort: 40_000 + k, destination: '10.0.0.80', destinationPort: 443 }),
    ),
  'a monitor that pings 200 hosts, which answer': () =>
    times(200, (k) => {
      const ping = { atS: k * 0.05, source, protocol: Protocol.icmp, sourcePort: 8, destinationPort: 0 };
      return answered({ ...ping, destination: host(k) }).map((packet, i) =>
        i === 0 ? packet : { ...packet, sourcePort: 0, destinationPort: 8 },
      );
    }),
  'a path that is traced by datagrams, port after port': () =>
    times(192, (k) => [
      { atS: k * 0.05, source, sourcePort: 40_000 + k, destination: '192.0.2.9', destinationPort: 33_434 + k },
    ]),
  'a tunnel of a hundred gateways, of which the sensor sees one direction': () =>
    times(20_000, (k) => [
      {
        ...{ atS: k * 0.0005, source: host(k % 100, '172.16'), sourcePort: 4500 },
        ...{ destination: '10.0.0.44', destinationPort: 4500, lengthBytes: 900 },
      },
    ]),
  'a collector of reports: of flows, always from one port, and of a log, from ports of the senders choice': () => [
    ...times(10_000, (k) => [
      {
        ...{ atS: k * 0.001, source: host(k % 60, '10.4'), sourcePort: 2055 },
        ...{ destination: '10.0.0.99', destinationPort: 9995, lengthBytes: 1400 },
      },
    ]),
    ...times(15_000, (k) => [
      {
        ...{ atS: k * 0.0006, source: host(k % 60, '10.4'), sourcePort: 30_000 + (k % 997) },
        ...{ destination: '10.0.0.98', destinationPort: 514, lengthBytes: 200 },
      },
    ]),
  ],
  'a desk that looks for its neighbours': () => times(50, (k) => arpRequest(k * 0.1, source, host(k, '10.0'))),
  'a capture with a silence of two days': () =>
    times(6, (k) =>
      answered({ atS: Math.floor(k / 2) * 172_800 + k, source, destination: host(k), destinationPort: 123 }),
    ),
  'answers whose questions were not seen': () =>
    times(300, (k) => [
      { atS: k * 0.05, source, sourcePort: 53, destination: host(k), destinationPort: 30_000 + k, protocol: udp },
    ]),
  'connections under way before the capture': () =>
    times(300, (k) => [
      {
        atS: k * 0.02,
        source,
        sourcePort: 443,
        destination: host(k),
        destinationPort: 40_000 + k,
        protocol: tcp,
        tcpFlags: TcpFlag.ack,
      },
    ]),
};

describe('what only looks like an attack', () => {
  for (const [name, packets] of Object.entries(LOOK_ALIKES))
    it(`${name}: nothing is told`, () => {
      expect(kindsOf(packets())).toEqual([]);
    });
});
