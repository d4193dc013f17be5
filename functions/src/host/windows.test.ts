import { Protocol, TcpFlag, type TrafficWindow, WINDOW_LENGTHS_S } from '@weir/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reply, type SaidPacket, START_S } from '../flow/packets.fixture.js';
import { HostBench, toldBy } from './host.fixture.js';

const packet = fc.record({
  atMs: fc.nat(70_000),
  source: fc.integer({ min: 1, max: 4 }),
  destination: fc.integer({ min: 1, max: 3 }),
  destinationPort: fc.constantFrom<number[]>(22, 53, 80),
  protocol: fc.constantFrom(Protocol.tcp, Protocol.udp, Protocol.icmp),
  lengthBytes: fc.integer({ min: 60, max: 1500 }),
  isReply: fc.boolean(),
});
type Packet = typeof packet extends fc.Arbitrary<infer P> ? P : never;
const BUSY: Packet = {
  atMs: 0,
  source: 1,
  destination: 1,
  destinationPort: 53,
  protocol: Protocol.udp,
  lengthBytes: 100,
  isReply: false,
};
/** In order of time, of flows that no timeout ends. */
const traffic = fc.array(packet, { minLength: 1, maxLength: 150 }).map((all) => all.sort((a, b) => a.atMs - b.atMs));

function saidOf({ atMs, source, destination, isReply, ...rest }: Packet): SaidPacket {
  const said = {
    ...rest,
    atS: atMs / 1000,
    source: `192.0.2.${source}`,
    destination: `198.51.100.${destination}`,
    sourcePort: 1024,
    tcpFlags: rest.protocol === Protocol.tcp ? TcpFlag.ack : 0,
  };
  return (isReply ? reply(said) : reply(reply(said))) as SaidPacket;
}

const keyOf = (p: Packet) => [p.source, p.destination, p.destinationPort, p.protocol].join();

/** Each packet with what it was in its flow. */
function placed(packets: Packet[]) {
  const originators = new Map<string, SaidPacket>();
  return packets.map((p) => {
    const said = saidOf(p);
    const first = originators.get(keyOf(p));
    if (!first) originators.set(keyOf(p), said);
    return { said, begins: !first, first: first ?? said };
  });
}

type Placed = ReturnType<typeof placed>[number];

const said = (packets: Placed[]) => packets.map((p) => p.said);

/** What the window must say of these packets of a host, or of the network, by counting. */
function expectedOf(packets: Placed[], address: string | undefined) {
  const begun = packets.filter(({ begins }) => begins);
  const out = begun.filter(({ said }) => address === undefined || said.source === address);
  const into = begun.filter(({ said }) => address === undefined || said.destination === address);
  const distinct = (values: (string | number)[]) => new Set(values).size;
  const share = (protocol: number) => packets.filter(({ said }) => said.protocol === protocol).length / packets.length;
  const bytes = packets.reduce((sum, { said }) => sum + said.lengthBytes, 0);
  const ports = (some: Placed[]) => distinct(some.map(({ said }) => said.destinationPort));
  return {
    packets: packets.length,
    bytes,
    connections: begun.length,
    sources: distinct(into.map(({ said }) => said.source)),
    destinations: distinct(out.map(({ said }) => said.destination)),
    ports: address === undefined ? ports(begun) : ports(out) + ports(into),
    meanPacketBytes: bytes / packets.length,
    tcpShare: share(Protocol.tcp),
    udpShare: share(Protocol.udp),
    icmpShare: share(Protocol.icmp),
    packetsPerConnection: begun.length === 0 ? 0 : packets.length / begun.length,
  };
}

const lengthS = ({ startMs, endMs }: TrafficWindow) => (endMs - startMs) / 1000;

/** The packets of the window's host, or of all, that lie in it. */
function within(window: TrafficWindow, all: Placed[]): Placed[] {
  return all.filter(({ said }) => {
    const atMs = START_S * 1000 + Math.round(said.atS * 1000);
    const isOwn = !window.address || said.source === window.address || said.destination === window.address;
    return isOwn && atMs >= window.startMs && atMs < window.endMs;
  });
}

describe('a window', () => {
  it('says what counting its packets says, of each host and of the network', () => {
    fc.assert(
      fc.property(traffic, (packets) => {
        const all = placed(packets);
        const { windows } = new HostBench().send(...toldBy('flow/test/0', said(all)));
        // An end by silence is told too, and may make a window without packets.
        const filled = windows.filter((window) => window.packets > 0);
        // Hosts that are hardly seen have no longer windows.
        for (const window of filled.filter((w) => w.scope === 'network' || lengthS(w) === 10))
          expect(window).toMatchObject(expectedOf(within(window, all), window.address));
        for (const length of WINDOW_LENGTHS_S) {
          const network = filled.filter((w) => w.scope === 'network' && lengthS(w) === length);
          expect(network.reduce((sum, w) => sum + w.packets, 0)).toBe(packets.length);
        }
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('of any length says it of a host that is seen all the time', () => {
    const packets = Array.from({ length: 700 }, (_, i) => ({ ...BUSY, atMs: i * 100, destinationPort: i % 60 }));
    const all = placed(packets);
    const { windows } = new HostBench().send(...toldBy('flow/test/0', said(all)));
    const own = windows.filter(({ address, packets }) => address === '192.0.2.1' && packets > 0);
    expect(own.map(lengthS).sort((a, b) => a - b)).toEqual([10, 10, 10, 10, 10, 10, 10, 60, 60, 300]);
    for (const window of own) expect(window).toMatchObject(expectedOf(within(window, all), window.address));
  });

  it('has shares from 0 to 1, whatever is answered when', () => {
    fc.assert(
      fc.property(traffic, (packets) => {
        const { windows } = new HostBench().send(...toldBy('flow/test/0', packets.map(saidOf)));
        for (const { failedShare, tcpShare, udpShare, icmpShare } of windows)
          for (const share of [failedShare, tcpShare, udpShare, icmpShare]) {
            expect(share).toBeGreaterThanOrEqual(0);
            expect(share).toBeLessThanOrEqual(1);
          }
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  it('knows which share of flows was refused or never answered', () => {
    const syn = (port: number) => ({ protocol: 6, tcpFlags: TcpFlag.syn, destinationPort: port, atS: port / 100 });
    const answer = (port: number, tcpFlags: number) => reply(syn(port), { tcpFlags, atS: port / 100 + 0.001 });
    const { ack, rst, syn: s } = TcpFlag;
    const packets = [syn(1), syn(2), answer(2, rst | ack), syn(3), answer(3, s | ack), syn(4), answer(4, s | ack)];
    const { windows } = new HostBench({ windows: 'network' }).send(...toldBy('flow/test/0', packets));
    expect(windows[0]).toMatchObject({ scope: 'network', connections: 4, failedShare: 0.5 });
  });

  it('is not made to fail less than nothing by an answer to an earlier one', () => {
    const late = [{ atS: 9.5 }, reply({ atS: 10.5 })];
    const prompt = [2, 3, 4].flatMap((sourcePort) => [{ sourcePort, atS: 11 }, reply({ sourcePort, atS: 11.1 })]);
    const { windows } = new HostBench({ windows: 'network' }).send(...toldBy('flow/test/0', [...late, ...prompt]));
    expect(windows.map(({ failedShare }) => failedShare)).toEqual([1, 0, 0, 0]);
  });

  it('gives the gaps between packets of a flow', () => {
    // Gaps of 100, 300, 200 and 400 ms.
    const packets = [1, 1.1, 1.4, 1.6, 2].map((atS) => ({ atS }));
    const [window] = new HostBench({ windows: 'network' }).send(...toldBy('flow/test/0', packets)).windows;
    expect(window!.gapMeanMs).toBeCloseTo(250, 6);
    expect(window!.gapDeviationMs).toBeCloseTo(Math.sqrt((150 ** 2 + 50 ** 2 + 50 ** 2 + 150 ** 2) / 3), 3);
  });

  it('of the network counts each packet once, also over several partitions', () => {
    const packets = Array.from({ length: 200 }, (_, i) => ({
      source: `192.0.2.${i % 90}`,
      atS: i / 50,
      lengthBytes: 80,
    }));
    const { windows } = new HostBench({ windows: 'network' }).send(...toldBy('flow/test/0', packets));
    expect(windows.map((w) => [w.endMs - w.startMs, w.packets, w.bytes, w.sources])).toEqual(
      WINDOW_LENGTHS_S.map((lengthS) => [lengthS * 1000, 200, 16_000, windows[0]!.sources]),
    );
    expect(Math.abs(windows[0]!.sources - 90)).toBeLessThanOrEqual(9);
  });

  it('estimates more than sixty-four distinct things within the error of its sketch', () => {
    const packets = Array.from({ length: 3000 }, (_, i) => ({
      source: `10.1.${i >> 8}.${i & 255}`,
      destinationPort: 1 + (i % 40),
      atS: i / 400,
    }));
    const { windows } = new HostBench().send(...toldBy('flow/test/0', packets, 500));
    const target = windows.find(({ address }) => address === '198.51.100.1')!;
    expect(target.ports).toBe(40);
    expect(Math.abs(target.sources - 3000) / 3000).toBeLessThan(4 * 0.0325);
    expect(target.destinations).toBe(0);
  });

  it('names the peers with most bytes, largest first, in every length', () => {
    const packets = Array.from({ length: 30 }, (_, i) => ({
      destination: `198.51.100.${1 + (i % 3)}`,
      atS: i / 10,
      lengthBytes: 100 * (1 + (i % 3)),
    }));
    const { windows } = new HostBench().send(...toldBy('flow/test/0', packets));
    const named = windows.filter(({ scope }) => scope === 'network').map(({ topPeers }) => topPeers);
    const expected = [3, 2, 1].map((host) => ({ address: `198.51.100.${host}`, bytes: host * 1000 }));
    expect(named).toEqual(WINDOW_LENGTHS_S.map(() => expected));
  });

  it('of the network is the same whether hosts are counted too or not', () => {
    fc.assert(
      fc.property(traffic, (packets) => {
        const batches = toldBy('flow/test/0', said(placed(packets)));
        const all = new HostBench({ windows: 'all' }).send(...batches);
        const alone = new HostBench({ windows: 'network' }).send(...batches);
        expect(alone.windows).toEqual(all.windows.filter(({ scope }) => scope === 'network'));
        expect(alone.alerts).toEqual(all.alerts);
      }),
      { numRuns: 30 },
    );
  });

  it('is told as the settings say', () => {
    const told = (windows: 'none' | 'network' | 'all') =>
      new HostBench({ windows }).send(...toldBy('flow/test/0', [{}])).windows.map(({ scope }) => scope);
    expect(told('none')).toEqual([]);
    expect(told('network')).toEqual(WINDOW_LENGTHS_S.map(() => 'network'));
    expect(told('all').filter((scope) => scope === 'host').length).toBeGreaterThanOrEqual(2);
  });
});
