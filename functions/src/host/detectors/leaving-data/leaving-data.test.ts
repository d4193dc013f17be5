import { describe, expect, it } from 'vitest';
import { reply, type SaidPacket } from '../../../flow/packets.fixture.js';
import { incidentsOf, kindsOf, session, times } from '../traffic.fixture.js';

const source = '10.0.0.9';
const place = '198.51.100.7';
const MB = 1e6;

/** An upload of `bytes` to `destination` in one connection, 1 MB in each packet's row. */
function upload(atS: number, bytes: number, { destination = place, received = 0 } = {}): Partial<SaidPacket>[] {
  const said = { source, destination, sourcePort: 20_000 + (Math.floor(atS) % 40_000), destinationPort: 443 };
  const open = session({ ...said, atS }, { lastsS: bytes / MB + 1 });
  const pieces = times(Math.ceil(bytes / MB), (k) => {
    const piece = { ...said, protocol: 6, tcpFlags: 24, atS: atS + 0.1 + k, lengthBytes: MB, payloadBytes: MB - 54 };
    return received === 0 ? [piece] : [piece, reply(piece, { lengthBytes: received, payloadBytes: received })];
  });
  return [...open, ...pieces];
}

/** Thirteen spans in which the host sends `bytes` to another place. */
const habits = (bytes: number, destination = '203.0.113.80') =>
  times(14, (k) => upload(k * 300, bytes, { destination }));

describe('much that leaves', () => {
  it('a hundred MB from a host that sends little is exfiltration, of which forty are none', () => {
    const [incident, ...others] = incidentsOf([...habits(MB), ...upload(5000, 100 * MB)]);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      kind: 'data-exfiltration',
      sources: [source],
      targets: [place],
      severity: 'medium',
    });
    expect(kindsOf([...habits(MB), ...upload(5000, 40 * MB)])).toEqual([]);
  });

  it('six MB in three hundred connections are exfiltration too, in three are none', () => {
    const connection = (atS: number, sent: number, destination = place) =>
      session({ atS, source, sourcePort: 1000 + Math.floor(atS * 10), destination, destinationPort: 443 }, { sent });
    const little = times(14, (k) => connection(k * 300, 20_000, '203.0.113.80'));
    const pieces = (count: number) => times(count, (k) => connection(5000 + (k * 280) / count, (6 * MB) / count));
    expect(kindsOf([...little, ...pieces(300)])).toContain('data-exfiltration');
    expect(kindsOf([...little, ...pieces(3)])).toEqual([]);
  });

  it.each<[string, () => Partial<SaidPacket>[]]>([
    ['a backup to the place of yesterday', () => [...habits(60 * MB, place), ...upload(5000, 100 * MB)]],
    ['a host that sends as much all day to others', () => [...habits(60 * MB), ...upload(5000, 100 * MB)]],
    ['to a file server inside', () => [...habits(MB), ...upload(5000, 100 * MB, { destination: '10.0.0.30' })]],
    ['a conversation in which as much comes back', () => [...habits(MB), ...upload(5000, 100 * MB, { received: MB })]],
    ['a host of which nothing is known yet', () => upload(0, 100 * MB)],
  ])('%s is none', (_, packets) => {
    expect(kindsOf(packets()).filter((kind) => kind === 'data-exfiltration')).toEqual([]);
  });
});

/** A connection that says a little every four minutes for this long. */
function held(hours: number, destination = place): Partial<SaidPacket>[] {
  const said = { source, destination, sourcePort: 20_000, destinationPort: 443 };
  const beats = times(hours * 15, (k) => [{ ...said, protocol: 6, tcpFlags: 16, atS: 1 + k * 240, payloadBytes: 1 }]);
  return [...session({ ...said, atS: 0 }, { lastsS: hours * 3600 }), ...beats];
}

describe('a connection', () => {
  it('of five hours to the outside is long, without severity', () => {
    expect(incidentsOf(held(5))).toMatchObject([{ kind: 'long-connection', severity: 'info', targets: [place] }]);
  });

  it('of three hours, or to the inside, is none', () => {
    expect(kindsOf(held(3))).toEqual([]);
    expect(kindsOf(held(5, '10.0.0.30'))).toEqual([]);
  });
});
