import type { Control } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { alertOf, Bench } from './incident.fixture.js';

const suppress = (said: Partial<Extract<Control, { kind: 'suppress' }>> = {}): Control => ({
  kind: 'suppress',
  id: 's1',
  reason: 'announced scan',
  untilMs: 1e6,
  ...said,
});

function benchWith(...controls: Control[]): Bench {
  const bench = new Bench();
  for (const control of controls) bench.incidents.transition(bench.state, control, () => {});
  return bench;
}

const scan = () => alertOf({ id: 'a' });

describe('a suppression', () => {
  it('keeps an incident from being told at all, and counts it', () => {
    const bench = benchWith(suppress()).send([scan()]);
    expect(bench.outputs).toEqual([]);
    expect(bench.state.counters.incidentsSuppressed).toBe(1);
  });

  it.each([
    [{ incidentKind: 'port-scan' }, 0],
    [{ incidentKind: 'syn-flood' }, 1],
    [{ entity: '192.0.2.1' }, 0],
    [{ entity: '192.0.2.2' }, 1],
    [{ incidentKind: 'port-scan', entity: '192.0.2.2' }, 1],
  ])('holds for what it names: %o', (said, opened) => {
    const bench = benchWith(suppress(said)).send([scan()]);
    expect(bench.kinds.filter((kind) => kind === 'opened')).toHaveLength(opened);
  });

  it('is over at its event time', () => {
    const bench = benchWith(suppress({ untilMs: 5000 })).send([alertOf({ id: 'a' }, { startS: 5 })]);
    expect(bench.kinds).toEqual(['opened', 'closed']);
  });

  it('can be taken back', () => {
    const bench = benchWith(suppress(), { kind: 'unsuppress', id: 's1' }).send([scan()]);
    expect(bench.kinds).toEqual(['opened', 'closed']);
  });

  it('that ends while the attack goes on lets it be told, as it is by then', () => {
    const bench = benchWith(suppress({ untilMs: 50_000 }));
    bench.send([scan(), alertOf({ id: 'b' }, { startS: 100 })]);
    expect(bench.kinds).toEqual(['opened', 'closed']);
    expect(bench.outputs[0]!.incident).toMatchObject({ alerts: 2, revision: 0, startMs: 0 });
  });

  it('is in the state, and gone from it when it is over', () => {
    const bench = benchWith(suppress({ untilMs: 50_000 }));
    const { incidents, state } = bench;
    expect(incidents.decode(incidents.encode(state))).toEqual(state);
    bench.send([], 60);
    expect(state.suppressions.size).toBe(0);
  });

  it('finds room for a thousand', () => {
    const { state } = benchWith(...Array.from({ length: 1030 }, (_, k) => suppress({ id: `${k}` })));
    expect(state.suppressions.size).toBe(1024);
    expect(state.counters.suppressionsRefused).toBe(6);
  });
});
