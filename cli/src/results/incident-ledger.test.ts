import { describe, expect, it } from 'vitest';
import { sampleIncident } from '../report/sample-incident.js';
import { IncidentLedger } from './incident-ledger.js';

const change = (replaced: Parameters<typeof sampleIncident>[0]) =>
  ({ kind: 'incident-updated', incident: sampleIncident(replaced) }) as const;

describe('IncidentLedger', () => {
  it('keeps the latest state of each incident, by start, then id', () => {
    const ledger = new IncidentLedger();
    ledger.record(change({ id: 'c', startMs: 2 }));
    ledger.record(change({ id: 'b', startMs: 1 }));
    ledger.record(change({ id: 'a', startMs: 1, revision: 0 }));
    ledger.record(change({ id: 'a', startMs: 1, revision: 1 }));
    expect(ledger.incidents().map(({ id, revision }) => `${id}${revision}`)).toEqual(['a1', 'b3', 'c3']);
  });

  it('keeps its own copy', () => {
    const ledger = new IncidentLedger();
    const update = change({ id: 'a' });
    ledger.record(update);
    update.incident.sources.push('changed');
    expect(ledger.incidents()[0]!.sources).toEqual(['192.0.2.7']);
  });

  it('forgets the oldest closed ones when full, but not how severe they were', () => {
    const ledger = new IncidentLedger(2);
    ledger.record(change({ id: 'open', state: 'open', severity: 'low' }));
    ledger.record(change({ id: 'old', severity: 'critical' }));
    ledger.record(change({ id: 'new', severity: 'low' }));
    expect(ledger.incidents().map(({ id }) => id)).toEqual(['new', 'open']);
    expect(ledger.forgotten).toBe(1);
    expect(ledger.reaches('critical')).toBe(true);
  });

  it('reaches a severity when any incident is at or above it', () => {
    const ledger = new IncidentLedger();
    expect(ledger.reaches('info')).toBe(false);
    ledger.record(change({ severity: 'medium' }));
    expect([ledger.reaches('low'), ledger.reaches('medium'), ledger.reaches('high')]).toEqual([true, true, false]);
  });
});
