import { END_OF_TIME_S, parseAddress } from '@weir/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_DETECTION_CONFIG } from '../config.js';
import { FeatureRows } from '../features/feature-rows.js';
import type { AlertBatch, ScoreTime } from '../runtime/port.js';
import { createScoreFunction, Registry, type ScoreSettings, Shelf } from './index.js';
import { TinyRegistry, tinyGraph, weightsOf } from './tiny-model.fixture.js';

const AT_S = 1_700_000_400;
const HOSTS = ['host/0', 'host/1'];
const graph = tinyGraph({ weights: weightsOf('flow', { durationS: 1 }) });
let tiny: TinyRegistry;
let shelf: Shelf;
beforeEach(() => {
  tiny = new TinyRegistry().add('a', graph).add('b', graph);
  shelf = new Shelf(new Registry(tiny.folder));
});

function settingsWith(change: Partial<ScoreSettings> = {}): ScoreSettings {
  return {
    selections: [shelf.open('a')],
    alarms: { alarmsPerDay: 5 },
    keepsLearned: false,
    flow: DEFAULT_DETECTION_CONFIG.flow,
    allowedLatenessMs: 1000,
    sensors: [],
    hosts: HOSTS,
    incidentPartitions: 1,
    find: (id, fingerprint) => shelf.get(id, fingerprint),
    failed: (error) => {
      throw error;
    },
    ...change,
  };
}

/** A flow that no network has, from this source. */
function strangeFlow(source: string, tellableS = AT_S + 10): FeatureRows {
  const rows = new FeatureRows(42);
  const row = rows.append();
  const keys = rows.keys.columns;
  Object.assign(keys.timeUs, { [row]: AT_S * 1e6 });
  keys.tellableS[row] = tellableS;
  keys.source.bytes.set(parseAddress(source), row * 16);
  keys.destination.bytes.set(parseAddress('10.0.0.2'), row * 16);
  rows.features(row)[3] = 20;
  return rows;
}

/** The score partition, with all that it said. */
class Bench {
  readonly said: AlertBatch[] = [];
  private fn: ReturnType<typeof createScoreFunction>;
  state: ReturnType<ReturnType<typeof createScoreFunction>['initialState']>;

  constructor(settings = settingsWith()) {
    this.fn = createScoreFunction(settings);
    this.state = this.fn.initialState('score/0');
  }

  send(input: Parameters<typeof this.fn.transition>[1]): this {
    this.fn.transition(this.state, input, ({ batch }) => this.said.push(structuredClone(batch)));
    return this;
  }

  rows(sequence: number, rows?: FeatureRows, epoch = 1): this {
    const lists = new Map(rows ? [['flow', rows] as const] : []);
    return this.send({
      kind: 'score-rows',
      batch: { upstream: 'flow/office/0', epoch, first: sequence, last: sequence, rows: lists },
    });
  }

  time(upstream: string, watermarkS: number, said: Partial<ScoreTime> = {}): this {
    const batch = { upstream, run: 0, watermarkS, accusations: [], windows: [], passed: [], ...said };
    return this.send({ kind: 'score-time', batch });
  }

  /** All goes into bytes and comes out again, under other settings where such are given. */
  restart(settings = settingsWith()): this {
    const bytes = this.fn.encode(this.state);
    this.fn = createScoreFunction(settings);
    this.state = this.fn.decode(bytes);
    return this;
  }

  get entities(): string[] {
    return this.said.flatMap(({ alerts }) => alerts.map(({ entity }) => entity));
  }

  get watermarks(): number[] {
    return this.said.map(({ watermarkS }) => watermarkS);
  }
}

const passed = (sequence: number, epoch = 1) => ({ passed: [{ upstream: 'flow/office/0', epoch, sequence }] });
const LATER_S = AT_S + 100;

describe('the score partition', () => {
  it('goes as far as the slowest host partition, and tells it once', () => {
    const bench = new Bench().time('host/0', 100).time('host/1', 50).time('host/1', 50).time('host/1', 200);
    expect(bench.watermarks).toEqual([50, 100]);
    expect(bench.said.map(({ upstream, sequence }) => [upstream, sequence])).toEqual([
      ['score/0', 0],
      ['score/0', 1],
    ]);
  });

  it('waits for the rows that the time of the hosts is made of', () => {
    const bench = new Bench().time('host/1', LATER_S).time('host/0', LATER_S, passed(0));
    expect(bench.said).toEqual([]);
    bench.rows(0, strangeFlow('10.0.0.7'));
    expect(bench.watermarks).toEqual([LATER_S]);
    expect(bench.entities).toEqual(['10.0.0.7']);
  });

  it('does not let rows count before their batch does', () => {
    const bench = new Bench().rows(0, strangeFlow('10.0.0.7')).rows(1, strangeFlow('10.0.0.8'));
    bench.time('host/1', LATER_S).time('host/0', LATER_S, passed(0));
    expect(bench.entities).toEqual(['10.0.0.7']);
    bench.time('host/0', LATER_S + 1, passed(1)).time('host/1', LATER_S + 1);
    expect(bench.entities).toEqual(['10.0.0.7', '10.0.0.8']);
  });

  it('says the same when it is written and read after each message', () => {
    const step = [
      (bench: Bench) => bench.rows(0, strangeFlow('10.0.0.7')),
      (bench: Bench) => bench.rows(1, strangeFlow('10.0.0.8', LATER_S + 50)),
      (bench: Bench) => bench.time('host/0', LATER_S, passed(1)),
      (bench: Bench) =>
        bench.time('host/1', LATER_S, {
          accusations: [{ sources: ['10.0.0.9'], targets: [], detectedAtMs: AT_S * 1000 }],
        }),
      (bench: Bench) => bench.rows(2, strangeFlow('10.0.0.9')),
      (bench: Bench) => bench.time('host/1', END_OF_TIME_S),
      (bench: Bench) => bench.time('host/0', END_OF_TIME_S, passed(2)),
    ];
    const [whole, cut] = [new Bench(), new Bench()];
    for (const take of step) {
      take(whole);
      take(cut).restart();
    }
    expect(whole.entities).toEqual(['10.0.0.7', '10.0.0.8']);
    expect(cut.said).toEqual(whole.said);
  });

  it('begins anew when all host partitions have, and not before', () => {
    const bench = new Bench().time('host/0', END_OF_TIME_S).rows(0, strangeFlow('10.0.0.7'), 2);
    bench.time('host/0', 70, { run: 1, ...passed(0, 2) });
    expect(bench.said).toEqual([]);
    bench.time('host/1', END_OF_TIME_S);
    expect(bench.said.map(({ run, watermarkS }) => [run, watermarkS])).toEqual([[0, END_OF_TIME_S]]);
    bench.time('host/1', 60, { run: 1 });
    expect(bench.said.at(-1)).toMatchObject({ run: 1, sequence: 0, watermarkS: 60 });
  });

  it('follows the hosts although rows are missing once too much waits', () => {
    const bench = new Bench().time('host/1', END_OF_TIME_S);
    for (let sequence = 0; sequence <= 5000; sequence++) bench.time('host/0', sequence, passed(sequence));
    expect(bench.watermarks.at(-1)).toBeGreaterThan(500);
    expect(bench.state.counters.rowsGivenUp).toBeGreaterThan(0);
  });

  it('scores with the models of other settings after a restart, and with those that were chosen after any other', () => {
    const ids = (bench: Bench) => bench.state.scoring.selections.map(({ id }) => id);
    const bench = new Bench().send({ kind: 'use-models', selections: [shelf.open('b')] });
    expect(ids(bench.restart())).toEqual(['b']);
    expect(ids(bench.restart(settingsWith({ selections: [] })))).toEqual([]);
    expect(ids(bench.restart())).toEqual(['a']);
  });

  it('goes on without a model that is gone', () => {
    const bench = new Bench().rows(0, strangeFlow('10.0.0.7'));
    bench.restart(settingsWith({ find: () => undefined }));
    bench.time('host/0', LATER_S, passed(0)).time('host/1', LATER_S);
    expect([bench.watermarks, bench.entities]).toEqual([[LATER_S], []]);
  });

  it('goes on without models that fail, whatever comes after', () => {
    const good = shelf.open('a');
    const score = () => {
      throw new Error('out of memory');
    };
    const selections = [{ ...good, members: good.members.map((member) => ({ ...member, score })) }];
    const failures: unknown[] = [];
    const settings = settingsWith({ selections, failed: (error) => failures.push(error) });
    const bench = new Bench(settings).rows(0, strangeFlow('10.0.0.7'));
    bench.time('host/0', LATER_S, passed(0)).time('host/1', LATER_S);
    bench.restart(settings).rows(1, strangeFlow('10.0.0.8', LATER_S + 1));
    bench.time('host/0', LATER_S + 9, passed(1)).time('host/1', LATER_S + 9);
    expect(bench.watermarks).toEqual([LATER_S, LATER_S + 9]);
    expect(failures).toEqual([new Error('out of memory')]);
    bench.send({ kind: 'use-models', selections: [good] });
    expect(bench.state.scoring.selections).toEqual([good]);
  });

  it('scores again what waits where a model has changed under its name', () => {
    const bench = new Bench().rows(0, strangeFlow('10.0.0.7')).time('host/0', 1, passed(0)).time('host/1', 1);
    tiny.add('a', tinyGraph({ weights: weightsOf('flow', { durationS: 0 }) }));
    shelf.open('a');
    bench.restart().time('host/0', LATER_S).time('host/1', LATER_S);
    expect(bench.entities).toEqual([]);
    expect(bench.state.scoring.status()[0]!.rows).toBe(1);
  });
});

describe('what an operator asks of models', () => {
  const shadowed = () => {
    tiny.add('deaf', tinyGraph({ weights: weightsOf('flow', { durationS: 0 }) }));
    return new Bench().send({ kind: 'shadow-models', selections: [shelf.open('deaf')] });
  };
  const play = (bench: Bench) =>
    bench.rows(0, strangeFlow('10.0.0.7')).time('host/0', LATER_S, passed(0)).time('host/1', LATER_S);

  it('lets others score in the shadow, unheard, and tells where they differ, also after a restart', () => {
    const bench = play(shadowed().restart()).restart();
    expect(bench.entities).toEqual(['10.0.0.7']);
    expect(bench.state.scoring.shadowStatus()).toMatchObject({ both: 0, onlyInUse: 1, onlyShadow: 0 });
    bench.send({ kind: 'shadow-models', selections: [] });
    expect(bench.state.scoring.shadowStatus()).toBeUndefined();
  });

  it('forgets what was compared when others come into the shadow', () => {
    const bench = play(shadowed());
    bench.send({ kind: 'shadow-models', selections: [shelf.open('b')] });
    expect(bench.state.scoring.shadowStatus()).toMatchObject({ both: 0, onlyInUse: 0, onlyShadow: 0 });
  });

  it('changes the threshold at once, and until other settings come', () => {
    const threshold = (bench: Bench) => bench.state.scoring.status()[0]!.threshold;
    const alarms = { alarmsPerDay: 5, scoreThreshold: 0.999_999_999 };
    const bench = new Bench().send({ kind: 'alarm-settings', alarms }).restart();
    expect(threshold(bench)).toBeCloseTo(9, 6);
    play(bench);
    expect(bench.entities).toEqual([]);
    const budget = { alarmsPerDay: 7 };
    expect(threshold(bench.restart(settingsWith({ alarms: budget })))).toBeLessThan(9);
  });
});

describe('the runtime of models', () => {
  it('tells its maker nothing', () => {
    shelf.open('a');
    expect(process.env.ORT_DISABLE_TELEMETRY).toBe('1');
  });
});
