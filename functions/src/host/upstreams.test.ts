import { createActivityTable, END_OF_TIME_S, type HostBatch } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { FlowBench } from '../flow/flow.fixture.js';
import { type SaidPacket, START_S } from '../flow/packets.fixture.js';
import { HostBench, portScan } from './host.fixture.js';

/** What a flow partition says of packets, in batches of `size`, to the end of its run or to `endS`. */
function told(
  upstream: string,
  packets: Partial<SaidPacket>[],
  { epoch = 0, partitions = 1, size = 1000, endS = END_OF_TIME_S } = {},
): HostBatch[] {
  const bench = new FlowBench().play(packets, { size, endS, header: { epoch, partitions } });
  return bench.hostBatches.map((batch) => ({ ...batch, upstream, sensor: upstream.split('/')[1]! }));
}

const empty = (upstream: string, options: { epoch?: number; partitions?: number; endS?: number } = {}) =>
  told(upstream, [], options);

const scan = portScan(100, 10);
const learner = () => new HostBench({ sensors: [] });

describe('upstreams', () => {
  it('are learned from the first batch of a sensor, and all its partitions are waited for', () => {
    const bench = learner().send(...told('flow/office/1', scan, { partitions: 2 }));
    expect([...bench.state.queues.keys()]).toEqual(['flow/office/0', 'flow/office/1']);
    expect(bench.alerts).toEqual([]);
    bench.send(...empty('flow/office/0', { partitions: 2 }));
    expect(bench.alerts.length).toBeGreaterThan(0);
  });

  it('learned or known from the start, say the same', () => {
    const known = new HostBench({ sensors: [{ name: 'office', partitions: 1 }] });
    const batches = told('flow/office/0', scan, { size: 7 });
    expect(learner().send(...batches).said).toEqual(known.send(...batches).said);
  });

  it('that are listed are waited for before time begins', () => {
    const bench = new HostBench({ sensors: ['office', 'lab'].map((name) => ({ name, partitions: 1 })) });
    bench.send(...told('flow/office/0', scan));
    expect(bench.alerts).toEqual([]);
    bench.send(...empty('flow/lab/0'));
    expect(bench.alerts.length).toBeGreaterThan(0);
  });

  it('that a sensor no longer fills are not waited for', () => {
    const bench = learner();
    bench.send(...empty('flow/office/0', { partitions: 3, endS: START_S }));
    bench.send(...told('flow/office/0', scan, { epoch: 1, partitions: 1 }));
    expect(bench.state.watermarkS).toBe(END_OF_TIME_S);
  });

  it.each([
    ['flow/office/0', { sensor: 'lab' }],
    ['flow/office/2', { partitions: 2 }],
    ['flow/office/x', {}],
    ['flow/office/0', { partitions: 60_000 }],
  ])('that cannot be, or find no room, are refused and counted: %s %o', (upstream, said) => {
    const bench = learner();
    for (const batch of empty('flow/office/0')) bench.send({ ...batch, upstream, ...said });
    expect(bench.state.counters.batchesRefused).toBe(1);
    expect(bench.state.queues.size).toBe(0);
  });
});

describe('runs', () => {
  it('another run after the end says the same again', () => {
    const once = learner().send(...told('flow/office/0', scan)).said;
    const bench = learner();
    for (const epoch of [1, 2]) bench.send(...told('flow/office/0', scan, { epoch }));
    expect(bench.alerts).toEqual([...once.alerts, ...once.alerts]);
    expect(bench.state.run).toBe(1);
  });

  it('the same run told again says nothing', () => {
    const batches = told('flow/office/0', scan, { size: 9 });
    const bench = learner().send(...batches);
    const { length } = bench.alerts;
    expect(bench.send(...batches).alerts).toHaveLength(length);
  });

  it('a run that begins before the end of the one before has come from all partitions waits for it', () => {
    const inOrder = learner();
    const early = learner();
    const first = told('flow/office/0', scan, { partitions: 2 });
    const firstEnd = empty('flow/office/1', { partitions: 2 });
    const second = told('flow/office/0', scan, { epoch: 1, partitions: 2, size: 11 });
    const secondEnd = empty('flow/office/1', { epoch: 1, partitions: 2 });
    inOrder.send(...first, ...firstEnd, ...second, ...secondEnd);
    early.send(...first, ...second.slice(0, 4), ...firstEnd, ...second.slice(4), ...secondEnd);
    expect(early.said).toEqual(inOrder.said);
    expect(early.state.nextRuns.size).toBe(0);
  });

  it('runs that begin before the end of the first has come from all partitions wait for it, each for the one before', () => {
    const epochs = [0, 1, 2, 3];
    const ofOne = epochs.flatMap((epoch) => told('flow/office/0', scan, { epoch, partitions: 2, size: 11 + epoch }));
    const ends = epochs.map((epoch) => empty('flow/office/1', { epoch, partitions: 2 }));
    const inOrder = learner();
    for (const [epoch, end] of ends.entries()) inOrder.send(...ofOne.filter((batch) => batch.epoch === epoch), ...end);
    const early = learner().send(...ofOne);
    expect(early.alerts).toEqual([]);
    for (const end of ends) early.restart().send(...end);
    expect(early.said).toEqual(inOrder.said);
    expect(early.state.run).toBe(3);
    expect(early.state.nextRuns.size).toBe(0);
  });

  it('a batch of a waiting run that comes again is dropped', () => {
    const said = [0, 1, 2].flatMap((epoch) => told('flow/office/0', scan, { epoch, partitions: 2 }));
    const again = said.flatMap((batch) => [batch, batch]);
    const end = [0, 1, 2].flatMap((epoch) => empty('flow/office/1', { epoch, partitions: 2 }));
    expect(learner().send(...again, ...said.slice(-1), ...end).alerts).toEqual(learner().send(...said, ...end).alerts);
  });

  it('a run that follows one that broke off goes on under its watermark', () => {
    const bench = learner().send(...told('flow/office/0', [{ atS: 50 }], { endS: START_S + 51 }));
    bench.send(...told('flow/office/0', [{ atS: 3, sourcePort: 9 }], { epoch: 1 }));
    expect(bench.state.run).toBe(0);
    const last = bench.windows.filter(({ scope, endMs, startMs }) => scope === 'network' && endMs - startMs === 10_000);
    expect(last.map(({ startMs, packets }) => [startMs / 1000 - START_S, packets])).toEqual([[50, 2]]);
  });

  it('a sensor that joins later goes on under the time that was reached', () => {
    const bench = learner().send(...told('flow/office/0', [{ atS: 50 }], { endS: START_S + 51 }));
    bench.send(...told('flow/lab/0', [{ atS: 3, sourcePort: 9 }]));
    expect(bench.state.watermarkS).toBe(START_S + 51);
    bench.send(...told('flow/office/0', [], { epoch: 1 }));
    const network = bench.windows.filter(
      ({ scope, endMs, startMs }) => scope === 'network' && endMs - startMs === 10_000,
    );
    expect(network.map(({ packets }) => packets)).toEqual([2]);
  });
});

describe('the sensors of an alert', () => {
  const half = (parity: number) => scan.filter((_, k) => k % 2 === parity);

  it('are those that saw the host in the window, whoever else is heard', () => {
    const bench = new HostBench({ sensors: ['attic', 'lab', 'office'].map((name) => ({ name, partitions: 1 })) });
    bench.send(...told('flow/office/0', half(0)), ...told('flow/attic/0', half(1)));
    bench.send(...told('flow/lab/0', [{ atS: 2 }]));
    expect(bench.alerts.length).toBeGreaterThan(0);
    for (const { sensors } of bench.alerts) expect(sensors).toEqual(['attic', 'office']);
  });

  it('are remembered over a restart', () => {
    const sensors = ['lab', 'office'].map((name) => ({ name, partitions: 1 }));
    const bench = new HostBench({ sensors });
    for (const batch of told('flow/office/0', half(0), { size: 10 })) bench.send(batch).restart();
    for (const batch of told('flow/lab/0', half(1), { size: 10 })) bench.send(batch).restart();
    expect(bench.alerts.length).toBeGreaterThan(0);
    for (const alert of bench.alerts) expect(alert.sensors).toEqual(['lab', 'office']);
  });

  it('is the one that there is', () => {
    const bench = learner().send(...told('flow/office/0', scan));
    for (const alert of bench.alerts) expect(alert.sensors).toEqual(['office']);
  });
});

describe('what waits for a slow sensor', () => {
  /** More rows than may wait, a second or so each thousand. */
  function flood(rows: number): HostBatch {
    const [batch] = told('flow/office/0', [], { endS: START_S + 300 });
    const activity = createActivityTable(rows);
    for (let i = 0; i < rows; i++) {
      activity.columns.timeUs[i] = (START_S + Math.floor(i / 1000)) * 1e6;
      activity.columns.lastTimeUs[i] = activity.columns.timeUs[i]!;
    }
    activity.count = rows;
    return { ...batch!, activity };
  }
  const bench = () => {
    const sensors = ['lab', 'office'].map((name) => ({ name, partitions: 1 }));
    return new HostBench({ sensors }).send(...empty('flow/lab/0', { endS: START_S + 1 }));
  };

  it('waits as long as it is bearable', () => {
    expect(bench().send(flood(200_000)).state.watermarkS).toBe(START_S + 1);
  });

  it('no longer waits when it is too much, and that is counted', () => {
    const { state } = bench().send(flood(270_000));
    expect(state.watermarkS).toBe(START_S + 300);
    expect(state.counters.upstreamsReleased).toBe(1);
    expect([...state.queues.values()].map(({ waitingRows }) => waitingRows)).toEqual([0, 0]);
  });
});
