import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeatureRows } from '../features/feature-rows.js';
import {
  ageRows,
  countRow,
  DRIFT_ALARM,
  DRIFT_BINS,
  driftOf,
  initialDriftState,
  psiOf,
  settleReference,
} from './drift.js';

/** Rows of two features; the first is what `first` says, the second counts from 0 to 9. */
function counted(state: ReturnType<typeof initialDriftState>, count: number, first: (k: number) => number) {
  const rows = new FeatureRows(2);
  for (let k = 0; k < count; k++) {
    const row = rows.append();
    rows.matrix.set([first(k), k % 10], row * 2);
  }
  for (let k = 0; k < count; k++) countRow(state, rows.features(k));
}

/** What is told when 2,000 rows were learned and as many came since. */
function driftBetween(then: (k: number) => number, now: (k: number) => number) {
  const state = initialDriftState();
  counted(state, 2000, then);
  settleReference(state);
  counted(state, 2000, now);
  return driftOf(state);
}

describe('the population stability index', () => {
  it('is that of a table worked by hand', () => {
    const [then, now] = [new Float64Array(DRIFT_BINS), new Float64Array(DRIFT_BINS)];
    then.set([5_000_000, 3_000_000, 2_000_000]);
    now.set([2_000_000, 3_000_000, 5_000_000]);
    expect(psiOf(then, now, 0)).toBeCloseTo(0.3 * Math.log(2.5) * 2, 5);
  });

  it('is 0 for the same shares, never less, and the same seen from either side', () => {
    const bins = fc.array(fc.nat(1000), { minLength: DRIFT_BINS, maxLength: DRIFT_BINS });
    fc.assert(
      fc.property(bins, bins, (a, b) => {
        const [then, now] = [Float64Array.from(a), Float64Array.from(b)];
        expect(psiOf(then, then, 0)).toBe(0);
        expect(psiOf(then, now, 0)).toBeGreaterThanOrEqual(0);
        expect(psiOf(then, now, 0)).toBeCloseTo(psiOf(now, then, 0), 9);
      }),
    );
  });
});

describe('drift', () => {
  it('names the feature that moved, and leaves those that did not below the alarm', () => {
    const drift = driftBetween(
      (k) => k % 50,
      (k) => 200 + (k % 50),
    )!;
    expect(drift.rows).toBe(2000);
    expect(drift.features[0]!.feature).toBe(0);
    expect(drift.features[0]!.psi).toBeGreaterThan(DRIFT_ALARM);
    expect(drift.features[1]!.psi).toBeLessThan(0.1);
  });

  it('is none where the same comes in another order', () => {
    const { features } = driftBetween(
      (k) => (k * 7) % 50,
      (k) => (k * 11) % 50,
    )!;
    expect(features[0]!.psi).toBeLessThan(0.02);
  });

  it('sees a feature that is not told any more', () => {
    const { features } = driftBetween(
      () => 0,
      () => Number.NaN,
    )!;
    expect(features[0]).toMatchObject({ feature: 0 });
    expect(features[0]!.psi).toBeGreaterThan(DRIFT_ALARM);
  });

  it('is not told while learning, nor of few rows', () => {
    const state = initialDriftState();
    counted(state, 2000, (k) => k);
    expect(driftOf(state)).toBeUndefined();
    settleReference(state);
    counted(state, 100, (k) => k);
    expect(driftOf(state)).toBeUndefined();
  });

  it('forgets what is long ago', () => {
    const state = initialDriftState();
    counted(state, 2000, (k) => k % 50);
    settleReference(state);
    counted(state, 2000, () => 100_000);
    const before = driftOf(state)!.features[0]!.psi;
    for (let slot = 0; slot < 60; slot++) {
      ageRows(state);
      counted(state, 100, (k) => k % 50);
    }
    expect(before).toBeGreaterThan(1);
    expect(driftOf(state)!.features[0]!.psi).toBeLessThan(0.1);
  });
});
