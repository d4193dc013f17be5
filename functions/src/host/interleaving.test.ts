import { type HostBatch, NoteKind, TcpFlag } from '@weir/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DETECTION_CONFIG } from '../config.js';
import { FlowBench } from '../flow/flow.fixture.js';
import { reply, type SaidPacket, START_S } from '../flow/packets.fixture.js';
import { HostBench, portScan, toldBy } from './host.fixture.js';

const SENSORS = ['east', 'west'].map((name) => ({ name, partitions: 1 }));
const bench = () => new HostBench({ sensors: SENSORS });

/** Ordinary flows of a few clients, answered. */
const background = (seconds: number): Partial<SaidPacket>[] =>
  Array.from({ length: seconds * 4 }, (_, i) => {
    const query = { source: `192.0.2.${1 + (i % 9)}`, sourcePort: 2000 + i, destinationPort: 53, atS: i / 4 };
    return [query, reply({ ...query, atS: i / 4 + 0.02 })];
  }).flat();

const arpRequests = (targets: number): Partial<SaidPacket>[] =>
  Array.from({ length: targets }, (_, i) => ({
    source: '192.0.2.5',
    destination: `192.0.2.${i}`,
    networkLayer: 1,
    protocol: 0,
    noteKind: NoteKind.arpRequest,
    atS: 2 + i / 20,
  }));

const inOrder = (packets: Partial<SaidPacket>[]) => packets.sort((a, b) => a.atS! - b.atS!);

/** East sees a slow scan and a fast one, west a flood and an ARP sweep: enough for every length of window to speak. */
const east = inOrder([
  ...background(80),
  ...portScan(400, 7, { atS: 3.3 }),
  ...portScan(300, 40, { atS: 12.1, source: '192.0.2.77' }),
]);
const flood = Array.from({ length: 3000 }, (_, i) => ({
  source: `10.9.${i >> 8}.${i & 255}`,
  destination: '198.51.100.80',
  protocol: 6,
  tcpFlags: TcpFlag.syn,
  atS: 20 + i / 300,
}));
const west = inOrder([...background(60), ...arpRequests(100), ...flood]);

const told = (size: number) => ({ east: toldBy('flow/east/0', east, size), west: toldBy('flow/west/0', west, size) });

/** Takes from one list or the other as `picks` says, then the rest. */
function interleaved(a: HostBatch[], b: HostBatch[], picks: boolean[]): HostBatch[] {
  const [left, right] = [[...a], [...b]];
  const mixed = picks.flatMap((pick) => (pick ? left : right).splice(0, 1));
  return [...mixed, ...left, ...right];
}

describe('two upstreams', () => {
  const { east: a, west: b } = told(100);
  const expected = bench().send(...a, ...b).said;

  it('have something to say', () => {
    expect(new Set(expected.alerts.map(({ kind }) => kind))).toEqual(
      new Set(['port-scan', 'address-sweep', 'syn-flood']),
    );
    expect(expected.alerts.length).toBeGreaterThan(8);
    expect(expected.windows.length).toBeGreaterThan(50);
  });

  it('may speak in any turn: alerts and windows are the same', () => {
    const picks = fc.array(fc.boolean(), { maxLength: a.length + b.length });
    fc.assert(
      fc.property(picks, (chosen) => {
        expect(bench().send(...interleaved(a, b, chosen)).said).toEqual(expected);
      }),
      { seed: 1, numRuns: 15 },
    );
    expect(bench().send(...b, ...a).said).toEqual(expected);
  });

  it.each([1, 13, 100_000])('may cut their batches at %i packets', (size) => {
    const cut = told(size);
    const turns = cut.east.map((_, i) => i % 2 === 0);
    expect(bench().send(...interleaved(cut.east, cut.west, turns)).said).toEqual(expected);
  });

  it('may say things twice, which is counted', () => {
    const twice = interleaved(a, b, []).flatMap((batch) => [batch, batch]);
    expect(bench().send(...twice).said).toEqual(expected);
  });

  it('survive a restart between any two batches', () => {
    const restarted = bench();
    for (const batch of interleaved(
      a,
      b,
      a.map((_, i) => i % 3 > 0),
    ))
      restarted.restart().send(batch);
    expect(restarted.said).toEqual(expected);
  });

  it('are waited for: nothing is counted before the slower one has passed it', () => {
    const waiting = bench();
    waiting.send(...a);
    expect(waiting.said).toEqual({ windows: [], alerts: [] });
    for (const batch of b.slice(0, -1)) {
      waiting.send(batch);
      for (const { endMs } of waiting.windows) expect(endMs).toBeLessThanOrEqual(batch.watermarkS * 1000);
      for (const { endMs } of waiting.alerts) expect(endMs).toBeLessThan(batch.watermarkS * 1000);
    }
    expect(waiting.alerts.length).toBeGreaterThan(0);
    waiting.send(b.at(-1)!);
    expect(waiting.said).toEqual(expected);
  });
});

describe('silence', () => {
  /** A scan, then silence that batches without packets tell up to each of these seconds, then one more probe. */
  function toldOf(untilS: number[]): HostBatch[] {
    const flow = new FlowBench().play(portScan(140, 20), { endS: START_S + untilS[0]! });
    for (const [i, endS] of untilS.slice(1).entries())
      flow.play([], { header: { sequence: i + 1 }, endS: START_S + endS });
    const probe = portScan(1, 1, { atS: 92, destination: '198.51.100.99' });
    return flow.play(probe, { header: { sequence: untilS.length } }).hostBatches;
  }

  const atOnce = new HostBench().send(...toldOf([6])).said;

  it('ends a window that has more to say than was said before; longer ones leave it at that', () => {
    expect(atOnce.alerts.map(({ magnitude }) => Math.floor(magnitude))).toEqual([1, 2, 5, 7]);
  });

  it.each([
    ['second by second', Array.from({ length: 80 }, (_, i) => 6 + i)],
    ['up to just behind the last packet', [6, 7]],
    ['up to the end of the window', [6, 10]],
  ])('may be told %s', (_, untilS) => {
    expect(new HostBench().send(...toldOf(untilS)).said).toEqual(atOnce);
  });

  it('may see a restart', () => {
    const restarted = new HostBench();
    for (const batch of toldOf([6, 7, 8, 30])) restarted.restart().send(batch);
    expect(restarted.said).toEqual(atOnce);
  });
});

describe('an ARP sweep', () => {
  const sweep = (targets: number) => new HostBench().send(...toldBy('flow/test/0', arpRequests(targets))).alerts;

  it('is told with who asked and for how many', () => {
    const [alert] = sweep(100);
    expect(alert).toMatchObject({ kind: 'address-sweep', entity: '192.0.2.5', sources: ['192.0.2.5'] });
    expect(alert!.startMs).toBe((START_S + 2) * 1000);
  });

  it('below the threshold is none, nor are announcements and probes for an own address', () => {
    expect(sweep(60)).toEqual([]);
    const announcements = arpRequests(100).map((packet) => ({ ...packet, noteValue: 1 }));
    const probes = arpRequests(100).map((packet) => ({ ...packet, source: '0.0.0.0' }));
    expect(new HostBench().send(...toldBy('flow/test/0', announcements)).alerts).toEqual([]);
    expect(new HostBench().send(...toldBy('flow/test/0', probes)).alerts).toEqual([]);
  });
});

describe('the host table', () => {
  const host = { ...DEFAULT_DETECTION_CONFIG.host, maxHosts: 64 };

  it('never holds more hosts than it may, and forgets hardly any for a flood of strangers seen once', () => {
    const scan = portScan(200, 20);
    const strangers = Array.from({ length: 2000 }, (_, i) => ({
      source: `10.3.${i >> 8}.${i & 255}`,
      destination: '198.51.100.9',
      atS: i / 200,
    }));
    const narrow = new HostBench({ host, windows: 'network' });
    for (const batch of toldBy('flow/test/0', inOrder([...scan, ...strangers]))) {
      narrow.send(batch);
      expect(narrow.state.hosts.count).toBeLessThanOrEqual(64);
    }
    expect(narrow.state.hosts.forgotten).toBeLessThan(100);
    expect(narrow.alerts.map(({ kind, entity }) => [kind, entity])).toContainEqual(['port-scan', '192.0.2.66']);
    expect(narrow.windows[0]).toMatchObject({ packets: 2200, connections: 2200 });
  });

  it('survives a restart when it is full', () => {
    const packets = inOrder([...portScan(200, 20), ...flood.slice(0, 900).map((p) => ({ ...p, atS: p.atS - 18 }))]);
    const batches = toldBy('flow/test/0', packets);
    const straight = new HostBench({ host }).send(...batches);
    const restarted = new HostBench({ host });
    for (const batch of batches) restarted.restart().send(batch);
    expect(restarted.said).toEqual(straight.said);
  });
});

describe('state bytes', () => {
  it('of another layout version are refused by a sentence', () => {
    const { hosts, state } = bench();
    const bytes = hosts.encode(state);
    bytes[0] = 99;
    expect(() => hosts.decode(bytes)).toThrow(/host state has layout 99; this version reads \d/);
  });
});
