import { type Alert, END_OF_TIME_S, SEVERITIES } from '@weir/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertBatch } from '../runtime/port.js';
import { alertOf } from './incident.fixture.js';
import { createIncidentFunction, type IncidentSettings } from './index.js';

const UPSTREAMS = ['host/0', 'host/1', 'host/2'];

/** Alerts over an hour, on few keys, so that they merge, escalate, close and reopen. */
const alert = fc
  .record({
    id: fc.nat(60),
    kind: fc.constantFrom('port-scan' as const, 'syn-flood' as const),
    entity: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3'),
    severity: fc.constantFrom(...SEVERITIES),
    magnitude: fc.nat(20).map((m) => m / 2),
    startMs: fc.nat(3600).map((s) => s * 1000),
    lastsMs: fc.constantFrom(0, 5_000, 60_000),
    seenAfterMs: fc.constantFrom(0, 1_500, 30_000),
    upstream: fc.nat(UPSTREAMS.length - 1),
  })
  .map(({ lastsMs, seenAfterMs, upstream, ...said }) => {
    const endMs = said.startMs + lastsMs;
    return {
      upstream,
      alert: alertOf({
        ...said,
        id: `${said.id}`,
        targets: [`198.51.100.${said.id}`],
        endMs,
        detectedAtMs: endMs + seenAfterMs,
      }),
    };
  });

/**
 * The batches of one upstream: its alerts cut at `cutsS`, each batch with a watermark that its later alerts keep to.
 * Within a batch they come in any order.
 */
function batchesOf(upstream: string, alerts: readonly Alert[], cutsS: readonly number[]): AlertBatch[] {
  const watermarks = [...new Set(cutsS)].sort((a, b) => a - b).concat(END_OF_TIME_S);
  return watermarks.map((watermarkS, sequence) => {
    const afterMs = (watermarks[sequence - 1] ?? 0) * 1000;
    const own = alerts.filter((a) => a.detectedAtMs >= afterMs && a.detectedAtMs < watermarkS * 1000);
    return { upstream, run: 0, sequence, watermarkS, alerts: own };
  });
}

/** The batches of all upstreams, each upstream's in its order, taken in turns as `turns` says. */
function interleave(queues: AlertBatch[][], turns: readonly number[]): AlertBatch[] {
  const left = queues.map((queue) => [...queue]);
  const taken = turns.flatMap((turn) => left[turn]!.shift() ?? []);
  return [...taken, ...left.flat()];
}

/** Every output as text, in order; with `restarts` the state goes through bytes after each batch. */
function outputsOf(batches: AlertBatch[], settings: Partial<IncidentSettings> = {}, restarts = false): string[] {
  const incidents = createIncidentFunction({ upstreams: UPSTREAMS, ...settings });
  const outputs: string[] = [];
  let state = incidents.initialState('incident/0');
  for (const batch of batches) {
    incidents.transition(state, { kind: 'alert-batch', batch }, (output) => outputs.push(JSON.stringify(output)));
    if (restarts) state = incidents.decode(incidents.encode(state));
  }
  expect(state.open.size + state.pending.length).toBe(0);
  return outputs;
}

const delivery = fc.record({
  cutsS: fc.array(fc.array(fc.nat(4500), { maxLength: 40 }), { minLength: 3, maxLength: 3 }),
  turns: fc.array(fc.nat(2), { maxLength: 130, size: 'max' }),
  shuffled: fc.boolean(),
});

function delivered(
  alerts: { upstream: number; alert: Alert }[],
  { cutsS, turns, shuffled }: { cutsS: number[][]; turns: number[]; shuffled: boolean },
): AlertBatch[] {
  const queues = UPSTREAMS.map((name, i) => {
    const own = alerts.filter(({ upstream }) => upstream === i).map(({ alert }) => alert);
    return batchesOf(name, shuffled ? own.reverse() : own, cutsS[i]!);
  });
  return interleave(queues, turns);
}

const alerts = fc
  .array(alert, { maxLength: 80, size: 'max' })
  // One id says one thing: statements of one alert at one time would have no order.
  .map((list) => [...new Map(list.map((a) => [`${a.alert.id}|${a.alert.detectedAtMs}`, a])).values()]);

describe('the statements of a partition', () => {
  it('are the same, in the same order, for any batching and interleaving', () => {
    fc.assert(
      fc.property(alerts, delivery, (list, how) => {
        const atOnce = outputsOf(delivered(list, { cutsS: [[], [], []], turns: [], shuffled: false }));
        expect(outputsOf(delivered(list, how))).toEqual(atOnce);
      }),
      { numRuns: 300 },
    );
  });

  it('are the same with little room', () => {
    const little = { maxOpen: 2, mergeGapS: 120 };
    fc.assert(
      fc.property(alerts, delivery, (list, how) => {
        const atOnce = outputsOf(delivered(list, { cutsS: [[], [], []], turns: [], shuffled: false }), little);
        expect(outputsOf(delivered(list, how), little)).toEqual(atOnce);
      }),
    );
  });

  it('are the same when every batch is followed by a restart, and when batches come twice', () => {
    fc.assert(
      fc.property(alerts, delivery, (list, how) => {
        const batches = delivered(list, how);
        const plain = outputsOf(batches);
        expect(outputsOf(batches, {}, true)).toEqual(plain);
        expect(outputsOf(batches.flatMap((batch) => [batch, batch]))).toEqual(plain);
      }),
    );
  });

  it('number each incident once from opened 0 without gaps to closed, never weaker than before', () => {
    fc.assert(
      fc.property(alerts, (list) => {
        const open = new Map<string, { revision: number; severity: number }>();
        const closed = new Set<string>();
        const atOnce = delivered(list, { cutsS: [[], [], []], turns: [], shuffled: false });
        for (const text of outputsOf(atOnce, { maxOpen: 2, mergeGapS: 20 })) {
          const { kind, incident } = JSON.parse(text);
          const before = open.get(incident.id);
          const severity = SEVERITIES.indexOf(incident.severity);
          expect(before === undefined).toBe(kind === 'incident-opened');
          expect(incident.revision).toBe((before?.revision ?? -1) + 1);
          expect(severity).toBeGreaterThanOrEqual(before?.severity ?? 0);
          expect(closed.has(incident.id)).toBe(false);
          if (kind === 'incident-closed') {
            open.delete(incident.id);
            closed.add(incident.id);
          } else open.set(incident.id, { revision: incident.revision, severity });
        }
        expect(open.size).toBe(0);
      }),
    );
  });
});
