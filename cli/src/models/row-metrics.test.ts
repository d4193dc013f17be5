import { describe, expect, it } from 'vitest';
import { rowMetrics } from './row-metrics.js';

const rows = (label: string, ...values: number[]) => values.map((strangeness) => ({ label, strangeness }));

describe('the figures of scored rows', () => {
  it('are perfect when every attack is stranger than every benign row', () => {
    const figures = rowMetrics([...rows('benign', 1, 2, 3), ...rows('scan', 4, 5), ...rows('flood', 6)]);
    expect(figures).toMatchObject({ rocArea: 1, averagePrecision: 1, meanRecall: 1, falseRate: 0, threshold: 3 });
    expect(figures.recalls).toEqual([
      { label: 'flood', rows: 1, recall: 1 },
      { label: 'scan', rows: 2, recall: 1 },
    ]);
  });

  it('are chance when all score alike', () => {
    const figures = rowMetrics([...rows('benign', 1, 1, 1), ...rows('scan', 1)]);
    expect(figures).toMatchObject({ rocArea: 0.5, averagePrecision: 0.25, meanRecall: 0 });
  });

  it('take the mean of recall over attacks, not over rows', () => {
    const figures = rowMetrics([...rows('benign', 1), ...rows('scan', 2, 2, 2), ...rows('flood', 0)]);
    expect(figures.meanRecall).toBe(0.5);
    expect(figures.rocArea).toBe(0.75);
  });

  it('let one benign row in a thousand pass', () => {
    const benign = Array.from({ length: 2000 }, (_, k) => k);
    expect(rowMetrics([...rows('benign', ...benign), ...rows('scan', 1998)])).toMatchObject({
      threshold: 1997,
      falseRate: 0.001,
      meanRecall: 1,
    });
  });
});
