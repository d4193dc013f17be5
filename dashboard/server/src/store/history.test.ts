import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aFlow, aHealth, anIncident, aWindow } from '../events.fixture.js';
import { History } from './history.js';

let folder: string;
let history: History;
const open = (path = 'memory') => History.open({ path, memoryBytes: 200e6, exportFolder: folder, nowMs: () => 1000 });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-history-'));
  history = await open();
});
afterEach(async () => {
  await history.close();
  rmSync(folder, { recursive: true });
});

const count = async (table: string, where = '') =>
  (await history.database.rows<{ n: number }>(`SELECT count(*) AS n FROM ${table} ${where}`))[0]!.n;

describe('history', () => {
  it('keeps the highest revision of an incident, in whatever order they come', async () => {
    const event = (revision: number) =>
      ({ kind: 'incident', incident: anIncident({ revision, alerts: revision }) }) as const;
    await history.record({ events: [event(2), event(1)], positions: [] });
    const late = await history.record({ events: [event(1)], positions: [] });
    const next = await history.record({ events: [event(5)], positions: [] });
    expect(late.incidents).toEqual([]);
    expect(next.incidents).toEqual([{ id: anIncident().id, isNew: false }]);
    const rows = await history.database.rows<{ revision: number; json: string }>(
      'SELECT revision, json FROM incidents',
    );
    expect(rows.map(({ revision }) => revision)).toEqual([5]);
    expect(JSON.parse(rows[0]!.json).alerts).toBe(5);
    expect(await count('restatements')).toBe(3);
  });

  it('keeps rows and positions together: a batch told again after a kill doubles nothing', async () => {
    const path = join(folder, 'history.duckdb');
    await history.close();
    history = await open(path);
    const batch = {
      events: [
        { kind: 'flow', flow: aFlow() },
        { kind: 'window', window: aWindow() },
        { kind: 'health', health: aHealth() },
        { kind: 'incident', incident: anIncident() },
      ],
      positions: [{ topic: 'network_flows', partition: 0, offset: '12' }],
    } as const;
    await history.record(batch);
    await history.close();
    history = await open(path);
    expect(await history.positions()).toEqual([{ topic: 'network_flows', partition: 0, offset: '12' }]);
    await history.record(batch);
    for (const table of ['flows', 'windows', 'health', 'incidents', 'restatements']) expect(await count(table)).toBe(1);
  });

  it('keeps nothing of a batch of which a part cannot be written', async () => {
    const bad = { topic: 'x', partition: 1e12, offset: '1' };
    await expect(history.record({ events: [{ kind: 'flow', flow: aFlow() }], positions: [bad] })).rejects.toThrow();
    expect(await count('flows')).toBe(0);
    await history.record({ events: [{ kind: 'flow', flow: aFlow() }], positions: [] });
    expect(await count('flows')).toBe(1);
  });

  it('keeps text from the network as it is, and reaches no file', async () => {
    const title = `'); DROP TABLE incidents; --<script>\0é`;
    await history.record({ events: [{ kind: 'incident', incident: anIncident({ title }) }], positions: [] });
    const [row] = await history.database.rows<{ title: string }>('SELECT title FROM incidents');
    expect(row!.title).toBe(title.replace('\0', '\uFFFD'));
    await expect(history.database.rows("SELECT * FROM read_text('/etc/hostname')")).rejects.toThrow(/disabled/);
    await expect(history.database.alone('SET enable_external_access = true')).rejects.toThrow();
  });

  it('refuses a history of another layout', async () => {
    const path = join(folder, 'other.duckdb');
    const other = await open(path);
    await other.database.alone('UPDATE meta SET version = 99');
    await other.close();
    await expect(open(path)).rejects.toThrow(/layout 99/);
  });
});
