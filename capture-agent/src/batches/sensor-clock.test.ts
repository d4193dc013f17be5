import { ConformanceBreach, createPacketTable } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { SensorClock } from './sensor-clock.js';

const SECOND = 1e6;
const DAY = 86_400 * SECOND;
const START = 1.7e15;
/** Sixteen packets at the start, after which the clock runs. */
const OPENING = Array.from({ length: 16 }, () => START);

function stamp(times: number[], clock = new SensorClock(SECOND)) {
  const { columns } = createPacketTable(times.length);
  columns.timeUs.set(times);
  const lateBefore = clock.late;
  clock.stamp(columns, 0, times.length);
  const { timeUs, watermarkS, conformance } = columns;
  expect(conformance.filter((breaches) => breaches === ConformanceBreach.timeLate).length).toBe(
    clock.late - lateBefore,
  );
  return { times: [...timeUs], watermarks: [...watermarkS], late: clock.late, watermarkS: clock.watermarkS };
}

/** What became of `times` after a regular opening; times are relative to it. */
function afterOpening(...times: number[]) {
  const result = stamp([...OPENING, ...times.map((time) => START + time)]);
  return {
    ...result,
    times: result.times.slice(16).map((time) => time - START),
    watermarks: result.watermarks.slice(16).map((second) => second - START / SECOND),
    watermarkS: result.watermarkS - START / SECOND,
  };
}

describe('sensor clock', () => {
  it('the watermark of a row is the one before it', () => {
    expect(afterOpening(0, 3 * SECOND, 3.5 * SECOND, 9 * SECOND)).toEqual({
      times: [0, 3 * SECOND, 3.5 * SECOND, 9 * SECOND],
      watermarks: [-1, -1, 2, 2],
      late: 0,
      watermarkS: 8,
    });
  });

  it('a packet within the allowed lateness keeps its time, an older one is raised to the watermark', () => {
    expect(afterOpening(5 * SECOND, 4 * SECOND, 4 * SECOND - 1, 5 * SECOND)).toMatchObject({
      times: [5 * SECOND, 4 * SECOND, 4 * SECOND, 5 * SECOND],
      late: 1,
      watermarkS: 4,
    });
  });

  it('one packet from the far future does not move time', () => {
    expect(afterOpening(SECOND, 400 * DAY, 2 * SECOND)).toMatchObject({
      times: [SECOND, SECOND, 2 * SECOND],
      late: 1,
      watermarkS: 1,
    });
  });

  it('sixteen packets in a row that agree do', () => {
    const jump = Array.from({ length: 17 }, (_, i) => 400 * DAY + i);
    const { times, late } = afterOpening(...jump);
    expect(late).toBe(15);
    expect(times.slice(0, 15).every((time) => time === 0)).toBe(true);
    expect(times.slice(15)).toEqual(jump.slice(15));
  });

  it('a packet of the old time in between ends their agreement', () => {
    const half = Array.from({ length: 10 }, (_, i) => 400 * DAY + i);
    expect(afterOpening(...half, 0, ...half)).toMatchObject({ late: 20, watermarkS: -1 });
  });

  it('a first packet from the far future does not set the time', () => {
    const { watermarks, watermarkS } = stamp([START + 400 * DAY, ...OPENING, START]);
    expect(watermarks.slice(0, 17)).toEqual(Array(17).fill(0));
    expect(watermarks[17]).toBe(START / SECOND - 1);
    expect(watermarkS).toBe(START / SECOND - 1);
  });

  it('times that no second can hold are bounded', () => {
    const { times } = stamp([...Array(20).fill(1e300), Number.NaN, -5]);
    for (const time of times) expect(time).toBeLessThan(2 ** 32 * SECOND);
    expect(times.every((time) => time >= 0)).toBe(true);
  });

  it('does not depend on how rows are cut into blocks', () => {
    const times = Array.from(
      { length: 300 },
      (_, i) => START + ((Math.imul(i, 0x9e3779b1) >>> 8) % 100) * SECOND + (i % 41 === 0 ? 9 * DAY : 0),
    );
    const whole = stamp(times);
    const clock = new SensorClock(SECOND);
    const parts = times.map((time) => stamp([time], clock));
    expect(parts.flatMap((part) => part.times)).toEqual(whole.times);
    expect(parts.flatMap((part) => part.watermarks)).toEqual(whole.watermarks);
  });
});
