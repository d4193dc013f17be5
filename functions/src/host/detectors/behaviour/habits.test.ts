import { describe, expect, it } from 'vitest';
import { type SaidPacket, START_S } from '../../../flow/packets.fixture.js';
import { HostBench, toldBy } from '../../host.fixture.js';
import { answered, host, incidentsOf, session, times } from '../traffic.fixture.js';
import { addPeer, countsOf, enterHour, largestDeparture, newHabits, slotOf } from './host-habits.js';

const HOUR_S = 3600;
const source = '10.0.0.9';

/** Made traffic is so even that much of it is told as beacons too. */
const anomalies = (packets: Partial<SaidPacket>[]) => incidentsOf(packets).filter(({ kind }) => kind === 'anomaly');

/** `perHour` connections in each hour from `from` to `to` for which `when` holds. */
function worked(
  from: number,
  to: number,
  { perHour = 4, when = (_: number): boolean => true } = {},
): Partial<SaidPacket>[] {
  return times(to - from, (k) =>
    when(from + k)
      ? times(perHour, (n) =>
          session({
            ...{ atS: (from + k) * HOUR_S + (n * HOUR_S) / perHour, source, sourcePort: 20_000 + n },
            ...{ destination: `10.0.1.${1 + (n % 3)}`, destinationPort: 445 },
          }),
        )
      : [],
  );
}

// Made time begins on a Tuesday at 22:00 UTC.
const TEN_DAYS = 10 * 24;
const ELEVEN_DAYS = 11 * 24;
const isDay = (hour: number) => (hour + 22) % 24 >= 6 && (hour + 22) % 24 < 18;

describe('a host', () => {
  it('with fifty times the connections of this part of the week is unlike itself', () => {
    const busy = worked(TEN_DAYS, TEN_DAYS + 1, { perHour: 200 });
    expect(anomalies([...worked(0, TEN_DAYS), ...busy])).toMatchObject([
      { kind: 'anomaly', severity: 'low', entity: source, sources: [source] },
    ]);
  });

  it('that only works by day is unlike itself at night', () => {
    const byDay = worked(0, ELEVEN_DAYS, { perHour: 20, when: isDay });
    expect(isDay(ELEVEN_DAYS + 2)).toBe(false);
    expect(anomalies([...byDay, ...worked(ELEVEN_DAYS + 2, ELEVEN_DAYS + 3, { perHour: 120 })])).toHaveLength(1);
    expect(anomalies([...byDay, ...worked(ELEVEN_DAYS + 12, ELEVEN_DAYS + 13, { perHour: 60 })])).toEqual([]);
  });

  it('that is known for a day only is not told', () => {
    expect(anomalies([...worked(0, 24), ...worked(24, 25, { perHour: 200 })])).toEqual([]);
  });
});

describe('habits', () => {
  const empty = () => newHabits(source);

  it('know parts of the week: work days and weekends in quarters of a day', () => {
    expect([0, 6, 12, 18].map(slotOf)).toEqual([0, 1, 2, 3]);
    // 1970-01-03 was a Saturday, -05 a Monday.
    expect([48, 71, 95, 96].map(slotOf)).toEqual([4, 7, 7, 0]);
  });

  it('count peers by bits, whatever their order', () => {
    const [forth, back] = [empty(), empty()];
    for (let k = 0; k < 20; k++) {
      addPeer(forth, k * 0x9e3779b1);
      addPeer(back, (19 - k) * 0x9e3779b1);
    }
    expect(countsOf(forth)).toEqual(countsOf(back));
    expect(countsOf(forth)[2]).toBeGreaterThan(14);
    expect(countsOf(forth)[2]).toBeLessThan(27);
  });

  it('do not learn from an hour that was told, nor more than three deviations from any', () => {
    const told = empty();
    const ridden = empty();
    for (let hour = 1; hour < 30; hour++)
      for (const habits of [told, ridden]) {
        enterHour(habits, hour * HOUR_S);
        habits.connections = hour < 29 ? 10 : 100_000;
      }
    told.isTold = true;
    for (const habits of [told, ridden]) enterHour(habits, 30 * HOUR_S);
    for (const habits of [told, ridden]) habits.connections = 100_000;
    expect(largestDeparture(told).usual).toBeLessThan(11);
    expect(largestDeparture(ridden).usual).toBeLessThan(20);
    expect(largestDeparture(ridden).deviations).toBeGreaterThan(4);
  });
});

const inOrder = (packets: Partial<SaidPacket>[]) => packets.sort((a, b) => a.atS! - b.atS!);

/** Look-ups of time from a service, one a minute, of which hosts take turns. */
const used = (fromS: number, toS: number, port = 8443) =>
  times(Math.floor((toS - fromS) / 30), (k) =>
    answered({
      atS: fromS + k * 30,
      source: host(k % 9),
      sourcePort: 20_000 + k,
      destination: '10.0.0.80',
      destinationPort: port,
    }),
  );

describe('a service', () => {
  it('that was used for an hour and then is not has stopped, while others go on', () => {
    expect(anomalies([...used(0, 4000), ...used(0, 5500, 9443)])).toMatchObject([
      { entity: '10.0.0.80:8443', severity: 'low', targets: ['10.0.0.80'] },
    ]);
  });

  it.each([
    ['', false],
    [' and over restarts', true],
  ])('has stopped sooner where an operator asks for less, also of one that is silent by then%s', (_, restarts) => {
    const bench = new HostBench({ windows: 'none' });
    const batches = toldBy('flow/test/0', inOrder([...used(0, 1800), ...used(0, 5500, 9443)]), 5);
    for (const [k, batch] of batches.entries()) {
      const trafficStopped = { steadyMinutes: 20 };
      if (k === Math.floor(0.75 * batches.length))
        bench.tell({ kind: 'thresholds', settings: { host: { trafficStopped } } });
      (restarts ? bench.restart() : bench).send(batch);
    }
    const told = bench.alerts.filter(({ detector }) => detector === 'traffic-stopped');
    expect(told).toMatchObject([{ entity: '10.0.0.80:8443' }]);
    expect(told[0]!.detectedAtMs / 1000 - START_S).toBeGreaterThan(3600);
  });

  it.each<[string, () => Partial<SaidPacket>[]]>([
    ['used for half an hour only', () => [...used(0, 1800), ...used(0, 5500, 9443)]],
    ['that goes on', () => used(0, 5500)],
    ['silent for five minutes', () => [...used(0, 4000), ...used(0, 4300, 9443)]],
    ['on a link that is silent altogether', () => used(0, 4000)],
  ])('%s has not', (_, packets) => {
    expect(anomalies(packets())).toEqual([]);
  });
});
