import { Protocol, TcpFlag } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { answered, host, incidentsOf, kindsOf, times } from './traffic.fixture.js';

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

  it('a thousand large answers of time servers that nobody asked are told, and nobody is accused', () => {
    expect(incidentsOf(answers(1000, 123, 482))).toMatchObject([
      {
        kind: 'amplification',
        sources: [],
        targets: [destination],
        title: `NTP answers are reflected at ${destination}`,
      },
    ]);
    expect(kindsOf(answers(999, 123, 482))).toEqual([]);
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
