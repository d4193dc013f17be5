import { END_OF_TIME_S, type HostBatch, type LiveMeasures } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { FlowBench } from '../flow/flow.fixture.js';
import { START_S } from '../flow/packets.fixture.js';
import { HostBench } from './host.fixture.js';

const NOW_MS = 1_800_000_000_000;
const SOUND: LiveMeasures = { clockMs: NOW_MS, lagMs: 40, aheadMs: 0, clockSetMs: 0 };

type Told = Partial<LiveMeasures> | 'a file';

/** Sensors that speak once a minute, each of a packet and of itself; between two minutes the clock ticks. */
class Minutes extends HostBench {
  private readonly flows = new Map<string, FlowBench>();
  private minute = 0;

  constructor(...sensors: string[]) {
    super({ sensors: sensors.map((name) => ({ name, partitions: 1 })) });
    for (const name of sensors) this.flows.set(name, new FlowBench());
  }

  /** A minute in which each sensor tells what is given for it. */
  pass(told: Record<string, Told>): this {
    this.minute++;
    for (const [sensor, live] of Object.entries(told)) this.hear(sensor, live);
    return this.tell({ kind: 'tick', nowMs: NOW_MS + this.minute * 60_000 });
  }

  private hear(sensor: string, told: Told): void {
    const flow = this.flows.get(sensor)!;
    const atS = this.minute * 60;
    flow.play([{ atS, sourcePort: 1024 + this.minute }], {
      endS: START_S + atS + 2,
      header: { sequence: flow.hostBatches.length },
    });
    const batch = flow.hostBatches.at(-1)!;
    const clockMs = NOW_MS + atS * 1000;
    const live = told === 'a file' ? {} : { live: { ...SOUND, clockMs, ...told } };
    const sensorCounters = { ...batch.sensorCounters, ...live };
    this.send({ ...batch, upstream: `flow/${sensor}/0`, sensor, sensorCounters } as HostBatch);
  }

  /** What was told of sensors, without its details. */
  get toldKinds(): string[] {
    return this.alerts.map(({ kind, entity }) => `${kind} ${entity}`);
  }
}

function passed(minutes: number, told: (minute: number) => Told): Minutes {
  const bench = new Minutes('lab');
  for (let minute = 0; minute < minutes; minute++) bench.pass({ lab: told(minute) });
  return bench;
}

describe('a live sensor that falls behind', () => {
  it('is told in the third minute in a row, with its lag', () => {
    expect(passed(2, () => ({ lagMs: 12_000 })).alerts).toEqual([]);
    const { alerts } = passed(3, () => ({ lagMs: 12_000 }));
    expect(alerts).toMatchObject([
      { kind: 'sensor-lag', entity: 'lab', severity: 'low', evidence: [{ value: 12, threshold: 10 }, { value: 3 }] },
    ]);
  });

  it('is not told below ten seconds, now and then, or of a file', () => {
    expect(passed(9, () => ({ lagMs: 9999 })).alerts).toEqual([]);
    expect(passed(9, (minute) => ({ lagMs: minute % 3 === 0 ? 40 : 90_000 })).alerts).toEqual([]);
    expect(passed(9, () => 'a file').alerts).toEqual([]);
  });
});

describe('the clock of a live sensor', () => {
  it('that is set is told once, on or back', () => {
    const { alerts } = passed(6, (minute) => ({ clockSetMs: minute < 3 ? 700 : 3600_700 }));
    expect(alerts).toMatchObject([{ kind: 'sensor-clock', entity: 'lab', evidence: [{ value: 3600 }] }]);
    expect(alerts[0]!.summary).toMatch(/set on or back by 3,600 s/);
  });

  it('of a sensor that was started anew counts from nothing', () => {
    expect(passed(6, (minute) => ({ clockSetMs: minute < 3 ? 3600_000 : 900 })).alerts).toEqual([]);
  });

  it('that is behind the times of its packets is told after three minutes', () => {
    expect(passed(3, () => ({ aheadMs: 8000 })).toldKinds).toEqual(['sensor-clock lab']);
    expect(passed(9, (minute) => ({ aheadMs: minute % 2 ? 8000 : 0 })).alerts).toEqual([]);
  });

  it('that is behind that of another sensor by the same for three minutes is told, of the one behind', () => {
    const bench = new Minutes('east', 'west');
    const behindMs = (minute: number, ms: number) => ({ clockMs: NOW_MS + minute * 60_000 - ms });
    for (let minute = 1; minute <= 5; minute++) bench.pass({ east: {}, west: behindMs(minute, 30_000) });
    expect(new Set(bench.toldKinds)).toEqual(new Set(['sensor-clock west']));
    expect(bench.alerts[0]!.summary).toMatch(/behind that of another sensor by 30 s/);
  });

  it('says nothing of a sensor that catches up, that is close, or that has ended', () => {
    const behind = (msOf: (minute: number) => number) => {
      const bench = new Minutes('east', 'west');
      for (let minute = 1; minute <= 9; minute++)
        bench.pass({ east: {}, west: { clockMs: NOW_MS + minute * 60_000 - msOf(minute) } });
      return bench.toldKinds;
    };
    expect(behind((minute) => 100_000 - minute * 10_000)).toEqual([]);
    expect(behind(() => 4000)).toEqual([]);
    expect(behind(() => 30_000)).not.toEqual([]);
    const bench = new Minutes('east', 'west').pass({ east: {}, west: {} });
    for (const queue of bench.state.queues.values()) if (queue.sensor === 'west') queue.watermarkS = END_OF_TIME_S;
    for (let minute = 0; minute < 6; minute++) bench.pass({ east: {} });
    expect(bench.alerts).toEqual([]);
  });

  it('is remembered over a restart', () => {
    const bench = new Minutes('lab');
    for (let minute = 0; minute < 3; minute++) bench.pass({ lab: { lagMs: 20_000 } }).restart();
    expect(bench.toldKinds).toEqual(['sensor-lag lab']);
  });
});
