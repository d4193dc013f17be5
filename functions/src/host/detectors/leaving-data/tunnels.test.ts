import { NoteKind, Protocol } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { reply, type SaidPacket } from '../../../flow/packets.fixture.js';
import { surpriseBits } from '../control/name-surprise.js';
import { incidentsOf, kindsOf, letters, lookUp, times } from '../traffic.fixture.js';

const source = '10.0.0.9';
const destination = '198.51.100.7';

/** An echo request and its reply, of these frame lengths. */
function echo(atS: number, sent: number, received: number): Partial<SaidPacket>[] {
  const ping = { atS, source, destination, protocol: Protocol.icmp, sourcePort: 8, destinationPort: 0 };
  const back = reply({ ...ping, atS: atS + 0.02 }, { sourcePort: 0, destinationPort: 8, lengthBytes: received });
  return [{ ...ping, lengthBytes: sent }, back];
}

describe('echo messages', () => {
  it('whose replies do not repeat the request carry data', () => {
    const [incident, ...others] = incidentsOf(
      times(40, (k) => echo(k * 3, 90 + ((k * 37) % 400), 90 + ((k * 53) % 700))),
    );
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ kind: 'icmp-tunnel', severity: 'high', entity: '10.0.0.9 - 198.51.100.7' });
  });

  it('that hold what no ping does carry data, twenty of them, though all are of one length', () => {
    const carrying = (count: number) =>
      times(40, (k) =>
        echo(k, 98, 98).map((packet) =>
          k < count && packet.sourcePort === 0 ? { ...packet, noteKind: NoteKind.echoData, noteCode: 1 } : packet,
        ),
      );
    expect(incidentsOf(carrying(20))).toMatchObject([{ kind: 'icmp-tunnel', entity: '10.0.0.9 - 198.51.100.7' }]);
    expect(kindsOf(carrying(19))).toEqual([]);
  });

  it.each<[string, (k: number) => Partial<SaidPacket>[]]>([
    ['of one length are a ping', (k) => echo(k, 98, 98)],
    ['of many lengths that are repeated look for the largest that passes', (k) => echo(k, 98 + 8 * k, 98 + 8 * k)],
    ['that are short on one side, where the other pads them, are a ping', (k) => echo(k, 42, 60)],
    ['of which a third stays unanswered are a ping', (k) => echo(k, 98, 98).slice(0, k % 3 === 0 ? 1 : 2)],
  ])('%s', (_, make) => {
    expect(kindsOf(times(60, make))).toEqual([]);
  });
});

/** A look-up of a name that does not exist. */
function failedLookUp(atS: number, name: string): Partial<SaidPacket>[] {
  return lookUp({ atS, source, sourcePort: 20_000 + Math.floor(atS * 10), name }).map((packet) =>
    packet.noteKind === NoteKind.dnsResponse ? { ...packet, noteValue: packet.noteValue! | 3 } : packet,
  );
}

const WORDS = ['river', 'market', 'stone', 'paper', 'garden', 'winter', 'bright', 'travel', 'silver', 'house'];
const chosen = (k: number) => `${WORDS[k % 10]}${WORDS[Math.floor(k / 10) % 10]}.com`;

describe('domains that do not exist', () => {
  it('ten that nobody has chosen are generated, nine are none', () => {
    const [incident] = incidentsOf(times(10, (k) => failedLookUp(k * 5, `${letters(k * 7919, 14)}.net`)));
    expect(incident).toMatchObject({ kind: 'generated-domains', sources: [source], severity: 'high' });
    expect(kindsOf(times(9, (k) => failedLookUp(k * 5, `${letters(k * 7919, 14)}.net`)))).toEqual([]);
  });

  it.each<[string, () => Partial<SaidPacket>[]]>([
    ['with names as people choose them are old links', () => times(60, (k) => failedLookUp(k, chosen(k)))],
    [
      'under one domain are a list of bad senders',
      () => times(60, (k) => failedLookUp(k, `${letters(k * 7919, 14)}.list.example.net`)),
    ],
    [
      'of one label are a browser that looks who answers',
      () => times(60, (k) => failedLookUp(k, letters(k * 7919, 12))),
    ],
    [
      'among many that do are a crawler',
      () =>
        times(20, (k) => [
          ...failedLookUp(k * 5, `${letters(k * 7919, 14)}.net`),
          ...times(4, (n) => lookUp({ atS: k * 5 + n, source, sourcePort: 100 + 10 * k + n, name: chosen(k * 4 + n) })),
        ]),
    ],
  ])('%s', (_, packets) => {
    expect(kindsOf(packets())).toEqual([]);
  });
});

describe('the surprise of a name', () => {
  const surprise = (name: string) => surpriseBits(Buffer.from(name), 0, name.length);

  it('is small for words and large for letters at random', () => {
    for (const word of ['stonehouse', 'newspaper', 'weathermap']) expect(surprise(word)).toBeLessThan(4.6);
    for (const k of [11, 222, 3333]) expect(surprise(letters(k, 24))).toBeGreaterThan(5);
  });

  it('is nothing where no two characters of a name follow each other', () => {
    expect(surprise('')).toBe(0);
    expect(surprise('a')).toBe(0);
    expect(surprise('\\.')).toBe(0);
  });
});
