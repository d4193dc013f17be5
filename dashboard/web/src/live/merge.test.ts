import { describe, expect, it } from 'vitest';
import { sampleFlow, sampleIncident, samplePoint } from '../testing/samples.js';
import { MAX_FLOWS, MAX_INCIDENTS, MAX_POINTS, mergeFlows, mergeIncidents, mergeTraffic } from './merge.js';

describe('incidents', () => {
  it('are replaced by their restatement, not doubled', () => {
    const merged = mergeIncidents([sampleIncident()], [sampleIncident({ revision: 1, alerts: 3 })]);
    expect(merged.map(({ alerts }) => alerts)).toEqual([3]);
  });

  it('take triage, which does not restate', () => {
    const triaged = sampleIncident({ triage: { status: 'acknowledged', notes: 0 } });
    expect(mergeIncidents([sampleIncident()], [triaged])[0]!.triage.status).toBe('acknowledged');
  });

  it('do not go back to an older statement', () => {
    const merged = mergeIncidents([sampleIncident({ revision: 5 })], [sampleIncident({ revision: 4 })]);
    expect(merged[0]!.revision).toBe(5);
  });

  it('are newest first and bounded', () => {
    const many = Array.from({ length: MAX_INCIDENTS + 5 }, (_, i) => sampleIncident({ id: `i${i}`, detectedAtMs: i }));
    const merged = mergeIncidents([], many);
    expect(merged).toHaveLength(MAX_INCIDENTS);
    expect(merged[0]!.detectedAtMs).toBe(MAX_INCIDENTS + 4);
  });
});

describe('traffic', () => {
  it('keeps one point a step, oldest first', () => {
    const merged = mergeTraffic(
      [samplePoint({ startMs: 20 })],
      [samplePoint({ startMs: 10 }), samplePoint({ startMs: 20, packets: 7 })],
    );
    expect(merged.map(({ startMs, packets }) => [startMs, packets])).toEqual([
      [10, 100],
      [20, 7],
    ]);
  });

  it('is bounded, and forgets the oldest', () => {
    const many = Array.from({ length: MAX_POINTS + 1 }, (_, startMs) => samplePoint({ startMs }));
    expect(mergeTraffic([], many)[0]!.startMs).toBe(1);
  });
});

describe('flows', () => {
  it('come on top, and a known one moves there', () => {
    const current = [sampleFlow({ communityId: 'b' }), sampleFlow({ communityId: 'a' })];
    const merged = mergeFlows(current, [
      sampleFlow({ communityId: 'a', outcome: 'finished' }),
      sampleFlow({ communityId: 'c' }),
    ]);
    expect(merged.map(({ communityId, outcome }) => `${communityId} ${outcome}`)).toEqual([
      'c established',
      'a finished',
      'b established',
    ]);
  });

  it('of two records of one flow in a message keep the later', () => {
    expect(mergeFlows([], [sampleFlow(), sampleFlow({ outcome: 'reset' })]).map(({ outcome }) => outcome)).toEqual([
      'reset',
    ]);
  });

  it('are bounded', () => {
    const many = Array.from({ length: MAX_FLOWS + 10 }, (_, i) => sampleFlow({ communityId: String(i) }));
    const merged = mergeFlows([], many);
    expect(merged).toHaveLength(MAX_FLOWS);
    expect(merged[0]!.communityId).toBe(String(MAX_FLOWS + 9));
  });
});
