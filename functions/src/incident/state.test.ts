import { describe, expect, it } from 'vitest';
import { LayoutError } from '../runtime/port.js';
import { alertOf, Bench, UPSTREAM } from './incident.fixture.js';
import { createIncidentFunction } from './index.js';

describe('batches', () => {
  it('that come twice are dropped and counted', () => {
    const batch = { upstream: UPSTREAM, run: 0, sequence: 0, watermarkS: 50, alerts: [alertOf({ id: 'a' })] };
    const bench = new Bench().sendBatch(batch).sendBatch(batch);
    expect(bench.kinds).toEqual(['opened']);
    expect(bench.state.counters).toMatchObject({ batchesRepeated: 1, batchesMissing: 0 });
  });

  it('that never came are counted', () => {
    const bench = new Bench().sendBatch({ upstream: UPSTREAM, run: 0, sequence: 3, watermarkS: 5, alerts: [] });
    expect(bench.state.counters.batchesMissing).toBe(3);
  });

  it('from unknown upstreams are dropped and counted', () => {
    const bench = new Bench().sendBatch({ upstream: 'host/9', run: 0, sequence: 0, watermarkS: 50, alerts: [] });
    expect(bench.state.counters.batchesUnknown).toBe(1);
    expect(bench.state.upstreams.size).toBe(1);
  });

  it('with alerts older than the watermark are counted and used', () => {
    const bench = new Bench().send([], 100).send([alertOf({ id: 'a' }, { detectedS: 50 })], 101);
    expect(bench.kinds).toEqual(['opened']);
    expect(bench.state.counters.alertsLate).toBe(1);
  });
});

describe('bounds', () => {
  it('too many open incidents close the least severe, then the oldest, early', () => {
    const bench = new Bench({ maxOpen: 2 }).send(
      [
        alertOf({ id: 'a', entity: 'a', severity: 'high' }, { endS: 1 }),
        alertOf({ id: 'b', entity: 'b' }, { endS: 3 }),
        alertOf({ id: 'c', entity: 'c' }, { endS: 2, detectedS: 9 }),
        alertOf({ id: 'd', entity: 'd' }, { endS: 10 }),
      ],
      50,
    );
    expect(bench.outputs.filter(({ kind }) => kind === 'incident-closed').map((o) => o.incident.entity)).toEqual([
      'b',
      'c',
    ]);
    expect([...bench.state.open.keys()]).toEqual(['port-scan|a', 'port-scan|d']);
    expect(bench.state.counters.incidentsClosedEarly).toBe(2);
  });

  it('too many waiting alerts are dropped and counted', () => {
    const bench = new Bench({ maxPending: 1 }).send([alertOf({ id: 'a' }), alertOf({ id: 'b' })]);
    expect(bench.last.alerts).toBe(1);
    expect(bench.state.counters.alertsDropped).toBe(1);
  });

  it.each([
    [{ upstreams: [] }, 'upstreams is empty'],
    [{ mergeGapS: -1 }, 'mergeGapS is -1'],
    [{ mergeGapS: Number.POSITIVE_INFINITY }, 'mergeGapS is Infinity'],
    [{ maxOpen: 0 }, 'maxOpen is 0'],
    [{ maxPending: Number.NaN }, 'maxPending is NaN'],
  ])('settings that cannot be used are refused by name: %o', (settings, message) => {
    expect(() => createIncidentFunction({ upstreams: [UPSTREAM], ...settings })).toThrow(message);
  });
});

describe('state bytes', () => {
  const { incidents, state } = new Bench().send(
    [alertOf({ id: 'a' }), alertOf({ id: 'b', entity: 'x' }), alertOf({ id: 'c' }, { startS: 90 })],
    50,
  );
  const bytes = incidents.encode(state);

  it('hold the whole state', () => {
    expect(state.pending).toHaveLength(1);
    expect(incidents.decode(bytes)).toEqual(state);
  });

  it('of another layout, cut short, or damaged are refused', () => {
    const damaged = (at: number) => bytes.map((byte, i) => (i === at ? byte ^ 0x55 : byte));
    expect(() => incidents.decode(damaged(0))).toThrow('this version reads 2');
    expect(() => incidents.decode(damaged(8))).toThrow(LayoutError);
    expect(() => incidents.decode(bytes.subarray(0, 40))).toThrow(LayoutError);
    expect(() => incidents.decode(Uint8Array.from([...bytes, 0]))).toThrow(LayoutError);
  });
});
