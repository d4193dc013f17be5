import { createHash } from 'node:crypto';
import { type Alert, Incident as IncidentSchema } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { alertOf, Bench } from './incident.fixture.js';

describe('an incident', () => {
  it('opens with the first alert and closes with all it knows', () => {
    const bench = new Bench().send([alertOf({ id: 'a' }, { startS: 10, endS: 20 })]);
    expect(bench.kinds).toEqual(['opened', 'closed']);
    const [opened, closed] = bench.outputs.map(({ incident }) => incident);
    expect(opened).toMatchObject({ state: 'open', revision: 0, alerts: 1, startMs: 10_000, detectedAtMs: 22_000 });
    expect(closed).toEqual({ ...opened, state: 'closed', revision: 1 });
    expect(Object.keys(opened!).sort()).toEqual(
      Object.keys(IncidentSchema.properties)
        .filter((name) => name !== 'domain')
        .sort(),
    );
  });

  it('has the first 16 hex digits of SHA-256 over kind, entity and first start as id', () => {
    const digest = createHash('sha256').update('port-scan|192.0.2.1|10000').digest('hex');
    expect(new Bench().send([alertOf({ id: 'a' }, { startS: 10 })]).last.id).toBe(digest.slice(0, 16));
  });

  it('has an id of its own when a slow detector comes back to first evidence that was closed', () => {
    const fast = alertOf({ id: 'a' }, { startS: 10, endS: 50 });
    const slow = alertOf({ id: 'b' }, { startS: 10, endS: 50, detectedS: 3600 });
    const slower = alertOf({ id: 'c' }, { startS: 10, endS: 50, detectedS: 7200 });
    const bench = new Bench().send([fast, slow, slower]);
    expect(bench.kinds).toEqual(['opened', 'closed', 'opened', 'closed', 'opened', 'closed']);
    expect(new Set(bench.outputs.map(({ incident }) => incident.id)).size).toBe(3);
  });

  it('waits for the watermark to pass the alert', () => {
    const bench = new Bench().send([alertOf({ id: 'a' }, { detectedS: 30 })], 30);
    expect(bench.kinds).toEqual([]);
    expect(bench.send([], 31).kinds).toEqual(['opened']);
  });

  it('waits for the slowest upstream', () => {
    const bench = new Bench({ upstreams: ['host/0', 'host/1'] });
    bench.sendBatch({ upstream: 'host/0', run: 0, sequence: 0, watermarkS: 100, alerts: [alertOf({ id: 'a' })] });
    expect(bench.kinds).toEqual([]);
    bench.sendBatch({ upstream: 'host/1', run: 0, sequence: 0, watermarkS: 50, alerts: [] });
    expect(bench.kinds).toEqual(['opened']);
  });

  it('takes in an alert that starts within the gap, and not one beyond', () => {
    const first = alertOf({ id: 'a' }, { startS: 0, endS: 100 });
    const within = alertOf({ id: 'b' }, { startS: 700, detectedS: 700 });
    const beyond = alertOf({ id: 'b' }, { startS: 701, detectedS: 701 });
    expect(new Bench().send([first, within]).last).toMatchObject({ alerts: 2, endMs: 700_000, state: 'closed' });
    const apart = new Bench().send([first, beyond]);
    expect(apart.kinds).toEqual(['opened', 'closed', 'opened', 'closed']);
    expect(apart.outputs[1]!.incident.id).not.toBe(apart.last.id);
  });

  it('closes for an alert that starts too late even where it was seen at once', () => {
    const bench = new Bench({ mergeGapS: 10 }).send([
      alertOf({ id: 'a' }, { startS: 0, endS: 100, detectedS: 100 }),
      alertOf({ id: 'b' }, { startS: 111, endS: 112, detectedS: 105 }),
    ]);
    expect(bench.kinds).toEqual(['opened', 'closed', 'opened', 'closed']);
  });

  it('closes when the watermark has passed its gap, not before', () => {
    const bench = new Bench().send([alertOf({ id: 'a' }, { endS: 100 })], 700);
    expect(bench.kinds).toEqual(['opened']);
    expect(bench.send([], 701).kinds).toEqual(['opened', 'closed']);
    expect(bench.state.open.size).toBe(0);
  });

  it('is another for another kind and another entity', () => {
    const bench = new Bench().send(
      [alertOf({ id: 'a' }), alertOf({ id: 'b', kind: 'syn-flood' }), alertOf({ id: 'c', entity: '192.0.2.9' })],
      50,
    );
    expect(bench.kinds).toEqual(['opened', 'opened', 'opened']);
    expect(new Set(bench.outputs.map(({ incident }) => incident.id)).size).toBe(3);
  });
});

describe('merging', () => {
  it('joins times, addresses and techniques and takes the words of the strongest alert', () => {
    const strongest = alertOf(
      {
        id: 'b',
        magnitude: 9,
        confidence: 0.9,
        sources: ['192.0.2.7', '192.0.2.1'],
        targets: ['198.51.100.0'],
        techniques: [{ id: 'T1018', name: 'Remote System Discovery' }],
      },
      { startS: 5, endS: 30 },
    );
    const bench = new Bench().send([
      alertOf({ id: 'a', domain: 'example.org' }, { startS: 10, endS: 20 }),
      strongest,
      alertOf({ id: 'c', magnitude: 3, severity: 'high' }, { startS: 40, endS: 50 }),
    ]);
    expect(bench.last).toMatchObject({
      alerts: 3,
      startMs: 5_000,
      endMs: 50_000,
      detectedAtMs: 22_000,
      severity: 'high',
      magnitude: 9,
      confidence: 0.9,
      title: 'title of b',
      summary: 'summary of b',
      domain: 'example.org',
      sources: ['192.0.2.1', '192.0.2.7'],
      targets: ['198.51.100.0', '198.51.100.1'],
    });
    expect(bench.last.techniques.map(({ id }) => id)).toEqual(['T1018', 'T1046']);
  });

  it('of equally strong alerts takes the earlier seen, then the smaller id', () => {
    const seenTogether = [alertOf({ id: 'c' }), alertOf({ id: 'b' })];
    expect(new Bench().send(seenTogether).last.title).toBe('title of b');
    const earlier = alertOf({ id: 'd' }, { detectedS: 1 });
    expect(new Bench().send([...seenTogether, earlier]).last.title).toBe('title of d');
  });

  it('does not count an alert again that comes again, but lets it grow', () => {
    const bench = new Bench().send([alertOf({ id: 'a' }, { endS: 10 })], 50);
    bench.send([alertOf({ id: 'a' }, { endS: 10, detectedS: 60 })], 200);
    expect(bench.kinds).toEqual(['opened']);
    bench.send([alertOf({ id: 'a', magnitude: 1.7 }, { endS: 220 })]);
    expect(bench.last).toMatchObject({ alerts: 1, endMs: 220_000, magnitude: 1.7 });
  });

  it('names at most 32 addresses, the same whatever the order', () => {
    const addresses = Array.from({ length: 50 }, (_, i) => `10.0.0.${i}`);
    const halves = [addresses.slice(0, 25), addresses.slice(25)];
    const sent = (lists: string[][]) =>
      new Bench().send(lists.map((targets, i) => alertOf({ id: `${i}`, targets }, { startS: i }))).last.targets;
    expect(sent(halves)).toEqual([...addresses].sort().slice(0, 32));
    expect(sent([...halves].reverse())).toEqual(sent(halves));
  });

  it('remembers a bounded number of alerts', () => {
    const many = Array.from({ length: 3000 }, (_, i) => alertOf({ id: `alert-${i}` }, { startS: i / 100 }));
    const bench = new Bench().send(many, 500);
    const [open] = bench.state.open.values();
    expect(open!.incident.alerts).toBe(3000);
    expect(open!.recentAlertIds.size).toBe(1024);
  });
});

describe('restating', () => {
  const first = alertOf({ id: 'a', magnitude: 3 }, { endS: 10, detectedS: 12 });
  const next = (said: Partial<Alert>, detectedS = 20) => alertOf({ id: 'b', ...said }, { startS: 15, detectedS });

  it('happens at once when the severity rises, and only then', () => {
    expect(new Bench().send([first, next({ severity: 'high' })], 25).kinds).toEqual(['opened', 'updated']);
    expect(new Bench().send([first, next({ severity: 'low' })], 25).kinds).toEqual(['opened']);
  });

  it('happens at once when the magnitude passes the next power of two', () => {
    expect(new Bench().send([first, next({ magnitude: 3.9 })], 25).kinds).toEqual(['opened']);
    expect(new Bench().send([first, next({ magnitude: 4 })], 25).kinds).toEqual(['opened', 'updated']);
  });

  it('happens a minute after the last statement when something small has changed', () => {
    const bench = new Bench().send([first, next({})], 72);
    expect(bench.kinds).toEqual(['opened']);
    expect(bench.send([], 73).kinds).toEqual(['opened', 'updated']);
    expect(bench.last).toMatchObject({ revision: 1, alerts: 2 });
    expect(bench.send([], 600).kinds).toEqual(['opened', 'updated']);
  });

  it('happens with the alert when the last statement is more than a minute old', () => {
    expect(new Bench().send([first, next({}, 72)], 73).kinds).toEqual(['opened', 'updated']);
  });

  it('does not come before a closing that is due first', () => {
    const bench = new Bench({ mergeGapS: 10 }).send([first, next({})]);
    expect(bench.kinds).toEqual(['opened', 'closed']);
    expect(bench.last.alerts).toBe(2);
  });

  it('keeps few statements for many alerts', () => {
    const hour = Array.from({ length: 3600 }, (_, s) => alertOf({ id: `${s}`, magnitude: 1 + s }, { startS: s }));
    const updates = new Bench().send(hour).kinds.filter((kind) => kind === 'updated').length;
    expect(updates).toBeGreaterThanOrEqual(60);
    expect(updates).toBeLessThanOrEqual(60 + 12);
  });
});
