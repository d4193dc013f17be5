import { createFlowRecordTable, FlowOutcome, type FlowRecordTable, flowSummaryOf, PayloadGuess } from '@weir/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeFlowLines } from './flow-lines.js';

const address = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((v4) => Uint8Array.of(...new Array(10).fill(0), 255, 255, ...v4)),
  fc.constant(new Uint8Array(16)),
);
const counted = fc.oneof(fc.nat(2000), fc.nat({ max: 2 ** 31 - 1 }), fc.maxSafeInteger().map(Math.abs));
const flow = fc.record({
  originator: address,
  responder: address,
  ports: fc.tuple(fc.nat(65_535), fc.nat(65_535)),
  protocol: fc.nat(255),
  outcome: fc.nat(Object.keys(FlowOutcome).length),
  times: fc.tuple(counted, fc.double({ noNaN: true, min: 0, max: 1e16 })),
  counts: fc.tuple(counted, counted, counted, counted),
  guess: fc.nat(Object.keys(PayloadGuess).length),
});
type Flow = (typeof flow)['generate'] extends (...args: never[]) => { value: infer Value } ? Value : never;

function tableOf(flows: readonly Flow[]): FlowRecordTable {
  const table = createFlowRecordTable(flows.length);
  const c = table.columns;
  for (const [row, { originator, responder, ports, protocol, outcome, times, counts, guess }] of flows.entries()) {
    c.originatorAddress.bytes.set(originator, row * 16);
    c.responderAddress.bytes.set(responder, row * 16);
    [c.originatorPort[row], c.responderPort[row]] = ports;
    c.protocol[row] = protocol;
    c.outcome[row] = outcome;
    [c.startUs[row], c.endUs[row]] = times;
    [c.originatorPackets[row], c.responderPackets[row], c.originatorBytes[row], c.responderBytes[row]] = counts;
    c.payloadGuess[row] = guess;
  }
  table.count = flows.length;
  return table;
}

function linesOf(table: FlowRecordTable, fullBytes = 1e9): string[] {
  const blocks: string[] = [];
  writeFlowLines('office-1', table, { fullBytes, take: (lines) => blocks.push(Buffer.from(lines).toString()) });
  return blocks;
}

const stringified = (table: FlowRecordTable) =>
  Array.from({ length: table.count }, (_, row) => JSON.stringify(flowSummaryOf('office-1', table, row)));

describe('lines of flow records', () => {
  it('are the bytes that JSON.stringify makes of their summaries', () => {
    fc.assert(
      fc.property(fc.array(flow, { minLength: 1, maxLength: 8 }), (flows) => {
        const table = tableOf(flows);
        expect(linesOf(table)).toEqual([stringified(table).join('\n')]);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it.each([0, 1, 10, 100, 999, 1000, 1001, 1_700_000_000_123_456, 1_700_000_000_120_000, 2 ** 53 - 1])(
    'tell %d µs as JSON tells the milliseconds',
    (timeUs) => {
      const table = createFlowRecordTable(1);
      table.columns.startUs[0] = timeUs;
      table.count = 1;
      expect(linesOf(table)[0]).toContain(`"startMs":${JSON.stringify(timeUs / 1000)},`);
    },
  );

  it('come in blocks that end at the first line that fills them', () => {
    const [one] = fc.sample(flow, { numRuns: 1, seed: 3 });
    const table = tableOf(Array.from({ length: 10 }, () => one!));
    const line = stringified(table)[0]!;
    const blocks = linesOf(table, 2 * line.length + 2);
    expect(blocks.map((block) => block.split('\n').length)).toEqual([3, 3, 3, 1]);
    expect(blocks.join('\n')).toBe(stringified(table).join('\n'));
  });

  it('of no records are none', () => {
    expect(linesOf(createFlowRecordTable(1))).toEqual([]);
  });
});
