import { Protocol } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { answered, host, incidentsOf, kindsOf, session, silentSyn, times } from '../traffic.fixture.js';

const destination = '10.0.0.80';

describe('SYN flood', () => {
  const flood = (count: number) =>
    times(count, (k) => silentSyn({ atS: k * 0.01, source: host(k, '172.16'), destination, destinationPort: 443 }));

  it('800 SYN in ten seconds are a flood, 799 are none', () => {
    expect(kindsOf(flood(800))).toEqual(['syn-flood']);
    expect(kindsOf(flood(799))).toEqual([]);
  });

  it('many sources are not accused; the target is named', () => {
    expect(incidentsOf(flood(900))[0]).toMatchObject({ sources: [], targets: [destination], severity: 'high' });
  });

  it('a single source is accused', () => {
    const packets = times(900, (k) =>
      silentSyn({ atS: k * 0.01, source: '10.0.0.9', sourcePort: 1024 + k, destination, destinationPort: 443 }),
    );
    expect(incidentsOf(packets)[0]).toMatchObject({ kind: 'syn-flood', sources: ['10.0.0.9'] });
  });

  it('of one source to ever other ports is told beside the scan that it may be, from more than there are ports on', () => {
    const hail = (count: number) =>
      times(count, (k) =>
        silentSyn({
          atS: k * 0.0001,
          source: '10.0.0.9',
          sourcePort: 5,
          destination,
          destinationPort: (k * 7) & 65_535,
        }),
      );
    expect(kindsOf(hail(65_537))).toEqual(['port-scan', 'syn-flood']);
    expect(kindsOf(hail(65_536))).toEqual(['port-scan']);
  });

  it('a busy server whose connections complete is not flooded', () => {
    const visit = (k: number) =>
      session({ atS: k * 0.008, source: host(k % 500), sourcePort: 20_000 + k, destination, destinationPort: 443 });
    expect(kindsOf(times(1200, visit))).toEqual([]);
  });
});

describe('UDP flood', () => {
  const flood = (count: number, ports = 200) =>
    times(count, (k) => [
      { atS: k * 0.0009, source: '172.16.0.1', sourcePort: 1024 + (k % ports), destination, destinationPort: 9 },
    ]);

  it('3,000 unanswered datagrams in ten seconds are a flood, 2,999 are none', () => {
    expect(kindsOf(flood(3000))).toEqual(['udp-flood']);
    expect(kindsOf(flood(2999))).toEqual([]);
  });

  it('a stream of 1,000 datagrams a second is none', () => {
    expect(kindsOf(flood(30_000, 1))).toEqual([]);
  });

  it('of one flow is told where it consists of filler, as no stream does', () => {
    const filled = (payloadEntropy: number) => flood(9000, 1).map((packet) => ({ ...packet, payloadEntropy }));
    expect(kindsOf(filled(1))).toEqual(['udp-flood']);
    expect(kindsOf(filled(64))).toEqual(['udp-flood']);
    expect(kindsOf(filled(65))).toEqual([]);
    expect(kindsOf(filled(0))).toEqual([]);
  });

  describe('of one stream', () => {
    const talk = times(40, (k) => answered({ atS: k, source: destination, destination: '10.0.0.53' }));
    const stream = (perSecond: number, fromS: number, to = destination) =>
      times(4 * perSecond, (k) => [
        { atS: fromS + k / perSecond, source: '172.16.0.1', sourcePort: 5004, destination: to, destinationPort: 5004 },
      ]);

    it('is told where 4,000 datagrams a second come suddenly to a host that had little', () => {
      expect(incidentsOf([...talk, ...stream(4000, 40)])).toMatchObject([
        { kind: 'udp-flood', sources: ['172.16.0.1'] },
      ]);
      expect(kindsOf([...talk, ...stream(3900, 40)])).toEqual([]);
    });

    it('is not told where the host was not there, or had as much before', () => {
      expect(kindsOf(stream(5000, 40))).toEqual([]);
      const before = times(4, (k) => stream(1500, k * 9));
      expect(kindsOf([...talk, ...before, ...stream(5000, 40)])).toEqual([]);
    });
  });
});

describe('ICMP flood', () => {
  const flood = (count: number, stepS: number) =>
    times(count, (k) => [
      { atS: k * stepS, source: '172.16.0.1', sourcePort: 3, destination, destinationPort: 3, protocol: Protocol.icmp },
    ]);

  it('1,000 messages in ten seconds, 250 of them in one, are a flood; fewer of either are none', () => {
    expect(kindsOf(flood(1000, 0.004))).toEqual(['icmp-flood']);
    expect(kindsOf(flood(999, 0.004))).toEqual([]);
    expect(kindsOf(flood(1900, 0.0051))).toEqual([]);
  });
});
