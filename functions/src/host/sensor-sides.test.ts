import type { Incident } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { parseDetectionConfig } from '../config.js';
import { cutBatches, packetTable, type SaidPacket } from '../flow/packets.fixture.js';
import { EmbeddedRuntime } from '../runtime/embedded/index.js';
import { host, incidentsOf, kindsOf, lookUp, session, silentSyn, times } from './detectors/traffic.fixture.js';
import { HostBench, toldBy } from './host.fixture.js';

type Packets = Partial<SaidPacket>[];

/** Forty connections a minute of ten desks to eight servers. */
function work(minutes: number, startS = 0): Packets {
  return times(minutes * 40, (k) =>
    session({
      source: host(k % 10, '10.3'),
      destination: `203.0.113.${1 + (k % 8)}`,
      sourcePort: 20_000 + k,
      destinationPort: 443,
      atS: startS + k * 1.5,
    }),
  );
}

const fromDesks = (packets: Packets) => packets.filter(({ source }) => source!.startsWith('10.3.'));
const fromServers = (packets: Packets) => packets.filter(({ source }) => source!.startsWith('203.'));
/** Both sides of the connections with these servers, and one of the others. */
const seenWholeOf = (packets: Packets, servers: RegExp) =>
  packets.filter(({ source }) => source!.startsWith('10.3.') || servers.test(source!));
const oneSided = (packets: Packets) => incidentsOf(packets).filter(({ kind }) => kind === 'one-sided-traffic');

describe('traffic of which a sensor is shown one side', () => {
  it('is told after three minutes, whichever side it is, as about the sensor', () => {
    expect(oneSided(fromDesks(work(5)))).toMatchObject([
      { entity: 'test', severity: 'medium', sensors: ['test'], sources: [], targets: [] },
    ]);
    expect(oneSided(fromServers(work(5)))).toMatchObject([{ entity: 'test', severity: 'medium' }]);
    expect(oneSided(fromServers(work(5)))[0]!.summary).toMatch(/mostly what servers send/);
    expect(oneSided(fromDesks(work(5)))[0]!.summary).toMatch(/mostly what clients send/);
  });

  it('is one incident, from its first minute to its last', () => {
    const [incident] = oneSided([...fromDesks(work(6)), ...work(6, 360)]);
    expect(incident).toMatchObject({ state: 'closed', alerts: 4 });
    expect(incident!.endMs - incident!.startMs).toBe(360_000);
  });

  it('is none within two minutes, with both sides, or with both of two thirds', () => {
    expect(oneSided(fromDesks(work(2)))).toEqual([]);
    expect(kindsOf(work(5))).toEqual([]);
    expect(oneSided(seenWholeOf(work(5), /203\.0\.113\.[3-8]$/))).toEqual([]);
  });

  it('is low where some is seen whole', () => {
    expect(oneSided(seenWholeOf(work(5), /203\.0\.113\.[12]$/))).toMatchObject([{ severity: 'low' }]);
  });

  it('is none where one server answers by another way, nor where SYNs go unanswered', () => {
    const one = times(200, (k) =>
      session({ source: host(k % 40, '10.3'), destination: '203.0.113.1', sourcePort: 20_000 + k, atS: k * 1.5 }),
    );
    expect(oneSided(fromDesks(one))).toEqual([]);
    const probes = times(400, (k) =>
      silentSyn({
        source: host(k % 10, '10.3'),
        destination: `203.0.113.${1 + (k % 90)}`,
        sourcePort: k,
        atS: k * 0.7,
      }),
    );
    expect(oneSided(probes)).toEqual([]);
  });

  it('is the same however its batches are cut, and after a restart', () => {
    const packets = fromDesks(work(5)).sort((a, b) => a.atS! - b.atS!);
    const whole = new HostBench({ sensors: [{ name: 'east', partitions: 1 }] });
    whole.send(...toldBy('flow/east/0', packets, 100_000));
    expect(whole.alerts.filter(({ kind }) => kind === 'one-sided-traffic')).toHaveLength(2);
    const cut = new HostBench({ sensors: [{ name: 'east', partitions: 1 }] });
    for (const batch of toldBy('flow/east/0', packets, 37)) cut.send(batch).restart();
    expect(cut.alerts).toEqual(whole.alerts);
  });
});

/** Thirty look-ups a minute of ten desks at four resolvers, each desk from a port of its own each time. */
function lookUps(minutes: number, startS = 0): Packets {
  return times(minutes * 30, (k) =>
    lookUp({
      name: `www${k % 7}.example`,
      source: host(k % 10, '10.3'),
      destination: `203.0.113.${1 + (k % 4)}`,
      sourcePort: 20_000 + k,
      atS: startS + k * 2,
    }),
  );
}

describe('several host partitions that see one side', () => {
  it('tell it once for the sensor', () => {
    const incidents = new Map<string, Incident>();
    const runtime = new EmbeddedRuntime({
      config: parseDetectionConfig({}),
      sensor: 'test',
      hostPartitions: 3,
      incidentPartitions: 2,
      records: 'none',
      sink: { incident: ({ incident }) => void incidents.set(incident.id, incident) },
    });
    const desks = times(900, (k) =>
      session({
        source: host(k % 30, '10.3'),
        destination: `203.0.113.${1 + (k % 8)}`,
        sourcePort: 20_000 + k,
        destinationPort: 443,
        atS: k / 3,
      }),
    );
    const inOrder = fromDesks(desks).sort((a, b) => a.atS! - b.atS!);
    for (const batch of cutBatches(packetTable(inOrder), { size: 4096 })) runtime.deliver(batch);
    const told = [...incidents.values()].filter(({ kind }) => kind === 'one-sided-traffic');
    // Of the third, fourth and fifth minute: what three partitions say of one is one alert.
    expect(told).toMatchObject([{ entity: 'test', alerts: 3 }]);
  });
});

describe('UDP of which a sensor is shown one side', () => {
  it('is told of services that always answer, whichever side it is', () => {
    expect(oneSided(fromDesks(lookUps(5)))).toMatchObject([{ entity: 'test', severity: 'medium' }]);
    expect(oneSided(fromServers(lookUps(5)))).toMatchObject([
      { summary: expect.stringMatching(/mostly what servers send/) },
    ]);
  });

  it('is none with both sides, nor within two minutes', () => {
    expect(oneSided(lookUps(5))).toEqual([]);
    expect(oneSided(fromDesks(lookUps(2)))).toEqual([]);
  });

  it('is none once an answer was seen: then the resolvers are down', () => {
    expect(oneSided([...lookUps(1), ...fromDesks(lookUps(5, 60))])).toEqual([]);
  });

  it('is none while connections of TCP are seen whole: then UDP is blocked', () => {
    expect(oneSided([...fromDesks(lookUps(5)), ...work(5)])).toEqual([]);
  });

  it('is none where one host asks all others, or is sent answers that nobody asked for', () => {
    const scan = fromDesks(lookUps(5)).map((packet) => ({ ...packet, source: host(1, '10.3') }));
    expect(oneSided(scan)).toEqual([]);
    const reflected = fromServers(lookUps(5)).map((packet) => ({ ...packet, lengthBytes: 1200 }));
    expect(oneSided(reflected)).toEqual([]);
  });
});
