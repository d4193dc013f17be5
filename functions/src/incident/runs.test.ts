import { END_OF_TIME_S } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import type { AlertBatch } from '../runtime/port.js';
import { alertOf, Bench } from './incident.fixture.js';

const UPSTREAMS = ['host/0', 'host/1'];
const batch = (upstream: string, run: number, said: Partial<AlertBatch> = {}): AlertBatch => ({
  upstream,
  run,
  sequence: 0,
  watermarkS: END_OF_TIME_S,
  alerts: [],
  ...said,
});

describe('runs of the host partitions', () => {
  it('the same capture once more gives the same ids', () => {
    const bench = new Bench({ upstreams: UPSTREAMS });
    for (const run of [0, 1]) {
      bench.sendBatch(batch('host/0', run, { alerts: [alertOf({ id: 'a' })] }));
      bench.sendBatch(batch('host/1', run));
    }
    expect(bench.kinds).toEqual(['opened', 'closed', 'opened', 'closed']);
    expect(new Set(bench.outputs.map(({ incident }) => incident.id)).size).toBe(1);
    expect(bench.state.counters).toMatchObject({ batchesRepeated: 0, batchesMissing: 0, alertsLate: 0 });
  });

  it('a new run waits for all of them', () => {
    const bench = new Bench({ upstreams: UPSTREAMS });
    for (const upstream of UPSTREAMS) bench.sendBatch(batch(upstream, 0));
    bench.sendBatch(batch('host/1', 1, { alerts: [alertOf({ id: 'a' })] }));
    expect(bench.outputs).toEqual([]);
    bench.sendBatch(batch('host/0', 1));
    expect(bench.kinds).toEqual(['opened', 'closed']);
  });

  it('one that begins anew while another still runs holds up nothing that was said', () => {
    const bench = new Bench({ upstreams: UPSTREAMS });
    bench.sendBatch(batch('host/0', 0, { watermarkS: 100, alerts: [alertOf({ id: 'a' })] }));
    bench.sendBatch(batch('host/1', 0));
    bench.sendBatch(batch('host/1', 1));
    expect(bench.kinds).toEqual(['opened']);
  });

  it('one that has ended two runs before another has ended the first loses none of it', () => {
    const bench = new Bench({ upstreams: UPSTREAMS });
    bench.sendBatch(batch('host/1', 0, { watermarkS: 100 }));
    bench.sendBatch(batch('host/0', 0, { alerts: [alertOf({ id: 'a' })] }));
    bench.sendBatch(batch('host/0', 1, { alerts: [alertOf({ id: 'a' })] }));
    bench.sendBatch(batch('host/1', 0, { sequence: 1 }));
    expect(bench.kinds).toEqual(['opened', 'closed']);
    bench.sendBatch(batch('host/1', 1));
    expect(bench.kinds).toEqual(['opened', 'closed', 'opened', 'closed']);
    expect(bench.state.counters).toMatchObject({ batchesRepeated: 0, batchesMissing: 0, alertsLate: 0 });
    expect(bench.state.held).toEqual([]);
  });

  it('batches of a run that is over are dropped', () => {
    const bench = new Bench().sendBatch(batch('host/0', 1)).sendBatch(batch('host/0', 0));
    expect(bench.state.counters.batchesRepeated).toBe(1);
  });
});

describe('the sensors of an incident', () => {
  it('are those of all its alerts, in order', () => {
    const bench = new Bench().send([
      alertOf({ id: 'a', sensors: ['office', 'lab'] }),
      alertOf({ id: 'b', sensors: ['attic', 'lab'] }),
    ]);
    expect(bench.last.sensors).toEqual(['attic', 'lab', 'office']);
  });
});
