import { describe, expect, it } from 'vitest';
import type { ClusterResult } from './cluster.js';
import type { ClusterLoad, EmbeddedResult } from './cluster-load.js';
import { clusterTable } from './cluster-report.js';

const embedded: EmbeddedResult = {
  unit: 'packets',
  packets: 100_000,
  cpuSeconds: 0.5,
  incidents: new Map([['a', 2]]),
};
const load: ClusterLoad = { path: 'capture.pcap', repeat: 1, partitions: 4, maxBatchPackets: 16_384, tickMs: 250 };
const plain = { packets: 100_000, seconds: 2, isSame: true, delaysMs: [], messages: 40, lagsMs: [] };
const lineOf = (result: Partial<ClusterResult>) =>
  clusterTable(embedded, [{ load, result: { ...plain, ...result } }])
    .trimEnd()
    .split('\n')
    .at(-1)!
    .trim()
    .split(/\s{2,}/);

describe('the table of a cluster', () => {
  it('sets packets per second beside those of one process per CPU-second', () => {
    expect(lineOf({})).toEqual(['4', '2,500', '50,000', '0.25', 'yes']);
  });

  it('says loudly that incidents differ', () => {
    expect(lineOf({ isSame: false })).toContain('NO');
  });

  it('tells the middle and the slow end of delays', () => {
    const delaysMs = Array.from({ length: 100 }, (_, k) => k);
    expect(lineOf({ delaysMs }).slice(-2)).toEqual(['50 ms', '95 ms']);
  });

  it('tells the lag of each quarter, so that one that grows shows', () => {
    expect(lineOf({ lagsMs: [100, 200.4, 300, 400] }).at(-1)).toBe('100 200 300 400 ms');
  });
});
