import { Protocol, TcpFlag } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { reply, type SaidPacket } from '../../../flow/packets.fixture.js';
import { host, incidentsOf, kindsOf, refusedSyn, silentSyn, times } from '../traffic.fixture.js';

const { sctp, icmp } = Protocol;
const source = '10.0.0.9';
const destination = '10.0.0.20';
const { ack, rst } = TcpFlag;

/** A bare ACK and the RST that refuses it. */
function refusedAck(packet: Partial<SaidPacket>): Partial<SaidPacket>[] {
  const first = { source, destination, protocol: Protocol.tcp, tcpFlags: ack, ...packet };
  return [first, reply(first, { tcpFlags: rst, atS: (first.atS ?? 0) + 0.001 })];
}

describe('a scan with ACK', () => {
  const scan = (count: number, from = 1) =>
    times(count, (k) => refusedAck({ atS: k * 0.1, sourcePort: 53_073, destinationPort: from + k }));

  it('of twenty ports that refuse is a scan, of nineteen none', () => {
    expect(incidentsOf(scan(20))).toMatchObject([{ kind: 'port-scan', sources: [source] }]);
    expect(kindsOf(scan(19))).toEqual([]);
  });

  it('is not what a server does that speaks to clients which are gone', () => {
    expect(kindsOf(scan(200, 40_000))).toEqual([]);
    const late = times(200, (k) => refusedAck({ atS: k * 0.1, sourcePort: 443, destinationPort: 2000 + k }));
    expect(kindsOf(late)).toEqual([]);
  });

  it('is found too where nobody answers, by the ports over which no connections are held', () => {
    const silent = (from: number, count: number) => scan(count, from).filter(({ tcpFlags }) => tcpFlags === ack);
    expect(incidentsOf(silent(1, 30))).toMatchObject([{ kind: 'port-scan', sources: [source] }]);
    expect(kindsOf(silent(700, 19))).toEqual([]);
    expect(kindsOf(silent(1024, 200))).toEqual([]);
  });

  it('is not what a sensor of one direction sees of connections to many servers', () => {
    const ports = [22, 80, 443, 993, 3306, 5222, 6881, 8080];
    const idle = times(400, (k) => [
      {
        atS: k * 0.02,
        ...{ source, sourcePort: 33_000 + k, destination: host(k), destinationPort: ports[k % ports.length]! },
        ...{ protocol: Protocol.tcp, tcpFlags: ack },
      },
    ]);
    expect(kindsOf(idle)).toEqual([]);
  });
});

describe('a scan of IP protocols', () => {
  const scan = (count: number, packet: Partial<SaidPacket> = {}) =>
    times(count, (k) => [
      { atS: k * 0.1, source, destination, protocol: 90 + k, sourcePort: 0, destinationPort: 0, ...packet },
    ]);

  it('of twenty is a scan, of nineteen none', () => {
    expect(kindsOf(scan(20))).toEqual(['port-scan']);
    expect(kindsOf(scan(19))).toEqual([]);
  });

  it('is not what tunnels do, whose packets carry others', () => {
    const tunnels = times(60, (k) => scan(1, { atS: k * 0.1, destination: host(k), protocol: 47, lengthBytes: 400 }));
    expect(kindsOf(tunnels)).toEqual([]);
  });

  it('finds SCTP on many hosts to be a sweep', () => {
    const sweep = times(30, (k) => scan(1, { atS: k * 0.1, destination: host(k), protocol: Protocol.sctp }));
    expect(kindsOf(sweep)).toEqual(['address-sweep']);
  });
});

describe('a sweep of IPv6 neighbours', () => {
  const asks = (count: number) =>
    times(count, (k) => [
      {
        atS: k * 0.1,
        source: 'fe80::9',
        destination: `ff02::1:ff00:${(k + 1).toString(16)}`,
        protocol: Protocol.icmpv6,
        sourcePort: 135,
        destinationPort: 0,
      },
    ]);

  it('of sixty-four in ten seconds is a sweep, of sixty-three none', () => {
    expect(incidentsOf(asks(64))).toMatchObject([{ kind: 'address-sweep', sources: ['fe80::9'] }]);
    expect(kindsOf(asks(63))).toEqual([]);
  });
});

describe('a slow scan', () => {
  const scan = (count: number, everyS: number) =>
    times(count, (k) => [
      ...refusedSyn({ atS: k * everyS, source, sourcePort: 40_000, destination, destinationPort: 1 + k }),
      // Something else now and then, as a host at work says: one that is silent for a minute is forgotten at first.
      { atS: k * everyS + everyS / 2, source, destination, destinationPort: 514 },
    ]);

  it.each([60, 120])('of a port in %i s is found within the hour', (everyS) => {
    const [incident] = incidentsOf(scan(50, everyS));
    expect(incident).toMatchObject({ kind: 'port-scan', sources: [source], targets: [destination] });
  });

  it('of a port in four minutes is not', () => {
    expect(kindsOf(scan(50, 240))).toEqual([]);
  });

  it('is not what a client does whose service is down', () => {
    const tries = times(120, (k) => refusedSyn({ atS: k * 30, source, sourcePort: 40_000 + k, destination }));
    expect(kindsOf(tries)).toEqual([]);
  });
});

describe('a distributed scan', () => {
  const scan = (sources: number, ports: number) =>
    times(ports, (k) =>
      silentSyn({ atS: (k * 9) / ports, source: host(k % sources, '172.16'), destination, destinationPort: 1 + k }),
    );

  it('of forty ports by five hosts is one incident about the target', () => {
    expect(incidentsOf(scan(5, 40))).toMatchObject([{ kind: 'port-scan', targets: [destination] }]);
  });

  it('needs forty ports and five sources', () => {
    expect(kindsOf(scan(5, 39))).toEqual([]);
    expect(kindsOf(scan(4, 40))).toEqual([]);
  });

  it('is not told where one source alone tries enough', () => {
    expect(
      incidentsOf([
        ...scan(5, 35),
        ...times(200, (k) => silentSyn({ atS: k * 0.04, source, destination, destinationPort: 1 + k })),
      ]),
    ).toMatchObject([{ kind: 'port-scan', sources: [source] }]);
  });
});

describe('a scan with SCTP', () => {
  const scan = (count: number, tcpFlags: number) =>
    times(count, (k) => {
      const first = { source, destination, protocol: sctp, atS: k * 0.1, sourcePort: 50_000, destinationPort: 1 + k };
      return [first, reply(first, { tcpFlags, atS: first.atS + 0.001 })];
    });

  it('whose ports refuse with ABORT is told, of ports that answer not', () => {
    expect(incidentsOf(scan(20, rst))).toMatchObject([{ kind: 'port-scan', sources: [source] }]);
    expect(kindsOf(scan(19, rst))).toEqual([]);
    expect(kindsOf(scan(40, 0))).toEqual([]);
  });
});

describe('a sweep with ICMP', () => {
  const sweep = (type: number) =>
    times(60, (k) => [
      { source, destination: host(k), protocol: icmp, atS: k * 0.05, sourcePort: type, destinationPort: type + 1 },
    ]);

  it.each([
    ['time stamps', 13],
    ['address masks', 17],
  ])('that asks for %s is told as one with echo is', (_, type) => {
    expect(kindsOf(sweep(type))).toEqual(['address-sweep']);
  });
});

describe('a scan through an idle host', () => {
  it('is told of that host, though half of its flows are answers to SYN-ACKs that it did not ask for', () => {
    const idle = times(60, (k) => {
      const asked = { source, sourcePort: 45_000 + k, destination: '10.0.0.99', destinationPort: 80, atS: k * 0.3 };
      const question = { ...asked, protocol: Protocol.tcp, tcpFlags: TcpFlag.syn | ack };
      const forged = { source: '10.0.0.99', sourcePort: 80, destination, destinationPort: 1 + k, atS: k * 0.3 + 0.1 };
      return [question, reply(question, { tcpFlags: rst }), ...refusedSyn(forged)];
    });
    expect(incidentsOf(idle)).toMatchObject([{ kind: 'port-scan', sources: ['10.0.0.99'] }]);
  });
});
