import {
  type Alert,
  createFlowRecordTable,
  FEATURE_LISTS,
  FlowOutcome,
  FlowRecordKind,
  type FlowRecordTable,
  parseAddress,
} from '@weir/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_DETECTION_CONFIG } from '../config.js';
import { type AlarmSettings, DRIFT_ALARM, Registry, Scoring, type Selection, selectModel } from './index.js';
import { TinyRegistry, tinyGraph, weightsOf } from './tiny-model.fixture.js';

/** A finished flow of `durationS`, begun at `startS`. */
interface SaidFlow {
  startS: number;
  durationS: number;
  source?: string;
  destination?: string;
  port?: number;
  packets?: number;
}

const START_S = 1_700_000_400;
const FOREVER_S = 0xffff_ffff;

function recordsOf(flows: readonly SaidFlow[]): FlowRecordTable {
  const table = createFlowRecordTable(Math.max(1, flows.length));
  const c = table.columns;
  for (const [
    i,
    { startS, durationS, source = '10.0.0.1', destination = '10.0.0.2', port = 443, packets = 1 },
  ] of flows.entries()) {
    c.kind[i] = FlowRecordKind.ended;
    c.outcome[i] = FlowOutcome.finished;
    c.protocol[i] = 6;
    c.originatorAddress.bytes.set(parseAddress(source), i * 16);
    c.responderAddress.bytes.set(parseAddress(destination), i * 16);
    c.originatorPort[i] = 40_000 + ((startS * 31 + Math.round(durationS * 10_000)) % 20_000);
    c.responderPort[i] = port;
    c.startUs[i] = (START_S + startS) * 1e6;
    c.endUs[i] = (START_S + startS + durationS) * 1e6;
    c.originatorPackets[i] = packets;
    c.originatorLengthMaxBytes[i] = 60;
    for (const column of [c.firstSizes, c.firstGaps]) column.append(i, new Uint8Array(0), 0, 0);
  }
  table.count = flows.length;
  return table;
}

/** Flows that any network has: durations from 0 to 0.1 s, from ten sources. */
const ordinary = (count: number, fromS = 0, everyS = 0.5): SaidFlow[] =>
  Array.from({ length: count }, (_, k) => ({
    startS: Math.floor(fromS + k * everyS),
    durationS: ((k * 7919) % 1000) / 10_000,
    source: `10.0.0.${(k % 10) + 1}`,
  }));

let selection: Selection;
beforeAll(async () => {
  const graph = tinyGraph({ weights: weightsOf('flow', { durationS: 1, originatorPackets: 0 }) });
  selection = await selectModel(new Registry(new TinyRegistry().add('tiny', graph).folder), 'tiny');
});

function scoringWith(alarms: AlarmSettings = { alarmsPerDay: 5 }): Scoring {
  const parts = { settings: DEFAULT_DETECTION_CONFIG.flow, context: { allowedLatenessMs: 1000, sensors: ['office'] } };
  return new Scoring({ selections: [selection], alarms }, parts);
}

/** Alerts about flows that come all at once. */
async function alertsOf(flows: readonly SaidFlow[], alarms?: AlarmSettings): Promise<Alert[]> {
  const scoring = scoringWith(alarms);
  scoring.takeRecords(recordsOf(flows));
  return scoring.advance(FOREVER_S);
}

describe('scoring', () => {
  it('raises nothing about flows as it knows them', async () => {
    expect(await alertsOf(ordinary(500))).toEqual([]);
  });

  it('raises an alert with what is strange, what is usual, and what would be normal', async () => {
    const [alert, ...others] = await alertsOf([...ordinary(500), { startS: 30, durationS: 20 }]);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      kind: 'anomaly',
      detector: 'model/tiny',
      entity: '10.0.0.1',
      targets: ['10.0.0.2'],
      startMs: (START_S + 30) * 1000,
      endMs: (START_S + 50) * 1000,
      sensors: ['office'],
      counterfactual: 'With the usual duration s it would be normal.',
    });
    expect(alert!.evidence[0]).toMatchObject({ value: 1_000_000 });
    expect(alert!.evidence[1]).toEqual({ measure: 'Duration s (100 % of the score)', unit: 's', value: 20, normal: 0 });
    expect(alert!.summary).toContain('still learning');
  });

  it('is the same however the flows come', async () => {
    const flows = [
      ...ordinary(4000),
      ...Array.from({ length: 12 }, (_, k) => ({ startS: 1500 + 3 * k, durationS: 1 + k, source: `10.0.0.${k}` })),
    ];
    const whole = await alertsOf(flows);
    expect(whole.length).toBeGreaterThan(3);
    for (const step of [1, 7, 400]) {
      const scoring = scoringWith();
      const alerts: Alert[] = [];
      // In another order within what a watermark allows: as ends are known when it has passed them.
      const ended = [...flows].sort((a, b) => a.startS + a.durationS - b.startS - b.durationS);
      for (let from = 0; from < ended.length; from += 100 * step) {
        const part = ended.slice(from, from + 100 * step);
        scoring.takeRecords(recordsOf([...part].reverse()));
        alerts.push(...(await scoring.advance(START_S + part.at(-1)!.startS - 1)));
      }
      alerts.push(...(await scoring.advance(FOREVER_S)));
      const about = ({ startMs, magnitude, entity }: Alert) => ({ startMs, magnitude, entity });
      expect(alerts.map(about)).toEqual(whole.map(about));
    }
  });

  it('holds a flow back until its time is over for all', async () => {
    const scoring = scoringWith();
    scoring.takeRecords(recordsOf([{ startS: 30, durationS: 20 }]));
    expect(await scoring.advance(START_S + 50)).toEqual([]);
    expect(scoring.isIdle).toBe(false);
    expect((await scoring.advance(START_S + 56)).length).toBe(1);
    expect(scoring.isIdle).toBe(true);
  });

  it('tells a source once in ten minutes, and again when it has doubled', async () => {
    const again = [3.77, 3.78, 3.79, 4.4].map((durationS, k) => ({ startS: 30 + k, durationS }));
    expect((await alertsOf(again)).map(({ startMs }) => startMs / 1000 - START_S)).toEqual([30, 33]);
    const later = [0, 650].map((startS) => ({ startS, durationS: 7 }));
    expect((await alertsOf(later)).length).toBe(2);
  });

  it('does not repeat what a detector has said', async () => {
    const scoring = scoringWith();
    const accused = { sources: ['10.0.0.1'], targets: [], detectedAtMs: (START_S + 20) * 1000 } as unknown as Alert;
    scoring.takeAlerts([accused]);
    scoring.takeRecords(
      recordsOf([
        { startS: 30, durationS: 20 },
        { startS: 30, durationS: 20, source: '10.0.0.7' },
      ]),
    );
    expect((await scoring.advance(FOREVER_S)).map(({ entity }) => entity)).toEqual(['10.0.0.7']);
    expect(scoring.status()[0]).toMatchObject({ alarms: 1, toldByRules: 1 });
  });

  it('names a bounded number of sources in ten minutes, and counts the others', async () => {
    const scoring = scoringWith();
    scoring.takeRecords(
      recordsOf(Array.from({ length: 40 }, (_, k) => ({ startS: k, durationS: 20, source: `10.1.0.${k}` }))),
    );
    expect((await scoring.advance(FOREVER_S)).length).toBe(16);
    expect(scoring.status()[0]).toMatchObject({ alarms: 16, alarmsHeldBack: 24 });
  });
});

describe('learning', () => {
  const learned = async (flows: readonly SaidFlow[], alarms?: AlarmSettings) => {
    const scoring = scoringWith(alarms);
    scoring.takeRecords(recordsOf(flows));
    await scoring.advance(FOREVER_S);
    return scoring.status()[0]!;
  };

  it('goes on until enough clean rows were seen, and says so', async () => {
    expect(await learned(ordinary(1000, 0, 1))).toMatchObject({ isLearning: true, cleanRows: expect.any(Number) });
    const status = await learned(ordinary(4000));
    expect(status).toMatchObject({ isLearning: false, rows: 4000, alarms: 0 });
    expect(status.smallestAlarmsPerDay).toBeGreaterThan(20);
  });

  it('makes what is usual here the measure: long flows of a network of long flows are no alarm any more', async () => {
    const long = ordinary(4000).map((flow) => ({ ...flow, durationS: 3 + flow.durationS }));
    const scoring = scoringWith();
    scoring.takeRecords(recordsOf(long));
    const [first] = await scoring.advance(FOREVER_S);
    expect(first).toBeUndefined();
    expect(scoring.status()[0]!.isLearning).toBe(false);
    const factory = await alertsOf([{ startS: 0, durationS: 20 }]);
    expect(factory.length).toBe(1);
  });

  it('skips what was alerted on', async () => {
    const attack = Array.from({ length: 2000 }, (_, k) => ({
      startS: Math.floor(k / 2),
      durationS: 20,
      source: '10.9.9.9',
    }));
    const status = await learned([...attack, ...ordinary(200, 1100, 1)]);
    expect(status).toMatchObject({ isLearning: true });
    expect(status.cleanRows).toBeLessThanOrEqual(200);
  });

  it('skips those whom detectors accused', async () => {
    const scoring = scoringWith();
    const accusation = (s: number) =>
      ({ sources: ['10.0.0.3'], targets: [], detectedAtMs: (START_S + s) * 1000 }) as unknown as Alert;
    scoring.takeAlerts([0, 300, 600, 900, 1200, 1500, 1800].map(accusation));
    scoring.takeRecords(recordsOf(ordinary(3600)));
    await scoring.advance(FOREVER_S);
    const { cleanRows } = scoring.status()[0]!;
    const inClosedSlots = 3600;
    expect(cleanRows).toBeGreaterThan(0);
    expect(cleanRows).toBeLessThanOrEqual(inClosedSlots * 0.9);
  });

  it('is kept where there is a place for it: the next run begins with what this one learned', async () => {
    const kept = new Map<string, Uint8Array>();
    const learned = {
      read: (name: string) => kept.get(name),
      write: (name: string, bytes: Uint8Array) => void kept.set(name, bytes),
    };
    const parts = { settings: DEFAULT_DETECTION_CONFIG.flow, context: { allowedLatenessMs: 1000, sensors: [] } };
    const first = new Scoring({ selections: [selection], learned }, parts);
    first.takeRecords(recordsOf(ordinary(4000)));
    await first.advance(FOREVER_S);
    const next = new Scoring({ selections: [selection], learned }, parts);
    const { isLearning, threshold, rows, cleanRows } = next.status()[0]!;
    expect([isLearning, rows]).toEqual([false, 0]);
    expect(threshold).toBe(first.status()[0]!.threshold);
    expect(cleanRows).toBe(first.status()[0]!.cleanRows);
  });

  it('sees that a network has changed, and in what', async () => {
    const scoring = scoringWith();
    const larger = ordinary(4000, 2400).map((flow) => ({ ...flow, packets: 40 }));
    scoring.takeRecords(recordsOf([...ordinary(4000), ...larger]));
    await scoring.advance(FOREVER_S);
    const { drift } = scoring.status()[0]!;
    expect(drift!.features.map(({ feature }) => FEATURE_LISTS.flow[feature]!.name)).toContain('originatorPackets');
    expect(drift!.features[0]!.psi).toBeGreaterThan(DRIFT_ALARM);
  });

  it('begins anew with time', async () => {
    const scoring = scoringWith();
    const flows = [...ordinary(4000), { startS: 1900, durationS: 9 }];
    scoring.takeRecords(recordsOf(flows));
    const first = await scoring.advance(FOREVER_S);
    scoring.reset();
    scoring.takeRecords(recordsOf(flows));
    expect(await scoring.advance(FOREVER_S)).toEqual(first);
  });
});

describe('other models', () => {
  const strange = { startS: 30, durationS: 20 };

  it('take over under way without dropping a row', async () => {
    const scoring = scoringWith();
    scoring.takeRecords(recordsOf([strange]));
    expect(await scoring.advance(START_S + 40)).toEqual([]);
    scoring.takeRecords(recordsOf([{ ...strange, source: '10.0.0.7' }]));
    scoring.use([{ ...selection, id: 'other' }]);
    const alerts = await scoring.advance(FOREVER_S);
    expect(alerts.map(({ entity, detector }) => [entity, detector])).toEqual([
      ['10.0.0.1', 'model/other'],
      ['10.0.0.7', 'model/other'],
    ]);
  });

  it('may be taken away', async () => {
    const scoring = scoringWith();
    scoring.use([]);
    scoring.takeRecords(recordsOf([strange]));
    expect(scoring.isIdle).toBe(true);
    expect(await scoring.advance(FOREVER_S)).toEqual([]);
  });

  it('go on as they were where they stay', async () => {
    const scoring = scoringWith();
    scoring.takeRecords(recordsOf(ordinary(4000)));
    await scoring.advance(FOREVER_S);
    scoring.use([selection]);
    expect(scoring.status()[0]!.isLearning).toBe(false);
  });

  it('in the shadow are compared, and not heard', async () => {
    const graph = tinyGraph({ weights: weightsOf('flow', { originatorPackets: 1 }) });
    const tiny = new TinyRegistry().add('deaf', graph, { calibration: { ...selection.manifest.calibration, rows: 1 } });
    const deaf = await selectModel(new Registry(tiny.folder), 'deaf');
    const parts = { settings: DEFAULT_DETECTION_CONFIG.flow, context: { allowedLatenessMs: 1000, sensors: [] } };
    const loud = new Scoring({ selections: [deaf], shadow: [selection] }, parts);
    loud.takeRecords(recordsOf([strange, { ...strange, source: '10.0.0.7' }]));
    expect(await loud.advance(FOREVER_S)).toEqual([]);
    expect(loud.shadowStatus()).toMatchObject({ both: 0, onlyInUse: 0, onlyShadow: 2 });
    const same = new Scoring({ selections: [selection], shadow: [selection] }, parts);
    same.takeRecords(recordsOf([strange]));
    expect((await same.advance(FOREVER_S)).length).toBe(1);
    expect(same.shadowStatus()).toMatchObject({ both: 1, onlyInUse: 0, onlyShadow: 0, examples: [] });
  });
});
