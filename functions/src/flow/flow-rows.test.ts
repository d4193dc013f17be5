import { ConformanceBreach, FlowEvent, type FlowRowBatch, type Incident, TcpFlag } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DETECTION_CONFIG as config } from '../config.js';
import { EmbeddedRuntime } from '../runtime/embedded/index.js';
import { FlowBench, keepBatch, type Row, rowsOf } from './flow.fixture.js';
import { rowBatches, type SaidRow, START_S } from './flow-rows.fixture.js';
import { createFlowFunction } from './index.js';

const { syn, ack, rst, fin, psh, urg } = TcpFlag;

/** What the flow function sends of these rows. */
function told(said: readonly Partial<SaidRow>[], { size = said.length, hostPartitions = 1 } = {}) {
  const flows = createFlowFunction({ ...config.flow, hostPartitions, records: 'ended' });
  const state = flows.initialState('flow/test/0');
  const activity: Row[][] = Array.from({ length: hostPartitions }, () => []);
  const records: Row[] = [];
  const send = (batch: FlowRowBatch) =>
    flows.transition(state, batch, (output) => {
      if (output.kind === 'flow-records') records.push(...rowsOf(output.records));
      else activity[output.partition]!.push(...rowsOf(keepBatch(output.batch).activity));
    });
  for (const batch of rowBatches(said, size)) send(batch);
  return { activity, records, state, send };
}

const eventNames = (bits: unknown) =>
  Object.entries(FlowEvent)
    .filter(([, bit]) => (bits as number) & bit)
    .map(([name]) => name);

describe('what became of a flow', () => {
  const eventsOf = (row: Partial<SaidRow>) => eventNames(told([row]).activity[0]![0]!.events);

  it.each<[string, Partial<SaidRow>, string[]]>([
    ['data both ways', {}, ['started', 'answered', 'established', 'ended']],
    ['data both ways and FIN', { flags: syn | ack | fin }, ['started', 'answered', 'established', 'finished', 'ended']],
    ['data both ways and RST', { flags: syn | ack | rst }, ['started', 'answered', 'established', 'reset', 'ended']],
    ['SYN alone', { packets: [2, 0], payload: [0, 0], flags: syn }, ['started', 'unanswered']],
    ['nothing back, flags not told', { packets: [1, 0], payload: [0, 0] }, ['started', 'unanswered']],
    ['SYN and RST', { packets: [1, 1], payload: [0, 0], flags: syn | ack | rst }, ['started', 'rejected']],
    [
      'SYN, SYN-ACK, RST',
      { packets: [2, 1], payload: [0, 0], flags: syn | ack | rst },
      ['started', 'answered', 'ended'],
    ],
    ['two ACKs', { packets: [1, 1], payload: [0, 0], flags: ack }, ['started', 'answered', 'ended', 'midstream']],
    [
      'an Xmas probe',
      { packets: [1, 0], payload: [0, 0], flags: fin | psh | urg },
      ['started', 'unanswered', 'oddStart'],
    ],
    ['one side told, flags not', { responderKnown: false, packets: [9, 0] }, ['started', 'midstream']],
    ['one side told, SYN alone', { responderKnown: false, packets: [1, 0], flags: syn }, ['started', 'unanswered']],
    [
      'one side told, SYN and data',
      { responderKnown: false, flags: syn | ack | psh },
      ['started', 'answered', 'established', 'ended'],
    ],
    ['an outcome', { outcome: 'rejected', flags: syn | rst }, ['started', 'rejected']],
    ['UDP both ways', { protocol: 17 }, ['started', 'answered', 'ended']],
    ['UDP one way', { protocol: 17, packets: [3, 0] }, ['started', 'unanswered']],
    ['UDP, one side told', { protocol: 17, packets: [3, 0], responderKnown: false }, ['started']],
  ])('%s', (_, row, expected) => {
    expect(eventsOf(row).sort()).toEqual([...expected].sort());
  });
});

describe('a flow that lasts', () => {
  const panes = (row: Partial<SaidRow>) =>
    told([row]).activity[0]!.map(({ timeUs, originatorPackets, events }) => ({
      second: Math.floor((timeUs as number) / 1e6) - START_S,
      packets: originatorPackets as number,
      events: eventNames(events),
    }));

  it('is laid out second by second, so that no second holds more than its share', () => {
    const said = panes({ durationS: 9.5, packets: [1000, 10], flags: syn | ack | fin });
    expect(said.map(({ second }) => second)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(said.map(({ packets }) => packets)).toEqual(Array(10).fill(100));
    expect(said[0]!.events).toEqual(['started', 'answered', 'established']);
    expect(said[9]!.events).toEqual(['finished', 'ended']);
  });

  it('is laid out in steps of ten seconds when it is sparse, and empty steps are left out', () => {
    expect(panes({ durationS: 60, packets: [3, 0], protocol: 17 }).map(({ second }) => second)).toEqual([
      0, 20, 40, 60,
    ]);
  });

  it('is followed for two minutes', () => {
    const said = panes({ durationS: 3600, packets: [36_010, 36_010] });
    expect(said).toHaveLength(120);
    expect(said.at(-1)!.events).toEqual([]);
    expect(said.every(({ packets }) => packets <= 11)).toBe(true);
  });

  it('keeps all its packets and its end, whatever its length', () => {
    for (const durationS of [0, 0.99, 1, 7.3, 59, 119.9]) {
      const rows = told([{ durationS, packets: [37, 11] }]).activity[0]!;
      expect(rows.reduce((sum, row) => sum + (row.originatorPackets as number), 0)).toBe(37);
      expect(rows.reduce((sum, row) => sum + (row.responderPackets as number), 0)).toBe(11);
      expect(rows.filter(({ events }) => (events as number) & FlowEvent.ended)).toHaveLength(1);
      expect(rows.at(-1)).toMatchObject({ totalOriginatorBytes: 300, totalDurationMs: Math.round(durationS * 1000) });
    }
  });
});

describe('the flow function with flow rows', () => {
  const many = Array.from({ length: 300 }, (_, i) => ({
    timeS: i / 20,
    durationS: (i % 40) / 10,
    from: `10.0.${i % 3}.${i % 50}`,
    to: `10.1.0.${i % 7}`,
    fromPort: 1000 + i,
  }));

  it('says the same for any batch size', () => {
    const whole = told(many);
    for (const size of [1, 7, 100]) {
      const { activity, records } = told(many, { size });
      expect({ activity, records }).toEqual({ activity: whole.activity, records: whole.records });
    }
  });

  it('tells each row to the partitions of its two hosts, and once as a record', () => {
    const { activity, records } = told(many, { hostPartitions: 3 });
    const started = activity.flat().filter(({ events }) => (events as number) & FlowEvent.started);
    expect(started.filter(({ roles }) => (roles as number) & 1)).toHaveLength(300);
    expect(started.filter(({ roles }) => (roles as number) & 2)).toHaveLength(300);
    expect(records).toHaveLength(300);
    expect(records[7]).toMatchObject({
      startUs: (START_S + 0.35) * 1e6,
      endUs: (START_S + 1.05) * 1e6,
      originatorPackets: 5,
    });
  });

  it('drops a batch that comes again, and counts it', () => {
    const { send, state, records, activity } = told([{}, { timeS: 1 }], { size: 1 });
    const before = { records: records.length, activity: activity[0]!.length, packets: state.counters.packets };
    send(rowBatches([{}])[0]!);
    expect({ records: records.length, activity: activity[0]!.length, packets: state.counters.packets }).toEqual(before);
    expect(state.counters.batchesRepeated).toBe(1);
  });

  it('keeps nothing of a row, so its state is as small after many as after none', () => {
    const bench = new FlowBench();
    const { state } = told(many, { size: 50 });
    expect(state.core.exports.flowsLive.value).toBe(0);
    expect(bench.flows.encode(state).length).toBeLessThan(bench.flows.encode(bench.state).length + 200);
  });

  it('gives rows of a new run from before its watermark that watermark, and marks them late', () => {
    const { send, activity, state } = told([]);
    const [first] = rowBatches([{ timeS: 0 }, { timeS: 100 }, { timeS: 200 }], 3);
    first!.header.watermarkS = START_S + 199;
    send(first!);
    const [next] = rowBatches([{ timeS: 50 }, { timeS: 300 }]);
    next!.header.epoch = 1;
    send(next!);
    expect(state.epoch).toBe(1);
    const late = activity[0]!
      .slice(3)
      .map(({ timeUs, conformance }) => [(timeUs as number) / 1e6 - START_S, conformance]);
    expect(late).toEqual([[199, ConformanceBreach.timeLate], [300, 0]]); // biome-ignore format: pairs
  });

  it('keeps its counts finite, and its work bounded, whatever a row claims', () => {
    const most = Number.MAX_VALUE;
    const { activity, state, records } = told([{ packets: [most, most], payload: [most, most], durationS: 1e290 }]);
    expect(activity[0]!.length).toBeLessThanOrEqual(120);
    expect(Number.isFinite(state.counters.packets + state.counters.bytes)).toBe(true);
    for (const value of Object.values(records[0]!)) expect(value).not.toBeNaN();
    expect(records[0]!.endUs).toBe(0xffff_ffff * 1e6);
  });

  it('begins time anew with a run that follows one that has ended', () => {
    const { send, activity } = told([{ timeS: 100 }]);
    const [again] = rowBatches([{ timeS: 0 }]);
    again!.header.epoch = 1;
    send(again!);
    expect(activity[0]!.map(({ timeUs }) => (timeUs as number) / 1e6 - START_S)).toEqual([100, 0]);
  });
});

describe('detectors on flow rows', () => {
  function incidentsOf(said: readonly Partial<SaidRow>[], { size = 64, hostPartitions = 1 } = {}): Incident[] {
    const byId = new Map<string, Incident>();
    const sink = { incident: ({ incident }: { incident: Incident }) => void byId.set(incident.id, incident) };
    const runtime = new EmbeddedRuntime({ config, sink, sensor: 'test', hostPartitions });
    for (const batch of rowBatches(said, size)) runtime.deliver(batch);
    return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
  const rows = (count: number, row: (i: number) => Partial<SaidRow>) => Array.from({ length: count }, (_, i) => row(i));
  const probe = { packets: [1, 0], payload: [0, 0], durationS: 0, flags: syn } as const;
  const refused = { packets: [1, 1], payload: [0, 0], durationS: 0.001, flags: syn | ack | rst } as const;

  const attacks: [string, Partial<SaidRow>[]][] = [
    ['port-scan', rows(100, (i) => ({ ...refused, timeS: i / 50, toPort: i + 1 }))],
    ['port-scan', rows(100, (i) => ({ ...probe, timeS: i / 50, toPort: i + 1, outcome: 'halfOpen' as const }))],
    ['address-sweep', rows(100, (i) => ({ ...probe, timeS: i / 50, to: `10.2.0.${i}`, toPort: 23 }))],
    ['syn-flood', rows(5000, (i) => ({ ...probe, timeS: i / 1000, from: `10.${i % 9}.${i % 200}.3`, fromPort: i }))],
    ['udp-flood', rows(40, (i) => ({ protocol: 17, packets: [1000, 0] as const, durationS: 5, toPort: 1000 + i })).concat(
      rows(120, (i) => ({ protocol: 17, packets: [1, 0] as const, timeS: 1, toPort: 3000 + i })),
    )],
    ['icmp-flood', [{ protocol: 1, packets: [20_000, 0], durationS: 5, fromPort: 8, toPort: 0 }]],
    ['password-guessing', rows(40, (i) => ({ timeS: i, toPort: 22, fromPort: 2000 + i, payload: [1200, 1800], durationS: 2 }))],
  ]; // biome-ignore format: a table

  it.each(attacks)('find a %s', (kind, said) => {
    expect(incidentsOf(said).map((incident) => incident.kind)).toContain(kind);
  });

  it.each(attacks)('say the same of a %s for any batch size and number of host partitions', (_, said) => {
    const ids = (options: Parameters<typeof incidentsOf>[1]) =>
      incidentsOf(said, options).map(({ id, startMs, endMs }) => ({ id, startMs, endMs }));
    expect(ids({ size: 1 })).toEqual(ids({ size: 1000 }));
    expect(ids({ hostPartitions: 3 })).toEqual(ids({}));
  });

  it('accuse nobody of what only looks like an attack in a table', () => {
    const benign = [
      // A program that cuts connections leaves rows of one packet each way.
      ...rows(200, (i) => ({
        packets: [1, 1] as const,
        payload: [6, 6] as const,
        flags: ack,
        timeS: i / 50,
        toPort: 5000 + i,
      })),
      // A table of one direction tells nothing of answers.
      ...rows(200, (i) => ({ responderKnown: false, packets: [4, 0] as const, timeS: 4 + i / 50, to: `10.3.0.${i}` })),
      // An hour of video over UDP, sent one way.
      { protocol: 17, timeS: 9, durationS: 3600, packets: [1_800_000, 0] as const },
    ];
    expect(incidentsOf(benign)).toEqual([]);
  });
});
