import { Protocol } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import type { SaidPacket } from '../../../flow/packets.fixture.js';
import { answered, host, incidentsOf, kindsOf, session, times } from '../traffic.fixture.js';
import { intervalScore, sizeScore } from './regularity.js';

const visit = { source: '10.0.0.9', destination: '198.51.100.7', destinationPort: 443 };

/** Numbers in [0, 1) that are always the same, and have no pattern: a Weyl sequence of the golden ratio, scrambled. */
const noise = (k: number) => (Math.sin(k * 12.9898) * 43758.5453) % 1;
const share = (k: number) => Math.abs(noise(k));

/** Visits whose gaps are `gapS` times what `stretch` says. */
function visits(
  count: number,
  gapS: number,
  { stretch = (_: number): number => 1, said = visit as Partial<SaidPacket>, sent = 400, received = 900 } = {},
): Partial<SaidPacket>[] {
  let atS = 0;
  return times(count, (k) => {
    atS += gapS * stretch(k);
    return session({ ...said, atS, sourcePort: 40_000 + k }, { sent, received, lastsS: 0.3 });
  });
}

describe('a program that calls home', () => {
  it('every 30 s is a beacon, and names both ends', () => {
    const [incident, ...others] = incidentsOf(visits(25, 30));
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ kind: 'beacon', severity: 'medium', sources: ['10.0.0.9'] });
    expect(incident).toMatchObject({ targets: ['198.51.100.7'] });
    expect(incident!.summary).toContain('30 s apart');
  });

  it('with a jitter of ±40 % still is, when it goes on', () => {
    expect(kindsOf(visits(40, 30, { stretch: (k) => 0.6 + 0.8 * share(k) }))).toEqual(['beacon']);
  });

  it('with a third of its beats missing still is', () => {
    expect(kindsOf(visits(40, 30, { stretch: (k) => (k % 3 === 0 ? 2 : 1) }))).toEqual(['beacon']);
  });

  it('once an hour is told twice in thirty hours, not at each beat', () => {
    expect(kindsOf(visits(30, 3600))).toEqual(['beacon', 'beacon']);
  });

  it('of datagrams is told as low: a call or a game takes up its conversation again', () => {
    const datagram = { ...visit, destinationPort: 50_004, protocol: Protocol.udp };
    const beats = times(25, (k) => answered({ ...datagram, atS: k * 60, sourcePort: 40_000 + k }));
    expect(incidentsOf(beats).map(({ kind, severity }) => [kind, severity])).toEqual([['beacon', 'low']]);
  });

  it('inside the network is told without severity', () => {
    const inside = { ...visit, destination: '10.0.0.80' };
    expect(incidentsOf(visits(25, 30, { said: inside })).map(({ severity }) => severity)).toEqual(['info']);
  });
});

describe('what is no beacon', () => {
  it.each<[string, () => Partial<SaidPacket>[]]>([
    ['a person who comes back at random', () => visits(60, 30, { stretch: (k) => -Math.log(0.01 + 0.98 * share(k)) })],
    ['what is over within five minutes', () => visits(25, 11)],
    ['a film in pieces of 2 MB', () => visits(40, 10, { received: 2_000_000 })],
    [
      'a destination that fourteen hosts go to, each at even times',
      () => times(14, (k) => visits(25, 30, { said: { ...visit, source: host(k) } })),
    ],
    ['a mail client', () => visits(40, 30, { said: { ...visit, destinationPort: 993 } })],
    [
      'a clock',
      () => times(60, (k) => answered({ ...visit, atS: k * 64, sourcePort: 30_000 + k, destinationPort: 123 })),
    ],
    [
      'a call that pauses, from one port',
      () => times(60, (k) => answered({ ...visit, atS: k * 90, sourcePort: 30_000, destinationPort: 3000 })),
    ],
    [
      'a server that does not answer',
      () => times(60, (k) => [{ ...visit, protocol: Protocol.tcp, tcpFlags: 2, atS: k * 30, sourcePort: 4000 + k }]),
    ],
  ])('%s', (_, packets) => {
    expect(kindsOf(packets())).toEqual([]);
  });
});

describe('scores', () => {
  it('of gaps are 1 for a clock and near 0 for chance', () => {
    const random = Array.from({ length: 48 }, (_, k) => -Math.log(0.01 + 0.98 * share(k)));
    expect(intervalScore(Array(20).fill(5))).toBe(1);
    expect(intervalScore(random)).toBeLessThan(0.3);
    expect(intervalScore([5, 5])).toBe(0);
  });

  it('of sizes are 1 when equal, and a half when nothing is known', () => {
    expect(sizeScore({ count: 4, sum: 40, squareSum: 400 })).toBe(1);
    expect(sizeScore({ count: 0, sum: 0, squareSum: 0 })).toBe(0.5);
    expect(sizeScore({ count: 2, sum: 100, squareSum: 10_000 })).toBe(0);
  });
});
