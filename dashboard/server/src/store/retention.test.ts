import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../dashboard.fixture.js';
import { aFlow, anIncident, aWindow, MORNING_MS } from '../events.fixture.js';
import { History } from './history.js';
import { enforceRetention, sizeOf } from './retention.js';
import { isWithinPrefix, parsePrefix, ruleFits } from './rules.js';

const DAY_MS = 86_400_000;
let history: History;

beforeEach(async () => {
  history = await History.open({
    path: 'memory',
    memoryBytes: 300e6,
    exportFolder: temporaryFolder(),
    nowMs: () => Date.now(),
  });
});
afterEach(() => history.close());

const count = async (table: string) =>
  (await history.database.rows<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]!.n;

describe('retention', () => {
  it('removes what is older than allowed by capture time, whatever the calendar says', async () => {
    const old = MORNING_MS - 3 * DAY_MS;
    await history.record({
      events: [
        { kind: 'flow', flow: aFlow({ startMs: old, endMs: old }) },
        { kind: 'flow', flow: aFlow() },
        { kind: 'window', window: aWindow({ startMs: old }) },
        { kind: 'window', window: aWindow() },
        { kind: 'incident', incident: anIncident({ id: 'old', state: 'closed', endMs: old }) },
        { kind: 'incident', incident: anIncident({ id: 'old-open', state: 'open', endMs: old }) },
        { kind: 'incident', incident: anIncident() },
      ],
      positions: [],
    });
    await enforceRetention(history, { days: 2, bytes: 1e9 }, Date.now());
    expect([await count('flows'), await count('windows'), await count('incidents')]).toEqual([1, 1, 2]);
    expect(await history.database.rows('SELECT id FROM restatements ORDER BY id')).toEqual([
      { id: 'old-open' },
      { id: 'scan-1' },
    ]);
  });

  it('removes the oldest flows, and only as much as is needed, when the database is too large', async () => {
    const flows = (from: number) =>
      Array.from({ length: 20_000 }, (_, i) => {
        const startMs = MORNING_MS + (from + i) * 10;
        return {
          kind: 'flow',
          flow: aFlow({ startMs, endMs: startMs, communityId: `1:${from + i}-${Math.sqrt(from + i)}` }),
        } as const;
      });
    for (const from of [0, 20_000, 40_000, 60_000]) await history.record({ events: flows(from), positions: [] });
    const full = await sizeOf(history.database);
    const { bytes, removedRows } = await enforceRetention(history, { days: 3650, bytes: full * 0.8 }, Date.now());
    expect(removedRows).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(full * 0.8);
    const [left] = await history.database.rows<{ n: number; newest: number }>(
      'SELECT count(*) AS n, max(start_ms) AS newest FROM flows',
    );
    expect(left!.newest).toBe(MORNING_MS + 79_999 * 10);
    expect(left!.n).toBeGreaterThan(10_000);
  });
});

describe('a rule that hides', () => {
  const subject = {
    kind: 'port-scan',
    entity: 'a>b',
    domain: 'a.Example.org',
    sources: ['10.1.2.3'],
    targets: ['2001:db8::5'],
  };

  it.each([
    [{ incidentKind: 'port-scan' }, true],
    [{ incidentKind: 'beacon' }, false],
    [{ entity: 'a>b', incidentKind: 'port-scan' }, true],
    [{ entity: 'a' }, false],
    [{ domain: 'example.org' }, true],
    [{ domain: 'ample.org' }, false],
    [{ address: '10.1.2.3' }, true],
    [{ address: '10.1.0.0/16' }, true],
    [{ address: '10.2.0.0/15' }, false],
    [{ address: '2001:db8::/32' }, true],
    [{ address: '0.0.0.0/0' }, true],
  ] as const)('%j fits: %s', (rule, fits) => {
    expect(ruleFits(rule, subject)).toBe(fits);
  });

  it.each(['10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', 'x', '2001:db8::/129'])('refuses %s', (text) => {
    expect(() => parsePrefix(text)).toThrow(RangeError);
  });

  it('holds a block only within a larger block', () => {
    expect(isWithinPrefix('10.1.0.0/16', parsePrefix('10.0.0.0/8'))).toBe(true);
    expect(isWithinPrefix('10.0.0.0/8', parsePrefix('10.1.0.0/16'))).toBe(false);
    expect(isWithinPrefix('many', parsePrefix('0.0.0.0/0'))).toBe(false);
  });
});
