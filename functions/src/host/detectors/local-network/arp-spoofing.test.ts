import { describe, expect, it } from 'vitest';
import type { SaidPacket } from '../../../flow/packets.fixture.js';
import { arpAnswers, arpAsks, arpLookUp, nameAnswer } from '../lan.fixture.js';
import { incidentsOf, kindsOf, times } from '../traffic.fixture.js';

const gateway = { mac: '00:16:3e:00:00:01', address: '10.0.0.1' };
const desk = { mac: '00:16:3e:00:00:07', address: '10.0.0.7' };
const attacker = { mac: '00:16:3e:00:00:66', address: '10.0.0.66' };

/** The desk asks for the gateway, which answers, every 20 s. */
const ordinary = times(10, (k) => arpLookUp({ atS: k * 20, ...gateway, other: desk.address, askersMac: desk.mac }));

describe('ARP', () => {
  it('that claims the address of the gateway, which goes on to claim it, is spoofing', () => {
    const poison = times(60, (k) =>
      arpAnswers({ atS: 30 + 2 * k, mac: attacker.mac, address: gateway.address, other: desk.address }),
    );
    const [incident, ...others] = incidentsOf([...ordinary, ...poison]);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ kind: 'arp-spoofing', severity: 'high', sources: [attacker.mac] });
    expect(incident!.targets).toEqual([gateway.address]);
  });

  it('is told too where the capture begins in its midst', () => {
    const poison = (answers: number) =>
      times(answers, (k) =>
        arpAnswers({ atS: 6 + 2 * k, mac: attacker.mac, address: gateway.address, other: desk.address }),
      );
    const later = ordinary.map((packet) => ({ ...packet, atS: packet.atS! + 12 }));
    const accused = (answers: number) =>
      incidentsOf([...poison(answers), ...later])
        .filter(({ severity }) => severity !== 'info')
        .map(({ severity, sources }) => [severity, ...sources]);
    expect(accused(30)).toEqual([['high', attacker.mac]]);
    expect(accused(7)).toEqual([]);
  });

  it('of a gateway of which some answers go to who was not seen to ask is none when another takes its address', () => {
    const answers = times(60, (k) => arpLookUp({ atS: k * 3, ...gateway, other: desk.address, askersMac: desk.mac }));
    const unasked = times(10, (k) => arpAnswers({ atS: 7 + k * 9, ...gateway, other: '10.0.0.8' }));
    const twin = times(8, (k) =>
      arpAsks({ atS: 40 + k * 9, mac: attacker.mac, address: gateway.address, other: '10.0.0.9' }),
    );
    expect(incidentsOf([...answers, ...unasked, ...twin]).map(({ severity }) => severity)).toEqual(['info']);
  });

  it('that takes two addresses by questions alone, which their owners go on to claim, is spoofing', () => {
    const questions = times(10, (k) => [
      ...arpAsks({ atS: 5 + k * 15, mac: attacker.mac, address: desk.address, other: gateway.address }),
      ...arpAsks({ atS: 6 + k * 15, mac: attacker.mac, address: gateway.address, other: desk.address }),
    ]);
    expect(incidentsOf([...ordinary, ...questions])).toMatchObject([{ severity: 'high', sources: [attacker.mac] }]);
  });

  it('of one machine for two addresses, answered to who had not asked, is spoofing', () => {
    const own = arpAsks({ atS: 1, ...attacker, other: gateway.address });
    const poison = arpAnswers({ atS: 5, mac: attacker.mac, address: gateway.address, other: desk.address });
    expect(kindsOf([...own, ...poison])).toEqual(['arp-spoofing']);
  });

  it('of two machines with one address is told as a conflict, without severity', () => {
    const twin = times(10, (k) =>
      arpAsks({ atS: 5 + k * 20, mac: attacker.mac, address: desk.address, other: gateway.address }),
    );
    expect(incidentsOf([...ordinary, ...twin]).map(({ kind, severity }) => [kind, severity])).toEqual([
      ['arp-spoofing', 'info'],
    ]);
  });

  it.each<[string, () => Partial<SaidPacket>[]]>([
    ['of a desk and its gateway', () => ordinary],
    [
      'of an address that was given to another',
      () => [
        ...times(5, (k) => arpAsks({ atS: k * 10, ...desk, other: gateway.address })),
        ...times(5, (k) => arpAsks({ atS: 60 + k * 10, ...desk, mac: attacker.mac, other: gateway.address })),
      ],
    ],
    [
      'of a router with two addresses that answers for both',
      () =>
        times(20, (k) =>
          arpLookUp({
            ...{ atS: k * 5, mac: gateway.mac, address: `10.0.0.${1 + (k % 2)}` },
            ...{ other: desk.address, askersMac: desk.mac },
          }),
        ),
    ],
    [
      'of a sensor that does not see the questions',
      () => times(40, (k) => arpAnswers({ atS: k * 5, ...gateway, other: desk.address })),
    ],
    [
      'of a virtual router that takes over from a machine',
      () =>
        [gateway.mac, '00:00:5e:00:01:0a'].flatMap((mac, k) =>
          times(10, (n) => arpAnswers({ atS: n * 20 + 30 * k, mac, address: gateway.address, other: gateway.address })),
        ),
    ],
    [
      'of a machine that was moved to another network',
      () => [
        ...arpAsks({ atS: 0, mac: desk.mac, address: '192.168.0.20', other: '192.168.0.1' }),
        ...arpAnswers({ atS: 10, ...desk, other: '10.0.0.28' }),
      ],
    ],
  ])('%s is none', (_, packets) => {
    expect(kindsOf(packets())).toEqual([]);
  });
});

describe('answers for names', () => {
  it('four with the own address say to be everybody, three are a host with names', () => {
    const answers = (count: number) => times(count, (k) => nameAnswer(k * 10, '10.0.0.66', { name: `srv${k}` }));
    expect(incidentsOf(answers(4))).toMatchObject([{ kind: 'rogue-server', sources: ['10.0.0.66'], severity: 'high' }]);
    expect(kindsOf(answers(3))).toEqual([]);
  });

  it('with the addresses of others are those of a name server', () => {
    expect(kindsOf(times(9, (k) => nameAnswer(k, '10.0.0.5', { name: `srv${k}`, says: `10.0.1.${k}` })))).toEqual([]);
  });

  it('for one name again and again are those of a printer', () => {
    expect(kindsOf(times(30, (k) => nameAnswer(k * 5, '10.0.0.5', { name: 'printer' })))).toEqual([]);
  });
});
