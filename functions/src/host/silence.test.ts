import { END_OF_TIME_S, type HostBatch } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { FlowBench } from '../flow/flow.fixture.js';
import { START_S } from '../flow/packets.fixture.js';
import { HostBench } from './host.fixture.js';

const SENSORS = ['lab', 'office'].map((name) => ({ name, partitions: 1 }));
const TICK_MS = 5000;

/** Two sensors and the clock. */
class Pair extends HostBench {
  private readonly flows = new Map(SENSORS.map(({ name }) => [name, new FlowBench()]));
  private nowMs = 1_800_000_000_000;

  constructor(partition = 0) {
    super({ sensors: SENSORS });
    this.state = this.hosts.initialState(`host/${partition}`);
    // The address alone says which partition it is, and so its state knows the sensors too.
    expect(this.state.queues.size).toBe(2);
  }

  /** A sensor says that its time has come to `endS` after the start. */
  hear(sensor: string, endS: number): this {
    const flow = this.flows.get(sensor)!;
    const sequence = flow.hostBatches.length;
    flow.play([], { endS: endS === END_OF_TIME_S ? endS : START_S + endS, header: { sequence } });
    return this.send({ ...flow.hostBatches.at(-1)!, upstream: `flow/${sensor}/0`, sensor } as HostBatch);
  }

  /** Seconds pass by the clock. */
  wait(seconds: number): this {
    for (let left = seconds * 1000; left > 0; left -= TICK_MS) {
      this.nowMs += TICK_MS;
      this.tell({ kind: 'tick', nowMs: this.nowMs });
    }
    return this;
  }

  get reachedS(): number {
    return this.state.watermarkS === 0 ? 0 : this.state.watermarkS - START_S;
  }
}

const both = (partition?: number) => new Pair(partition).hear('lab', 10).hear('office', 10).wait(5);

describe('a sensor that falls silent', () => {
  it('holds up time for the timeout, and no longer', () => {
    const pair = both().hear('office', 40).wait(55);
    expect(pair.reachedS).toBe(10);
    expect(pair.hear('office', 90).wait(10).reachedS).toBe(90);
  });

  it('is told once, with the time from which it was not heard', () => {
    const pair = both();
    for (let s = 20; s <= 300; s += 10) pair.hear('office', s).wait(10);
    expect(pair.alerts).toMatchObject([
      { kind: 'sensor-silent', entity: 'lab', sensors: ['lab'], startMs: (START_S + 10) * 1000 },
    ]);
    expect(pair.alerts[0]!.advice.length).toBeGreaterThan(0);
  });

  it('is told by one host partition only', () => {
    const other = both(1);
    for (let s = 20; s <= 100; s += 10) other.hear('office', s).wait(10);
    expect(other.reachedS).toBe(100);
    expect(other.alerts).toEqual([]);
  });

  it('is told again when it was heard in between', () => {
    const pair = both();
    for (const untilS of [100, 200]) {
      for (let s = untilS - 90; s <= untilS; s += 10) pair.hear('office', s).wait(10);
      pair.hear('lab', untilS);
    }
    expect(pair.alerts.map(({ startMs }) => startMs / 1000 - START_S)).toEqual([10, 100]);
  });

  it('is waited for again as soon as it has caught up', () => {
    const pair = both().hear('office', 90).wait(10).hear('office', 91).wait(60);
    expect(pair.reachedS).toBeGreaterThan(90);
    pair.hear('lab', 95).hear('office', 120);
    expect(pair.reachedS).toBe(95);
  });

  it('may be the last one: what was heard is complete, and the alert is let out', () => {
    const pair = both().wait(65);
    expect(pair.reachedS).toBe(11);
    expect(pair.alerts.map(({ entity }) => entity)).toEqual(['lab', 'office']);
    for (const { detectedAtMs } of pair.alerts) expect(detectedAtMs).toBeLessThan((START_S + 11) * 1000);
  });

  it('having ended is not silent', () => {
    const pair = both().hear('lab', END_OF_TIME_S).hear('office', END_OF_TIME_S).wait(300);
    expect(pair.alerts).toEqual([]);
  });
});

describe('ticks', () => {
  it('change nothing while all are heard', () => {
    const pair = both();
    for (let s = 20; s <= 300; s += 10) pair.hear('office', s).hear('lab', s).wait(10);
    expect(pair.alerts).toEqual([]);
    expect(pair.reachedS).toBe(300);
  });

  it('change nothing before anyone was heard', () => {
    const pair = new Pair().wait(300);
    expect(pair.alerts).toEqual([]);
    expect(pair.reachedS).toBe(0);
  });

  it('tell of a sensor that is expected and never speaks', () => {
    const pair = new Pair().hear('office', 10).wait(5);
    for (let s = 20; s <= 100; s += 10) pair.hear('office', s).wait(10);
    expect(pair.alerts.map(({ entity }) => entity)).toEqual(['lab']);
    expect(pair.alerts[0]!.startMs).toBeGreaterThan(START_S * 1000 - 1);
    expect(pair.reachedS).toBe(100);
  });

  it('after a pause of the runtime itself blame no sensor', () => {
    const pair = both();
    pair.tell({ kind: 'tick', nowMs: 1_900_000_000_000 });
    expect(pair.alerts).toEqual([]);
  });
});
