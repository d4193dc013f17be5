import { describe, expect, it } from 'vitest';
import { samplePoint } from '../testing/samples.js';
import { trafficColumns, withLastStep } from './series.js';

describe('the traffic chart', () => {
  it('shows values a second', () => {
    const columns = trafficColumns([samplePoint({ packets: 100, anomalousPackets: 30 })], 10, 'packets');
    expect(columns).toEqual({ timesS: [0], total: [10], anomalous: [3] });
  });

  it('shows steps without traffic as none', () => {
    const points = [samplePoint({ startMs: 0 }), samplePoint({ startMs: 30_000 })];
    const { timesS, total } = trafficColumns(points, 10, 'bytes');
    expect(timesS).toEqual([0, 10, 20, 30]);
    expect(total).toEqual([100, 0, 0, 100]);
  });

  it('does not fill a gap of years step by step', () => {
    const points = [samplePoint({ startMs: 0 }), samplePoint({ startMs: 1e12 })];
    expect(trafficColumns(points, 10, 'packets').timesS.length).toBeLessThanOrEqual(2000);
  });

  it('draws the last step as wide as the others, even where it is the only one', () => {
    const columns = trafficColumns([samplePoint({ packets: 100, anomalousPackets: 30 })], 10, 'packets');
    expect(withLastStep(columns, 10)).toEqual({ timesS: [0, 10], total: [10, 10], anomalous: [3, 3] });
    const none = trafficColumns([], 10, 'packets');
    expect(withLastStep(none, 10)).toEqual(none);
  });

  it('does not claim anomalous connections, which nobody counts', () => {
    expect(trafficColumns([samplePoint()], 10, 'connections').anomalous).toEqual([0]);
  });
});
