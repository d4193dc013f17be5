import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestDashboard } from '../dashboard.fixture.js';
import { anIncident } from '../events.fixture.js';
import { overview } from './overview.js';

let test: TestDashboard;
beforeEach(async () => {
  test = await TestDashboard.start();
  await test.followLink();
});
afterEach(() => test.stop());

async function threatAfter(...incidents: Parameters<typeof anIncident>[0][]) {
  for (const parts of incidents) test.bus.push({ kind: 'incident', incident: anIncident(parts) });
  await test.settle();
  const { history } = test.dashboard.parts;
  const facts = { newestMs: history.newestMs, health: { status: 'good', reason: '' }, packets: 0, flows: 0 } as const;
  return (await overview(history.database, facts)).threat;
}

describe('the threat level', () => {
  it('is that of the worst incident that goes on', async () => {
    const low = { id: 'b', severity: 'low' } as const;
    expect(await threatAfter(low)).toMatchObject({ level: 'low' });
    expect(await threatAfter({ id: 'a' }, low)).toMatchObject({
      level: 'high',
      reason: expect.stringMatching(/scans .* 1 more incident/),
    });
  });

  it('is low when all are over and nobody has looked, and none once somebody has', async () => {
    const over = await threatAfter({ id: 'a', state: 'closed' }, { id: 'b', state: 'closed', severity: 'low' });
    expect(over.level).toBe('low');
    expect(over.reason).toMatch(/^2 incidents are over and not looked at yet; the worst: .*\(high\)\.$/);
    for (const id of ['a', 'b']) await test.call('PATCH', `incidents/${id}/triage`, { status: 'acknowledged' });
    expect(await threatAfter()).toMatchObject({ level: 'none', reason: 'No incident is open.' });
  });

  it('is not lowered by looking at what still goes on, and is by closing it', async () => {
    expect(await threatAfter({ id: 'a' })).toMatchObject({ level: 'high' });
    await test.call('PATCH', 'incidents/a/triage', { status: 'acknowledged' });
    expect(await threatAfter()).toMatchObject({ level: 'high' });
    await test.call('PATCH', 'incidents/a/triage', { status: 'false-alarm' });
    expect(await threatAfter()).toMatchObject({ level: 'none' });
  });
});
