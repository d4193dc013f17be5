import { ConformanceBreach } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { FlowBench } from './flow.fixture.js';
import { START_S } from './packets.fixture.js';

/** A datagram of its own flow. */
const packet = (atS: number) => ({ atS, sourcePort: 1000 + atS });

describe('runs of a sensor', () => {
  it('the same run told again says nothing new', () => {
    const bench = new FlowBench().play([packet(0)]).play([packet(0)]);
    expect(bench.records).toHaveLength(1);
    expect(bench.state.counters.batchesRepeated).toBe(1);
  });

  it('another run after the end begins time and numbers anew', () => {
    const first = new FlowBench().play([packet(0), packet(100)]);
    const again = first.play([packet(0), packet(100)], { header: { epoch: 1 } });
    expect(again.records).toHaveLength(4);
    expect(again.records.slice(2)).toEqual(again.records.slice(0, 2));
    expect(again.state.counters).toMatchObject({ batchesRepeated: 0, batchesMissing: 0 });
    expect(again.hostBatches.map(({ epoch, sequence }) => [epoch, sequence])).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  it('one that broke off leaves its flows to the next, which goes on under its watermark', () => {
    const bench = new FlowBench().play([packet(20)], { endS: START_S + 20 });
    bench.play([packet(3), { ...packet(20), atS: 21 }], { header: { epoch: 1 } });
    const { startUs, conformance } = bench.records.find(({ originatorPort }) => originatorPort === 1003)!;
    expect(startUs).toBe((START_S + 20) * 1e6);
    expect(Number(conformance) & ConformanceBreach.timeLate).not.toBe(0);
    expect(bench.records.find(({ originatorPort }) => originatorPort === 1020)).toMatchObject({ originatorPackets: 2 });
  });

  it('and their partitions are told to the hosts', () => {
    const bench = new FlowBench().play([packet(0)], { header: { epoch: 5, partitions: 3 } });
    expect(bench.hostBatches[0]).toMatchObject({ epoch: 5, partitions: 3, sensor: 'test' });
  });
});
