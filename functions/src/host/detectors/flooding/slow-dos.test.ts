import { NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { reply, type SaidPacket } from '../../../flow/packets.fixture.js';
import { incidentsOf, kindsOf, session, times } from '../traffic.fixture.js';

const pair = { source: '10.0.0.9', destination: '10.0.0.80', destinationPort: 80 };

/** A connection of `lastsS` over which the server says nothing at first. */
function silent(packet: Partial<SaidPacket>, lastsS: number): Partial<SaidPacket>[] {
  return session(packet, { sent: 200, received: 0, lastsS });
}

describe('slow connections', () => {
  const opened = (count: number) => times(count, (k) => silent({ ...pair, atS: k * 0.1, sourcePort: 20_000 + k }, 100));

  it('sixty that are open and silent are told at once, fifty-nine are not', () => {
    const [incident] = incidentsOf(opened(60).filter(({ atS }) => atS! < 30));
    expect(incident).toMatchObject({ kind: 'slow-dos', sources: [pair.source], targets: [pair.destination] });
    expect(kindsOf(opened(59).filter(({ atS }) => atS! < 30))).toEqual([]);
  });

  it('forty that were held one after the other are told, thirty-nine are not', () => {
    const held = (count: number) => times(count, (k) => silent({ ...pair, atS: k * 3, sourcePort: 20_000 + k }, 5));
    expect(kindsOf(held(40))).toEqual(['slow-dos']);
    expect(kindsOf(held(39))).toEqual([]);
  });

  /** Connections over which the service sends `bytes` in each of ten packets, two seconds apart. */
  const read = (bytes: number) =>
    times(40, (k) => {
      const connection = { ...pair, atS: k * 0.1, sourcePort: 20_000 + k };
      const whole = session(connection, { sent: 200, received: 0, lastsS: 25 });
      const packet = { ...connection, protocol: 6, tcpFlags: 24, payloadBytes: bytes, lengthBytes: 60 + bytes };
      return [...whole, ...times(10, (n) => [reply(packet, { atS: k * 0.1 + 2 * n + 1 })])];
    });

  it('forty that are read in sips are told, whatever the page weighs; pages in whole segments are not', () => {
    expect(kindsOf(read(120))).toEqual(['slow-dos']);
    expect(kindsOf(read(1400))).toEqual([]);
  });

  it('a pool of connections to a database that greets is none', () => {
    const pool = times(200, (k) => {
      const connection = { ...pair, destinationPort: 9042, atS: k * 0.01, sourcePort: 20_000 + k };
      return session(connection, { sent: 300, received: 400, lastsS: 250 });
    });
    expect(kindsOf(pool.filter(({ atS }) => atS! < 100))).toEqual([]);
  });

  it('a busy proxy whose requests are answered is none', () => {
    expect(
      kindsOf(times(600, (k) => session({ ...pair, atS: k * 0.1, sourcePort: 20_000 + k }, { lastsS: 5 }))),
    ).toEqual([]);
  });
});

describe('randomised requests', () => {
  /** A request whose connection the server gives up after five seconds. */
  const request = (k: number, noteValue: number, noteText = 'GET /index.php') =>
    session({ ...pair, atS: k * 6, sourcePort: 20_000 + k }, { sent: 500, received: 900, lastsS: 5 }).map((packet) =>
      packet.payloadBytes === 500 ? { ...packet, noteKind: NoteKind.httpRequest, noteValue, noteText } : packet,
    );

  it('twenty lengths of one request, each left idle, are told', () => {
    expect(kindsOf(times(24, (k) => request(k, 400 + (k % 20))))).toEqual(['slow-dos']);
    expect(kindsOf(times(24, (k) => request(k, 400 + (k % 19))))).toEqual([]);
  });

  it('a page that polls sends the same each time and is none', () => {
    expect(kindsOf(times(24, (k) => request(k, 400 + (k % 3))))).toEqual([]);
  });

  it('a reader who goes from page to page is none', () => {
    expect(kindsOf(times(24, (k) => request(k, 400 + k, `GET /page-${k}.html`)))).toEqual([]);
  });
});
