import { NoteKind, Protocol, TcpFlag } from '@weir/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlowConfig } from './config.js';
import { FlowBench } from './flow.fixture.js';
import { cutBatches, packetTable, reply, type SaidPacket } from './packets.fixture.js';

const { syn, ack, fin, rst } = TcpFlag;

/** Few hosts and ports, so that flows meet, end and begin again; times that jump back, and now and then far ahead. */
const packet = fc.record({
  stepS: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -2000, max: 900 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
  ),
  source: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1'),
  sourcePort: fc.integer({ min: 1, max: 4 }),
  protocol: fc.constantFrom(Protocol.tcp, Protocol.tcp, Protocol.udp, Protocol.icmp),
  tcpFlags: fc.constantFrom(syn, syn | ack, ack, fin | ack, rst, 0),
  isReply: fc.boolean(),
  tunnelId: fc.constantFrom(0, 0, 7),
  payloadBytes: fc.constantFrom(0, 0, 700),
  tcpSequence: fc.nat(4000),
  noteKind: fc.constantFrom(0, 0, NoteKind.dnsQuery),
  networkLayer: fc.constantFrom(4, 4, 4, 1),
});
const traffic = fc.array(packet, { minLength: 1, maxLength: 120 });

function packetsOf(said: (typeof packet extends fc.Arbitrary<infer P> ? P : never)[]): Partial<SaidPacket>[] {
  let atMs = 5000;
  return said.map(({ stepS, isReply, ...rest }) => {
    atMs = Math.max(0, atMs + stepS);
    const out = { ...rest, atS: atMs / 1000, noteText: rest.noteKind === 0 ? '' : 'a.example' };
    return isReply ? reply(out) : out;
  });
}

const SHORT: Partial<FlowConfig> = {
  records: 'all',
  tcpHandshakeTimeoutS: 3,
  tcpIdleTimeoutS: 20,
  tcpClosedTimeoutS: 2,
  unansweredTimeoutS: 4,
  answeredTimeoutS: 9,
  activeTimeoutS: 7,
};

describe.each([
  ['room for all flows', {}],
  ['room for sixteen flows', { maxFlows: 16 }],
  ['room for three flows', { maxFlows: 3 }],
  ['three host partitions', { hostPartitions: 3 }],
])('with %s', (_, config) => {
  it('the size of batches does not show in what is sent', () => {
    fc.assert(
      fc.property(traffic, fc.integer({ min: 2, max: 50 }), (said, size) => {
        const packets = packetsOf(said);
        const whole = new FlowBench({ ...SHORT, ...config }).play(packets).said;
        expect(new FlowBench({ ...SHORT, ...config }).play(packets, { size: 1 }).said).toEqual(whole);
        expect(new FlowBench({ ...SHORT, ...config }).play(packets, { size }).said).toEqual(whole);
      }),
      { seed: 4, numRuns: 80 },
    );
  });

  it('a restart between batches does not show in what is sent', () => {
    fc.assert(
      fc.property(traffic, fc.integer({ min: 1, max: 40 }), (said, size) => {
        const packets = packetsOf(said);
        const straight = new FlowBench({ ...SHORT, ...config }).play(packets, { size });
        const restarted = new FlowBench({ ...SHORT, ...config });
        for (const batch of cutBatches(packetTable(packets), { size })) restarted.restart().send(batch);
        expect(restarted.said).toEqual(straight.said);
        const headers = ({ hostBatches }: FlowBench) =>
          hostBatches.map(({ activity: _a, notes: _n, ...header }) => header);
        expect(headers(restarted)).toEqual(headers(straight));
      }),
      { seed: 5, numRuns: 40 },
    );
  });

  it('every packet is in some record, and no row is before the watermark of an earlier batch', () => {
    fc.assert(
      fc.property(traffic, (said) => {
        const bench = new FlowBench({ ...SHORT, ...config, records: 'ended' }).play(packetsOf(said), { size: 5 });
        const counted = bench.records.reduce(
          (sum, r) => sum + (r.originatorPackets as number) + (r.responderPackets as number),
          0,
        );
        expect(counted).toBe(said.filter(({ networkLayer }) => networkLayer === 4).length);
        const { hostBatches } = bench;
        for (const { activity, sequence } of hostBatches) {
          const promisedS = hostBatches.find((earlier) => earlier.sequence === sequence - 1)?.watermarkS ?? 0;
          for (const timeUs of activity.columns.timeUs.subarray(0, activity.count))
            expect(timeUs).toBeGreaterThanOrEqual(promisedS * 1e6);
        }
        expect(bench.hostBatches.at(-1)!.counters.flowsLive).toBe(0);
      }),
      { seed: 6, numRuns: 40 },
    );
  });
});

describe('state bytes', () => {
  it('of another layout version are refused by a sentence', () => {
    const bench = new FlowBench().play([{}]);
    const bytes = bench.flows.encode(bench.state);
    bytes[0] = 99;
    expect(() => bench.flows.decode(bytes)).toThrow(/flow state has layout 99; this version reads \d/);
  });
});
