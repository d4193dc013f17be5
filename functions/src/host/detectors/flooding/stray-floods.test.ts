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

  it('is told of protocols that nobody speaks, be it of one source; a tunnel is none', () => {
    const packets = (protocolOf: (k: number) => number) =>
      times(6000, (k) => [
        {
          atS: k * 0.0009,
          source: '172.16.0.1',
          sourcePort: 0,
          destination,
          destinationPort: 0,
          protocol: protocolOf(k),
        },
      ]);
    expect(incidentsOf(packets((k) => 200 + (k % 50)))).toMatchObject([
      { kind: 'packet-flood', sources: ['172.16.0.1'] },
    ]);
    expect(kindsOf(packets(() => 255))).toEqual(['packet-flood']);
    const ESP = 50;
    expect(kindsOf(packets(() => ESP))).toEqual([]);
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

  it('of a single server is told where large answers go to a hundred ports, as a stream does not', () => {
    const poured = (count: number, ports: number) =>
      times(count, (k) => [
        {
          ...{ atS: k * 0.004, source: '172.16.0.1', sourcePort: 53 },
          ...{ destination, destinationPort: 3000 + (k % ports), lengthBytes: 1400 },
        },
      ]);
    expect(kindsOf(poured(500, 100))).toEqual(['amplification']);
    expect(kindsOf(poured(499, 100))).toEqual([]);
    expect(kindsOf(poured(2000, 99))).toEqual([]);
  });

  it('answers of ordinary size are none', () => {
    expect(kindsOf(answers(2000, 123, 90))).toEqual([]);
    expect(kindsOf(answers(2000, 53, 180))).toEqual([]);
  });

  it('of a service that is not known is told by its port, which dozens of hosts send from', () => {
    const unlisted = (hosts: number, from: (k: number) => number) =>
      times(600, (k) => [
        {
          atS: k * 0.0015,
          source: host(k % hosts, '172.16'),
          sourcePort: from(k),
          destination,
          destinationPort: 5000 + (k % 9),
        },
      ]);
    expect(incidentsOf(unlisted(50, () => 1194))).toMatchObject([
      { kind: 'amplification', title: `UDP port 1194 answers are reflected at ${destination}` },
    ]);
    expect(incidentsOf(unlisted(50, () => 1194))[0]!.evidence).toContainEqual(
      expect.objectContaining({ measure: 'hosts that opened flows to it', value: 50, threshold: 50 }),
    );
    expect(kindsOf(unlisted(49, () => 1194))).toEqual([]);
    expect(kindsOf(unlisted(50, (k) => 1194 + (k % 4)))).toEqual([]);
    // QUIC where a sensor sees one direction only, and systems' own choice of ports.
    expect(kindsOf(unlisted(50, () => 443))).toEqual([]);
    expect(kindsOf(unlisted(50, () => 50_000))).toEqual([]);
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

describe('reflected SYN-ACKs', () => {
  const { syn, ack, rst } = TcpFlag;
  const synAcks = (count: number, servers = 100) =>
    times(count, (k) => [
      {
        atS: k * 0.005,
        source: host(k % servers, '172.16'),
        sourcePort: 443,
        destination,
        destinationPort: 1024 + k,
        protocol: Protocol.tcp,
        tcpFlags: syn | ack,
        lengthBytes: 60,
      },
    ]);

  it('of five hundred within ten seconds are told, and nobody is accused', () => {
    expect(incidentsOf(synAcks(500))).toMatchObject([
      { kind: 'amplification', sources: [], targets: [destination], title: `SYN-ACKs are reflected at ${destination}` },
    ]);
    expect(kindsOf(synAcks(499))).toEqual([]);
    expect(kindsOf(synAcks(500, 9))).toEqual([]);
  });

  it('are told too where the host resets each', () => {
    const refused = synAcks(500).flatMap((packet) => [packet, reply(packet, { tcpFlags: rst })]);
    expect(kindsOf(refused)).toEqual(['amplification']);
  });

  it('are not what a sensor sees of answered connections, be it one direction only', () => {
    const asked = synAcks(1000).flatMap((packet) => [
      reply(packet, { tcpFlags: syn, atS: packet.atS! - 0.001 }),
      packet,
    ]);
    expect(kindsOf(asked)).toEqual([]);
    const oneWay = synAcks(1000).flatMap((packet) => [packet, { ...packet, tcpFlags: ack, lengthBytes: 1500 }]);
    expect(kindsOf(oneWay)).toEqual([]);
  });

  it('of few servers are a flood of packets when there are thousands', () => {
    const flood = times(3000, (k) => synAcks(1).map((packet) => ({ ...packet, destinationPort: k, atS: k * 0.0009 })));
    expect(incidentsOf(flood)).toMatchObject([{ kind: 'packet-flood', sources: ['172.16.0.1'] }]);
  });
});

describe('a flood of a protocol without ports', () => {
  it('is one of stray packets', () => {
    const esp = times(3000, (k) => [{ atS: k * 0.0009, source: host(k, '172.16'), destination, protocol: 50 }]);
    expect(incidentsOf(esp)).toMatchObject([{ kind: 'packet-flood', targets: [destination] }]);
  });
});
