import { NoteKind, PayloadGuess } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import type { SaidPacket } from '../../../flow/packets.fixture.js';
import { arpAsks, dhcpAnswer } from '../lan.fixture.js';
import { incidentsOf, kindsOf, session, times } from '../traffic.fixture.js';

const HOUR_S = 3600;
const gateway = '10.0.0.1';
const desk = { mac: '00:16:3e:00:00:07', address: '10.0.0.7' };
const stranger = { mac: '00:16:3e:00:00:99', address: '10.0.0.99' };

/** `make`'s packets in each of `count` hours, from hour `from` on. */
const hourly = (count: number, make: (atS: number) => Partial<SaidPacket>[], from = 0) =>
  times(count, (k) => make((from + k) * HOUR_S));

const deskAsks = (atS: number) => arpAsks({ atS, ...desk, other: gateway });
const hello = (atS: number, noteText: string, port = 443): Partial<SaidPacket>[] => [
  {
    ...{ atS, source: '10.0.0.7', destination: '198.51.100.7', sourcePort: 40_000, destinationPort: port, protocol: 6 },
    ...{ tcpFlags: 24, payloadBytes: 500, payloadGuess: PayloadGuess.tls, noteKind: NoteKind.tlsClientHello, noteText },
  },
];
const JA4 = (k: number) => `t13d1516h2_8daaf6152771_${String(k).padStart(12, '0')}`;
const visit = (atS: number, destination: string, received = 5000) =>
  session({ atS, source: '10.0.0.7', destination, sourcePort: 40_000, destinationPort: 443 }, { received });

describe('a thing that is new after a day of learning', () => {
  it.each<[string, string, (atS: number) => Partial<SaidPacket>[], (atS: number) => Partial<SaidPacket>[]]>([
    ['a machine', 'new-device', deskAsks, (atS) => arpAsks({ atS, ...stranger, other: gateway })],
    ['a DHCP server', 'rogue-server', (atS) => dhcpAnswer(atS, gateway), (atS) => dhcpAnswer(atS, '10.0.0.99')],
    [
      'a DHCP server that names another resolver',
      'rogue-server',
      (atS) => dhcpAnswer(atS, gateway),
      (atS) => dhcpAnswer(atS, gateway, '10.0.0.1 203.0.113.5'),
    ],
    [
      'a TLS client',
      'rare-tls-client',
      (atS) => hello(atS, `${JA4(1)} example.net`),
      (atS) => hello(atS, `${JA4(2)} x.net`),
    ],
    [
      'an encrypted resolver',
      'rare-destination',
      (atS) => hello(atS, `${JA4(1)} example.net`),
      (atS) => hello(atS, `${JA4(1)} dns.example.org`),
    ],
    [
      'a destination to which much goes',
      'rare-destination',
      (atS) => visit(atS, '198.51.100.7'),
      (atS) => visit(atS, '203.0.113.5', 3_000_000),
    ],
  ])('%s is told, once, and without severity where it may well be innocent', (_, kind, known, strange) => {
    const learnt = hourly(30, known);
    expect(kindsOf(learnt)).toEqual([]);
    const told = incidentsOf([...learnt, ...strange(30 * HOUR_S + 5), ...strange(31 * HOUR_S + 5)]);
    expect(told.map((incident) => incident.kind)).toEqual([kind]);
    expect(told[0]!.severity).toBe(kind === 'rogue-server' ? 'medium' : 'info');
  });

  it.each<[string, (atS: number) => Partial<SaidPacket>[], (atS: number) => Partial<SaidPacket>[]]>([
    [
      'a machine within the first day',
      deskAsks,
      (atS) => arpAsks({ atS: atS - 20 * HOUR_S, ...stranger, other: gateway }),
    ],
    ['a destination to which little goes', (atS) => visit(atS, '198.51.100.7'), (atS) => visit(atS, '203.0.113.5')],
    [
      'a neighbour of a known destination',
      (atS) => visit(atS, '198.51.100.7'),
      (atS) => visit(atS, '198.51.100.8', 3_000_000),
    ],
    ['a destination inside', (atS) => visit(atS, '198.51.100.7'), (atS) => visit(atS, '10.0.0.8', 3_000_000)],
    [
      'a known client with another name',
      (atS) => hello(atS, `${JA4(1)} a.net`),
      (atS) => hello(atS, `${JA4(1)} b.net`),
    ],
  ])('%s is not', (_, known, ordinary) => {
    expect(kindsOf([...hourly(30, known), ...ordinary(30 * HOUR_S + 5)])).toEqual([]);
  });
});
