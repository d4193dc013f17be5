import { Protocol, TcpFlag } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { reply } from '../../../flow/packets.fixture.js';
import { answered, host, incidentsOf, kindsOf, times } from '../traffic.fixture.js';

const destination = '10.0.0.80';

describe('a flood of stray TCP packets', () => {
  const flood = (count: number, packetsPerFlow = 1) =>
    times(count, (k) => [
      {
        atS: k * 0.0009,
        source: host(Math.floor(k / packetsPerFlow), '172.16'),
        sourcePort: 1024 + (k % 9),
        destination,
        protocol: Protocol.tcp,
        tcpFlags: TcpFlag.ack,
      },
    ]);

  it('of 3,000 packets in ten seconds is told, of 2,999 not', () => {
    expect(incidentsOf(flood(3000))).toMatchObject([{ kind: 'packet-flood', targets: [destination], sources: [] }]);
    expect(kindsOf(flood(2999))).toEqual([]);
  });

  it('is told too where each packet is refused, unless many ports are tried', () => {
    const refused = (count: number, ports: number) =>
      times(count, (k) => {
        const [source, sourcePort] = ['10.0.0.9', 1024 + k];
        const packet = { source, sourcePort, destination, destinationPort: 80 + (k % ports), protocol: Protocol.tcp };
        const first = { ...packet, atS: k * 0.0009, tcpFlags: TcpFlag.ack };
        return [first, reply(first, { tcpFlags: TcpFlag.rst })];
      });
    expect(incidentsOf(refused(3000, 1))).toMatchObject([{ kind: 'packet-flood', sources: ['10.0.0.9'] }]);
    expect(kindsOf(refused(2999, 1))).toEqual([]);
    expect(kindsOf(refused(3000, 1000))).toEqual(['port-scan']);
  });

  it('is not what a sensor sees that began in the middle of uploads', () => {
    const uploads = times(6000, (k) => [
      {
        atS: k * 0.0009,
        source: host(k % 600, '172.16'),
        sourcePort: 4000,
        destination,
        protocol: Protocol.tcp,
        tcpFlags: TcpFlag.ack,
        lengthBytes: 1500,
      },
    ]);
    expect(kindsOf(uploads)).toEqual([]);
  });
});

describe('amplification', () => {
  const answers = (count: number, sourcePort: number, lengthBytes: number) =>
    times(count, (k) => [
      { atS: k * 0.002, source: host(k % 100, '172.16'), sourcePort, destination, destinationPort: 80, lengthBytes },
    ]);

  it('five hundred large answers of time servers that nobody asked are told, and nobody is accused', () => {
    expect(incidentsOf(answers(500, 123, 482))).toMatchObject([
      {
        kind: 'amplification',
        sources: [],
        targets: [destination],
        title: `NTP answers are reflected at ${destination}`,
      },
    ]);
    expect(kindsOf(answers(499, 123, 482))).toEqual([]);
  });

  it('two hundred are enough where they are as large as chosen answers are, as long as they come fast', () => {
    expect(kindsOf(answers(200, 53, 1400))).toEqual(['amplification']);
    expect(kindsOf(answers(199, 53, 1400))).toEqual([]);
    const slowly = answers(200, 53, 1400).map((packet) => ({ ...packet, atS: packet.atS! * 20 }));
    expect(kindsOf(slowly)).toEqual([]);
  });

  it('answers of ordinary size are none', () => {
    expect(kindsOf(answers(2000, 123, 90))).toEqual([]);
    expect(kindsOf(answers(2000, 53, 180))).toEqual([]);
  });

  it('is told instead of a UDP flood', () => {
    const flood = times(5000, (k) => [
      { atS: k * 0.0005, source: host(k, '172.16'), sourcePort: 11_211, destination, lengthBytes: 1400 },
    ]);
    expect(kindsOf(flood)).toEqual(['amplification']);
  });

  it('answers that were asked for are none', () => {
    const asked = times(1500, (k) =>
      answered({
        atS: k * 0.006,
        source: destination,
        sourcePort: 9000 + k,
        destination: host(k),
        destinationPort: 161,
      }),
    );
    expect(kindsOf(asked)).toEqual([]);
  });
});
