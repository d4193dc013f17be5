import { NO_COUNTERS } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DETECTION_CONFIG } from '../config.js';
import { sensorAlerts } from './sensor-looks.js';
import { degradedAlert } from './sensor-state.js';
import { initialHostState } from './state.js';
import { expectSensors } from './upstreams.js';

const { host } = DEFAULT_DETECTION_CONFIG;

/** What is told when a sensor has counted one after the other, minute by minute. */
function toldOf(...counted: { captured: number; dropped: number }[]) {
  const state = initialHostState('host/0', host);
  return counted.flatMap(({ captured, dropped }, k) => {
    state.sensorCounters.set('a', { ...NO_COUNTERS, packetsCaptured: captured, packetsDroppedByKernel: dropped });
    return sensorAlerts(state, 60 * (k + 1), host);
  });
}

describe('loss of packets', () => {
  it('of a hundred packets and a hundredth in a minute is told, of less not', () => {
    const told = toldOf({ captured: 0, dropped: 0 }, { captured: 9900, dropped: 100 });
    expect(told).toMatchObject([
      { kind: 'sensor-loss', entity: 'a', severity: 'medium', sensors: ['a'], endMs: 120_000 },
    ]);
    expect(toldOf({ captured: 0, dropped: 0 }, { captured: 9900, dropped: 99 })).toEqual([]);
    expect(toldOf({ captured: 0, dropped: 0 }, { captured: 20_000, dropped: 100 })).toEqual([]);
  });

  it('is that of each minute, not of all time', () => {
    const told = toldOf(
      { captured: 0, dropped: 0 },
      { captured: 1000, dropped: 500 },
      { captured: 90_000, dropped: 500 },
    );
    expect(told).toHaveLength(1);
  });

  it('before the first look is not told: a file may be cut from a longer capture', () => {
    expect(toldOf({ captured: 10, dropped: 5000 })).toEqual([]);
  });

  it('of a sensor that was started anew counts from nothing', () => {
    const told = toldOf({ captured: 90_000, dropped: 5000 }, { captured: 1000, dropped: 200 });
    expect(told).toMatchObject([{ evidence: [{ value: 200 }, { value: 200 / 1200 }] }]);
  });
});

describe('a full table', () => {
  it('is told with the flows that gave way', () => {
    const alert = degradedAlert(initialHostState('host/0', host), 42, 120);
    expect(alert).toMatchObject({ kind: 'degraded', severity: 'low', startMs: 60_000, endMs: 120_000, magnitude: 42 });
  });

  it('of hosts is told in the minute in which some gave way, and no longer', () => {
    const state = initialHostState('host/3', host);
    const toldAfter = (forgotten: number, minuteS: number) => {
      state.hosts.forgotten = forgotten;
      return sensorAlerts(state, minuteS, host);
    };
    expect(toldAfter(0, 60)).toEqual([]);
    expect(toldAfter(7, 120)).toMatchObject([{ kind: 'degraded', entity: 'tables', startMs: 60_000 }]);
    expect(toldAfter(7, 180)).toEqual([]);
  });
});

describe('batches that never came', () => {
  it('are told of their sensor, minute by minute, by the first partition alone', () => {
    const missing = (address: string, ...counted: number[]) => {
      const state = expectSensors(initialHostState(address, host), [{ name: 'a', partitions: 2 }]);
      state.sensorCounters.set('a', { ...NO_COUNTERS });
      return counted.flatMap((count, k) => {
        state.batchesMissing.set('flow/a/1', count);
        return sensorAlerts(state, 60 * (k + 1), host);
      });
    };
    expect(missing('host/0', 500, 512, 512)).toMatchObject([
      { kind: 'degraded', entity: 'a', sensors: ['a'], magnitude: 12 },
    ]);
    expect(missing('host/0', 500, 500)).toEqual([]);
    expect(missing('host/1', 500, 512)).toEqual([]);
  });
});
