import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestDashboard, temporaryFolder, testPorts } from '../dashboard.fixture.js';
import { aHealth, anIncident } from '../events.fixture.js';

describe('an incident that was open when the server was killed', () => {
  it.each([
    ['embedded', 'closed'],
    ['cluster', 'open'],
  ] as const)('in %s mode is %s for the next one', async (mode, state) => {
    const historyPath = join(temporaryFolder(), 'history.duckdb');
    const killed = await TestDashboard.start({ historyPath, mode });
    killed.bus.push({ kind: 'incident', incident: anIncident({ state: 'open', summary: 'says "state":"open"' }) });
    await killed.settle();
    await killed.stop();
    const next = await TestDashboard.start({ historyPath, mode });
    await next.followLink();
    const [incident] = (await next.call('GET', 'incidents')).json().items;
    expect(incident).toMatchObject({ state, summary: 'says "state":"open"' });
    expect((await next.call('GET', `incidents?state=${state}`)).json().items).toHaveLength(1);
    await next.stop();
  });
});

describe('a sensor that was given another name', () => {
  it.each([
    ['embedded', []],
    ['cluster', ['renamed']],
  ] as const)('is not missed by one process, and is by a cluster: %s', async (mode, sensors) => {
    const historyPath = join(temporaryFolder(), 'history.duckdb');
    const before = await TestDashboard.start({ historyPath, mode });
    before.bus.push({ kind: 'health', health: aHealth({ sensor: 'renamed' }) });
    await before.settle();
    await before.stop();
    const ports = testPorts();
    ports.controls.sensorFacts = (() => undefined) as never;
    const next = await TestDashboard.start({ historyPath, mode }, ports);
    await next.followLink();
    const { items } = (await next.call('GET', 'sensors')).json() as { items: { name: string }[] };
    expect(items.map(({ name }) => name)).toEqual(sensors);
    await next.stop();
  });
});
