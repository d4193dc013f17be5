import { describe, expect, it } from 'vitest';
import type { ClusterLoad, ClusterResult, EmbeddedResult } from './cluster.js';
import { clusterTable } from './cluster-report.js';

const embedded: EmbeddedResult = {
  packets: 100_000,
  cpuSeconds: 0.5,
  incidents: new Map([['a', 2]]),
  firstUs: 0,
  durationS: 60,
};
const load: ClusterLoad = { path: 'capture.pcap', repeat: 1, partitions: 4, maxBatchPackets: 16_384 };
const lineOf = (result: Partial<ClusterResult>) =>
  clusterTable(embedded, [{ load, result: { packets: 100_000, seconds: 2, isSame: true, delaysMs: [], ...result } }])
    .trimEnd()
    .split('\n')
    .at(-1)!
    .trim()
    .split(/\s{2,}/);

describe('the table of a cluster', () => {
  it('sets packets per second beside those of one process per CPU-second', () => {
    expect(lineOf({})).toEqual(['4', '50,000', '0.25', 'yes']);
  });

  it('says loudly that incidents differ', () => {
    expect(lineOf({ isSame: false })).toContain('NO');
  });

  it('tells the middle and the slow end of delays', () => {
    const delaysMs = Array.from({ length: 100 }, (_, k) => k);
    expect(lineOf({ delaysMs }).slice(-2)).toEqual(['50 ms', '95 ms']);
  });
});
