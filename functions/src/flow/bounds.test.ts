import { FlowEvent, FlowRecordKind, Protocol, TcpFlag } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { exchange, farewell, fromClient, handshake } from './connection.fixture.js';
import { FlowBench } from './flow.fixture.js';
import { reply, type SaidPacket, START_S } from './packets.fixture.js';

/** Something else that moves time on every second until `endS`. */
const clock = (endS: number): Partial<SaidPacket>[] =>
  Array.from({ length: endS }, (_, atS) => ({ atS, source: '203.0.113.9', sourcePort: 1 }));

/** The packets and the clock in order of time. */
function amid(packets: Partial<SaidPacket>[], endS: number): Partial<SaidPacket>[] {
  return [...packets, ...clock(endS)].sort((a, b) => a.atS! - b.atS!);
}

describe('idle time', () => {
  const udp = [{ atS: 0 }, reply({ atS: 0.1 })];
  const established = [...handshake(0), ...exchange(0.1)];
  const again = (packets: Partial<SaidPacket>[], afterS: number) => [
    ...packets,
    { ...packets[0]!, tcpFlags: TcpFlag.ack, atS: Math.floor(packets.at(-1)!.atS!) + afterS + 0.5 },
  ];
  it.each([
    ['an unanswered datagram', udp.slice(0, 1), { unansweredTimeoutS: 12 }, 12],
    ['an answered datagram', udp, { answeredTimeoutS: 25 }, 25],
    ['a SYN', [fromClient(0, TcpFlag.syn)], { tcpHandshakeTimeoutS: 8 }, 8],
    ['a half handshake', handshake(0).slice(0, 2), { tcpHandshakeTimeoutS: 8 }, 8],
    ['a connection', established, { tcpIdleTimeoutS: 40 }, 40],
    ['a closed connection', [...established, ...farewell(1)], { tcpClosedTimeoutS: 6 }, 6],
  ])('ends %s after its own timeout', (_, packets, config, timeoutS) => {
    const bench = (afterS: number) => new FlowBench({ ...config }).play(again(packets, afterS));
    expect(bench(timeoutS).records).toHaveLength(1);
    expect(bench(timeoutS + 1).records).toHaveLength(2);
    const byClock = new FlowBench({ ...config }).play(amid(again(packets, timeoutS + 1), 60));
    expect(byClock.records.filter(({ originatorAddress }) => originatorAddress === '192.0.2.1')).toHaveLength(2);
  });

  it('without any answer is told as an end without answer, and never before its time', () => {
    const bench = new FlowBench({ tcpIdleTimeoutS: 20 }).play(established, { endS: START_S + 21 });
    expect(bench.records).toHaveLength(0);
    bench.play([], { header: { sequence: 1 }, endS: START_S + 22 });
    expect(bench.records).toHaveLength(1);
    const end = bench.activity[0]!.find(({ events }) => (events as number) & FlowEvent.ended)!;
    expect(end.timeUs).toBe((START_S + 21) * 1e6);
    expect(end).toMatchObject({ originatorPackets: 0, responderPackets: 0, gapSumUs: 0 });
  });

  it('says with the end when the last packet came, long before', () => {
    const lastS = START_S + established.at(-1)!.atS!;
    const bench = new FlowBench({ tcpIdleTimeoutS: 20 }).play(established);
    const end = bench.activity[0]!.find(({ events }) => (events as number) & FlowEvent.ended)!;
    expect(end.lastTimeUs).toBeCloseTo(lastS * 1e6, -1);
    expect((end.timeUs as number) - (end.lastTimeUs as number)).toBeGreaterThan(15e6);
    expect((end.lastTimeUs as number) - (end.totalDurationMs as number) * 1000).toBeCloseTo(START_S * 1e6, -4);
  });
});

describe('a flow that goes on', () => {
  const steady = Array.from({ length: 65 }, (_, atS) => ({ atS, lengthBytes: 100 }));

  it('is reported at each active timeout with what there was so far', () => {
    const { records } = new FlowBench({ activeTimeoutS: 20, records: 'all' }).play(steady);
    expect(records.map(({ kind }) => kind)).toEqual([
      FlowRecordKind.started,
      FlowRecordKind.interim,
      FlowRecordKind.interim,
      FlowRecordKind.interim,
      FlowRecordKind.ended,
    ]);
    const packets = records.slice(1).map(({ originatorPackets }) => originatorPackets as number);
    expect(packets[3]).toBe(65);
    for (let k = 0; k < 3; k++) expect(Math.abs(packets[k]! - 20 * (k + 1) - 1)).toBeLessThanOrEqual(2);
  });

  it.each([
    ['ended', 1],
    ['none', 0],
  ] as const)('is not reported on the way where records are %s', (records, count) => {
    expect(new FlowBench({ activeTimeoutS: 20, records }).play(steady).records).toHaveLength(count);
  });
});

describe('a full table', () => {
  const flood = Array.from({ length: 500 }, (_, i) => ({
    source: `10.0.${i >> 8}.${i & 255}`,
    protocol: Protocol.tcp,
    tcpFlags: TcpFlag.syn,
    atS: i / 100,
  }));

  it('never holds more than it may, and counts what gave way', () => {
    const bench = new FlowBench({ maxFlows: 64 }).play(flood, { size: 25 });
    const counters = bench.hostBatches.map((batch) => batch.counters);
    expect(Math.max(...counters.map(({ flowsLive }) => flowsLive))).toBe(64);
    expect(counters.at(-1)).toMatchObject({ flowsStarted: 500, flowsEnded: 500, flowsEvicted: 436, flowsLive: 0 });
    expect(bench.records).toHaveLength(500);
  });

  it('lets that flow give way that would expire first, and keeps connections', () => {
    const connection = [...handshake(0), ...exchange(0.1)];
    const bench = new FlowBench({ maxFlows: 64 }).play([...connection, ...flood]);
    expect(bench.records.at(-1)).toMatchObject({ originatorPort: 50_000, originatorPackets: 3 });
  });

  it('tells the hosts of a connection that gave way', () => {
    const connections = Array.from({ length: 80 }, (_, i) =>
      handshake(i / 100, 0.001).map((packet, k) => (k === 1 ? packet : { ...packet, sourcePort: 50_000 + i })),
    );
    const pairs = connections.map(([hello, , done], i) => {
      const answer = reply({ ...hello!, tcpFlags: TcpFlag.syn | TcpFlag.ack, atS: i / 100 + 0.001 });
      return [hello!, answer, done!];
    });
    const bench = new FlowBench({ maxFlows: 64 }).play(pairs.flat());
    const evicted = bench.activity[0]!.filter(({ events }) => (events as number) & FlowEvent.evicted);
    expect(evicted).toHaveLength(16);
    expect(bench.hostBatches.at(-1)!.counters.flowsEvicted).toBe(16);
  });

  it('of flows with forgotten beginnings still follows them', () => {
    const rounds = Array.from({ length: 20 }, (_, k) => flood.slice(0, 100).map((p) => ({ ...p, atS: k / 10 })));
    const bench = new FlowBench({ maxFlows: 16 }).play(rounds.flat(), { size: 7 });
    const packets = bench.records.reduce((sum, { originatorPackets }) => sum + (originatorPackets as number), 0);
    expect(packets).toBe(2000);
  });
});

describe('time', () => {
  it.each([1000, 1023, 1024, 1025, 2000, 5000, 86_000])('that jumps %i seconds ends what was and goes on', (jumpS) => {
    const packets = [{}, { atS: 1, sourcePort: 2 }, { atS: jumpS, sourcePort: 3 }, { atS: jumpS + 1, sourcePort: 3 }];
    const { records } = new FlowBench().play([...packets, { atS: jumpS + 20, sourcePort: 4 }]);
    expect(records.map(({ originatorPort, originatorPackets }) => [originatorPort, originatorPackets])).toEqual([
      [40_000, 1],
      [2, 1],
      [3, 2],
      [4, 1],
    ]);
  });

  it('that was decades behind comes up without walking through every second', () => {
    const unset = Array.from({ length: 20 }, (_, i) => ({ atS: -1_600_000_000 + i }));
    const { records } = new FlowBench().play([...unset, { atS: 0 }, { atS: 1 }, { atS: 40, sourcePort: 2 }]);
    expect(records.map(({ originatorPackets }) => originatorPackets)).toEqual([20, 2, 1]);
  });
});
