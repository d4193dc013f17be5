import { FIRST_PACKETS } from '@weir/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowBench, type Row } from './flow.fixture.js';
import { reply, type SaidPacket } from './packets.fixture.js';

interface Sent {
  gapUs: number;
  fromOriginator: boolean;
  lengthBytes: number;
  payloadBytes: number;
}

/** Packets of one flow, in order of time, seldom far apart. */
const sent = fc.record({
  gapUs: fc.oneof(fc.nat(3), fc.nat(50_000), fc.nat(3_000_000)),
  fromOriginator: fc.boolean(),
  lengthBytes: fc.integer({ min: 20, max: 9000 }),
  payloadBytes: fc.nat(9000),
});
const conversation = fc.array(sent, { minLength: 1, maxLength: 60 });

function packetsOf(conversation: Sent[]): (Partial<SaidPacket> & { timeUs: number })[] {
  let timeUs = 0;
  return conversation.map(({ gapUs, fromOriginator, ...sizes }, i) => {
    timeUs += gapUs;
    const packet = { ...sizes, atS: timeUs / 1e6 };
    return { ...(fromOriginator || i === 0 ? packet : reply(packet, sizes)), timeUs };
  });
}

/** Smallest, mean, sample deviation, largest, by the book; zeros without values. */
function describeValues(values: number[]) {
  if (values.length === 0) return { min: 0, mean: 0, deviation: 0, max: 0 };
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  const deviation = values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
  return { min: Math.min(...values), mean, deviation, max: Math.max(...values) };
}

const gapsOf = (timesUs: number[]) => timesUs.slice(1).map((time, i) => time - timesUs[i]!);

/** Close enough that only the rounding of sums of squares can lie between. */
function expectNear(found: number, expected: number, scale: number): void {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, scale));
}

function checkDirection(record: Row, side: 'originator' | 'responder', packets: ReturnType<typeof packetsOf>): void {
  const at = (name: string) => record[`${side}${name}`] as number;
  const lengths = describeValues(packets.map((p) => p.lengthBytes!));
  const gaps = describeValues(gapsOf(packets.map((p) => p.timeUs)));
  expect(at('Packets')).toBe(packets.length);
  expect(at('Bytes')).toBe(packets.reduce((sum, p) => sum + p.lengthBytes!, 0));
  expect(at('PayloadBytes')).toBe(packets.reduce((sum, p) => sum + p.payloadBytes!, 0));
  expect(at('LengthMinBytes')).toBe(lengths.min);
  expect(at('LengthMaxBytes')).toBe(lengths.max);
  expectNear(at('LengthDeviationBytes'), lengths.deviation, lengths.max);
  expect(at('GapMinUs')).toBe(gaps.min);
  expect(at('GapMaxUs')).toBe(gaps.max);
  expectNear(at('GapMeanUs'), gaps.mean, gaps.max);
  expectNear(at('GapDeviationUs'), gaps.deviation, gaps.max);
}

/** Sizes and gaps of a record's first packets. */
function firstPacketsOf(record: Row): { sizes: number[]; gapsMs: number[] } {
  const bytes = (name: string) => new Uint8Array(Buffer.from(record[name] as string, 'hex')).buffer;
  return { sizes: [...new Int16Array(bytes('firstSizes'))], gapsMs: [...new Float32Array(bytes('firstGaps'))] };
}

describe('a flow record', () => {
  it('says of each direction what reckoning by the book says', () => {
    fc.assert(
      fc.property(conversation, (said) => {
        const packets = packetsOf(said);
        const { records } = new FlowBench({ unansweredTimeoutS: 900, answeredTimeoutS: 900 }).play(packets);
        expect(records).toHaveLength(1);
        checkDirection(
          records[0]!,
          'originator',
          packets.filter((_, i) => i === 0 || said[i]!.fromOriginator),
        );
        checkDirection(
          records[0]!,
          'responder',
          packets.filter((_, i) => i > 0 && !said[i]!.fromOriginator),
        );
        expect((records[0]!.endUs as number) - (records[0]!.startUs as number)).toBe(
          packets.at(-1)!.timeUs - packets[0]!.timeUs,
        );
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('keeps sizes, negative from the responder, and gaps of the first packets', () => {
    fc.assert(
      fc.property(conversation, (said) => {
        const packets = packetsOf(said);
        const bench = new FlowBench({ unansweredTimeoutS: 900, answeredTimeoutS: 900 });
        const { sizes, gapsMs } = firstPacketsOf(bench.play(packets).records[0]!);
        const kept = packets.length < 2 ? 0 : Math.min(packets.length, FIRST_PACKETS);
        const signed = packets.map((p, i) => (i === 0 || said[i]!.fromOriginator ? p.payloadBytes! : -p.payloadBytes!));
        expect(sizes.map((size) => size + 0)).toEqual(signed.slice(0, kept).map((size) => size + 0));
        const gaps = [0, ...gapsOf(packets.map((p) => p.timeUs))].slice(0, kept);
        expect(gapsMs).toEqual(gaps.map((gapUs) => Math.fround(gapUs / 1000)));
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it('counts a packet that comes out of order as no gap', () => {
    const { records } = new FlowBench().play([{ atS: 1 }, { atS: 1.5 }, { atS: 1.2 }, { atS: 1.6 }]);
    expect(records).toMatchObject([{ originatorPackets: 4, originatorGapMinUs: 0, originatorGapMaxUs: 500_000 }]);
  });

  it('gathers what payloads showed', () => {
    const { records } = new FlowBench().play([
      { conformance: 4, payloadGuess: 1, payloadEntropy: 9 },
      reply({ conformance: 1, payloadGuess: 3, payloadEntropy: 200, atS: 1 }),
      { conformance: 4, payloadGuess: 2, payloadEntropy: 30, atS: 2 },
    ]);
    expect(records).toMatchObject([{ conformance: 5, payloadGuess: 3, payloadEntropy: 200 }]);
  });
});

describe('the rows of panes', () => {
  it('add up to the record, whatever the order of the packets', () => {
    const shuffled = fc.array(fc.record({ at: fc.nat(8_000), sent, source: fc.nat(3) }), { maxLength: 80 });
    fc.assert(
      fc.property(shuffled, (said) => {
        const packets = said.map(({ at, sent, source }) => {
          const packet = { atS: at / 1000, sourcePort: source, lengthBytes: sent.lengthBytes };
          return sent.fromOriginator ? packet : reply(packet);
        });
        const bench = new FlowBench({ answeredTimeoutS: 900, unansweredTimeoutS: 900 }).play(packets);
        const sum = (rows: Row[], names: string[]) =>
          rows.reduce((total, row) => total + names.reduce((t, name) => t + (row[name] as number), 0), 0);
        for (const counted of ['Packets', 'Bytes']) {
          const names = [`originator${counted}`, `responder${counted}`];
          expect(sum(bench.activity[0]!, names)).toBe(sum(bench.records, names));
        }
        expect(sum(bench.records, ['originatorPackets', 'responderPackets'])).toBe(said.length);
        for (const row of bench.activity[0]!)
          expect((row.originatorPackets as number) + (row.responderPackets as number)).toBeGreaterThan(0);
      }),
      { seed: 3, numRuns: 150 },
    );
  });

  it('hold the packets of their second', () => {
    const bench = new FlowBench().play([{ atS: 0.1 }, { atS: 0.9 }, { atS: 1 }, { atS: 3.5 }, { atS: 3.6 }]);
    expect(
      bench.activity[0]!.map((row) => [
        Math.floor((row.timeUs as number) / 1e6) % 10,
        row.originatorPackets,
        (row.lastTimeUs as number) - (row.timeUs as number),
      ]),
    ).toEqual([
      [0, 2, 800_000],
      [1, 1, 0],
      [3, 2, 100_000],
    ]);
  });
});
