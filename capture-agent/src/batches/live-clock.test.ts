import { describe, expect, it } from 'vitest';
import { LiveClock } from './live-clock.js';

const START_MS = 1_800_000_000_000;

/** A machine whose clock can be set, and a sensor on it. */
class Machine {
  private setMs = 0;
  private passedMs = 0;
  readonly clock = new LiveClock({ nowMs: () => this.nowMs, elapsedMs: () => this.passedMs });

  get nowMs(): number {
    return START_MS + this.passedMs + this.setMs;
  }

  pass(ms: number): this {
    this.passedMs += ms;
    return this;
  }

  set(ms: number): this {
    this.setMs += ms;
    return this;
  }

  /** Reads packets of these ages. Unit: ms; negative: from the future. */
  read(...agesMs: number[]): this {
    this.clock.read({ count: agesMs.length, timeUs: Float64Array.from(agesMs, (age) => (this.nowMs - age) * 1000) });
    return this;
  }
}

describe('what a live sensor measures of its own time', () => {
  it('is the age of the oldest packet when it was read, since the tick before', () => {
    const machine = new Machine().read(40, 3).read(2500, 2400).read(10, 1);
    expect(machine.clock.take()).toEqual({ clockMs: START_MS, lagMs: 2500, aheadMs: 0, clockSetMs: 0 });
    expect(machine.read(7).clock.take().lagMs).toBe(7);
    expect(machine.read().clock.take().lagMs).toBe(0);
  });

  it('is the age of the oldest batch that waits, where that is older', () => {
    expect(new Machine().read(40).clock.take(9000).lagMs).toBe(9000);
    expect(new Machine().read(40).clock.take(9).lagMs).toBe(40);
  });

  it('is how far packets are ahead of the clock', () => {
    expect(new Machine().read(5, -1200).clock.take()).toMatchObject({ lagMs: 5, aheadMs: 1200 });
  });

  it('is by how much the clock was set, on or back, all together', () => {
    const { clock } = new Machine().pass(1000);
    expect(clock.take().clockSetMs).toBe(0);
    const machine = new Machine().pass(250).set(30_000).pass(250);
    expect(machine.clock.take()).toMatchObject({ clockMs: START_MS + 30_500, clockSetMs: 30_000 });
    expect(machine.pass(250).set(-10_000).clock.take().clockSetMs).toBe(40_000);
    expect(machine.pass(60_000).clock.take().clockSetMs).toBe(40_000);
  });

  it('takes no notice of a clock that a time service slows down or speeds up', () => {
    const machine = new Machine();
    for (let tick = 0; tick < 100; tick++) expect(machine.pass(1000).set(1).clock.take().clockSetMs).toBe(0);
  });
});
