import { describe, expect, it } from 'vitest';
import { FlowBench } from '../flow/flow.fixture.js';
import { HostBench, portScan } from './host.fixture.js';

const SCAN_OF_15 = new FlowBench().play(portScan(15, 10)).hostBatches;
const settings = (in10s: unknown) => ({ host: { portScan: { ports: { in10s } } } });
const alertsAfter = (...changes: Record<string, unknown>[]) => {
  const bench = new HostBench();
  for (const change of changes) bench.tell({ kind: 'thresholds', settings: change });
  return { alerts: bench.send(...SCAN_OF_15).alerts, state: bench.state };
};

describe('thresholds changed by a control', () => {
  it('hold from then on', () => {
    expect(alertsAfter().alerts).toEqual([]);
    expect(alertsAfter(settings(12)).alerts.map(({ kind }) => kind)).toEqual(['port-scan']);
  });

  it('leave the others as they are, also those changed before', () => {
    const { state } = alertsAfter(settings(12), { host: { portScan: { failedShare: 0.5 } } });
    expect(state.thresholds).toEqual({ portScan: { ports: { in10s: 12 }, failedShare: 0.5 } });
  });

  it('are kept over a restart', () => {
    const bench = new HostBench();
    bench.tell({ kind: 'thresholds', settings: settings(12) });
    expect(bench.restart().send(...SCAN_OF_15).alerts).toHaveLength(1);
  });

  it.each([
    settings(-1),
    settings('many'),
    { host: { portScan: { portz: 3 } } },
    { host: { maxHosts: 9 } },
    { host: { portScan: 7 } },
    { flow: { maxFlows: 9 } },
    { host: null },
    {},
  ])('that cannot be used are refused and counted, and change nothing: %o', (refused) => {
    const { alerts, state } = alertsAfter(refused);
    expect(state.counters.controlsRefused).toBe(1);
    expect(state.thresholds).toEqual({});
    expect(alerts).toEqual([]);
  });
});
