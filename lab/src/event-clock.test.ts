import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DayOver, EventClock, eventTimeMs } from './event-clock.js';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

/** Sleeps again and again, and tells when it woke, in event time since the start. */
async function wakings(clock: EventClock, everyMs: number): Promise<number[]> {
  const times: number[] = [];
  try {
    for (;;) {
      await clock.sleep(everyMs);
      times.push(Math.round(clock.nowMs() - clock.startMs));
    }
  } catch (error) {
    if (!(error instanceof DayOver)) throw error;
  }
  return times;
}

describe('the clock of the laboratory', () => {
  it('runs with real time when it is not compressed', async () => {
    const clock = new EventClock({ lastsMs: 10_500, isCompressed: false });
    const times = wakings(clock, 2000);
    await vi.advanceTimersByTimeAsync(10_500);
    expect(await times).toEqual([2000, 4000, 6000, 8000, 10_000]);
    expect(clock.jumps).toEqual([]);
  });

  it('passes an hour of waiting in seconds when it is compressed, and wakes each at its time', async () => {
    const clock = new EventClock({ lastsMs: 3_600_000, isCompressed: true });
    const times = wakings(clock, 60_000);
    await vi.advanceTimersByTimeAsync(4000);
    const woken = await times;
    expect(woken.length).toBe(59);
    for (const [index, time] of woken.entries()) expect(Math.abs(time - (index + 1) * 60_000)).toBeLessThan(60 * 26);
  });

  it('never jumps while a program works', async () => {
    const clock = new EventClock({ lastsMs: 60_000, isCompressed: true });
    const times = wakings(clock, 20_000);
    void clock.during(new Promise((done) => setTimeout(done, 5000)));
    await vi.advanceTimersByTimeAsync(4900);
    expect(clock.nowMs() - clock.startMs).toBe(4900);
    await vi.advanceTimersByTimeAsync(2000);
    expect((await times).length).toBeGreaterThan(0);
  });

  it('gives packets the time of the jump before them', () => {
    const jumps = [
      { fromMs: 100, aheadMs: 1000 },
      { fromMs: 200, aheadMs: 5000 },
    ];
    expect([99, 100, 199, 200].map((time) => eventTimeMs(jumps, time))).toEqual([99, 1100, 1199, 5200]);
  });
});
