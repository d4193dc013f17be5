import { Value } from '@sinclair/typebox/value';
import * as api from '@weir/contracts/dashboard-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestDashboard } from '../dashboard.fixture.js';
import { aMorning, MORNING_MS } from '../events.fixture.js';

let test: TestDashboard;

beforeAll(async () => {
  test = await TestDashboard.start();
  await test.followLink();
  for (const event of aMorning()) test.bus.push(event);
  await test.settle();
});
afterAll(() => test.stop());

const get = async (path: string) => (await test.call('GET', path)).json();

describe('the server', () => {
  it('closes connections on which nothing moves, so that bodies without an end do not gather', () => {
    expect(test.dashboard.app.server.timeout).toBe(300_000);
  });
});

describe('every resource', () => {
  it.each([
    ['session', api.Session],
    ['version', api.Version],
    ['capabilities', api.Capabilities],
    ['overview', api.Overview],
    ['traffic', api.TrafficSeries],
    ['heat-map', api.HeatMap],
    ['incidents', api.IncidentPage],
    ['incidents/scan-1', api.IncidentDetail],
    ['suppressions', api.HiddenRuleList],
    ['flows', api.FlowPage],
    ['hosts', api.HostPage],
    ['hosts/10.0.0.9', api.HostDetail],
    ['topology', api.Topology],
    ['sensors', api.SensorList],
    ['health', api.SystemHealth],
    ['models', api.ModelList],
    ['settings', api.SettingList],
    ['controls', api.ControlLog],
    ['analyses', api.AnalysisList],
    ['generations', api.GenerationList],
    ['generations/options', api.GenerationOptions],
    ['audit', api.AuditPage],
    ['users', api.UserList],
    ['tokens', api.ApiTokenList],
  ])('%s is what its schema says', async (path, schema) => {
    const answer = await test.call('GET', path);
    expect(answer.statusCode).toBe(200);
    expect([...Value.Errors(schema, answer.json())]).toEqual([]);
  });

  it('is in the OpenAPI document', async () => {
    const { paths } = await get('openapi.json');
    expect(Object.keys(paths).length).toBeGreaterThan(40);
    expect(paths['/api/v1/incidents'].get.parameters.map((p: { name: string }) => p.name)).toContain('severity');
  });
});

describe('incidents', () => {
  it('are filtered, sorted and paged', async () => {
    expect(await get('incidents?severity=high&severity=medium&sort=severity')).toMatchObject({
      total: 2,
      items: [{ id: 'scan-1' }, { id: 'flood' }],
    });
    expect((await get('incidents?sort=magnitude&order=ascending')).items[0].id).toBe('tunnel');
    expect(await get('incidents?pageSize=1&page=2&sort=kind&order=ascending')).toMatchObject({
      total: 3,
      items: [{ id: 'scan-1' }],
    });
    expect((await get('incidents?address=10.0.0.7')).items.map((i: { id: string }) => i.id)).toEqual(['tunnel']);
    expect((await get('incidents?text=100%25')).total).toBe(1);
    expect((await get('incidents?text=_')).total).toBe(0);
    expect((await get('incidents?state=closed')).items[0].id).toBe('flood');
    expect((await get(`incidents?fromMs=${MORNING_MS + 40_000}`)).total).toBe(0);
  });

  it('carry evidence, flows behind them, restatements and similar ones', async () => {
    const { flows, timeline, similar, incident } = await get('incidents/scan-1');
    expect(flows.map((flow: { communityId: string }) => flow.communityId)).toEqual(['1:abc']);
    expect(timeline).toHaveLength(1);
    expect(similar.map((each: { id: string }) => each.id).sort()).toEqual(['flood', 'tunnel']);
    expect(incident.evidence[0].value).toBe(90);
  });

  it('are triaged, noted and audited', async () => {
    const changed = await test.call('PATCH', 'incidents/tunnel/triage', { status: 'acknowledged', assignee: 'eve' });
    expect(changed.json().triage).toMatchObject({ status: 'acknowledged', assignee: 'eve', changedBy: 'local' });
    await test.call('PATCH', 'incidents/tunnel/triage', { assignee: null });
    expect((await test.call('POST', 'incidents/tunnel/notes', { text: '<script>' })).statusCode).toBe(201);
    const { item, notes } = await get('incidents/tunnel');
    expect(item.triage).toMatchObject({ status: 'acknowledged', notes: 1 });
    expect(item.triage.assignee).toBeUndefined();
    expect(notes[0].text).toBe('<script>');
    expect((await get('incidents?status=acknowledged')).total).toBe(1);
    const actions = (await get('audit')).items.map((entry: { action: string }) => entry.action);
    expect(actions.slice(0, 3)).toEqual(['triage.note', 'triage.change', 'triage.change']);
    expect((await test.call('PATCH', 'incidents/none/triage', { status: 'closed' })).statusCode).toBe(404);
  });

  it('are hidden by a rule that was previewed, has a reason and an end, and are counted', async () => {
    const rule = { address: '10.0.0.0/29', incidentKind: 'dns-tunnel' };
    expect((await test.call('POST', 'suppressions/preview', rule)).json()).toMatchObject({
      matched: 1,
      total: 3,
      bySeverity: { low: 1 },
    });
    const end = { rule, expiresAtMs: Date.now() + 1e6 };
    expect((await test.call('POST', 'suppressions', end)).statusCode).toBe(400);
    expect((await test.call('POST', 'suppressions', { ...end, reason: 'our own', expiresAtMs: 5 })).statusCode).toBe(
      422,
    );
    const made = await test.call('POST', 'suppressions', { ...end, reason: 'our own' });
    expect(made.json()).toMatchObject({ hidden: 1, isActive: true, author: 'local' });
    expect(await get('incidents')).toMatchObject({ total: 2, hidden: 1 });
    expect(await get('incidents?hidden=only')).toMatchObject({
      total: 1,
      items: [{ id: 'tunnel', hiddenBy: made.json().id }],
    });
    expect((await get('overview')).hiddenIncidents).toBe(1);
    expect((await test.call('DELETE', `suppressions/${made.json().id}`)).statusCode).toBe(204);
    expect((await get('incidents')).total).toBe(3);
    expect((await test.call('POST', 'suppressions/preview', { address: 'nonsense' })).statusCode).toBe(422);
  });

  it('show what higher thresholds and a budget would have left', async () => {
    const factor = { kind: 'factor', factor: 2, hours: 24 };
    expect((await test.call('POST', 'thresholds/preview', factor)).json()).toMatchObject({
      before: 3,
      after: 2,
      lost: [{ id: 'tunnel' }],
    });
    const budget = (await test.call('POST', 'thresholds/preview', { kind: 'budget', perDay: 1, hours: 24 })).json();
    expect(budget).toMatchObject({ before: 3, after: 1 });
    expect(budget.factor).toBeCloseTo(3);
  });

  it('show what other settings would have left, by their evidence', async () => {
    const ask = async (ports: number, path = 'host.portScan.ports.in10s') =>
      (
        await test.call('POST', 'thresholds/preview', { kind: 'settings', settings: { [path]: ports }, hours: 24 })
      ).json();
    expect(await ask(90)).toMatchObject({ before: 3, after: 3, untold: [] });
    expect(await ask(91)).toMatchObject({ before: 3, after: 2, lost: [{ kind: 'port-scan' }] });
    expect(await ask(500, 'host.nothing')).toMatchObject({ after: 3, untold: ['host.nothing'] });
  });

  it('are told to nobody else where a rule says so, until it is taken back', async () => {
    const end = { reason: 'our scanner', expiresAtMs: Date.now() + 1e6, everywhere: true };
    const address = await test.call('POST', 'suppressions', { ...end, rule: { address: '10.0.0.9' } });
    expect([address.statusCode, test.ports.controls.told]).toEqual([422, []]);
    const made = await test.call('POST', 'suppressions', { ...end, rule: { incidentKind: 'dns-tunnel' } });
    expect(made.json()).toMatchObject({ hidden: 1, everywhere: true });
    const { id } = made.json();
    expect(test.ports.controls.told).toMatchObject([
      { kind: 'suppress', id, incidentKind: 'dns-tunnel', reason: 'our scanner' },
    ]);
    const [{ untilMs }] = test.ports.controls.told as [{ untilMs: number }];
    expect(untilMs).toBeGreaterThan(MORNING_MS);
    expect(untilMs).toBeLessThanOrEqual(MORNING_MS + 100_000 + 1e6);
    expect((await test.call('DELETE', `suppressions/${id}`)).statusCode).toBe(204);
    expect(test.ports.controls.told.at(-1)).toEqual({ kind: 'unsuppress', id });
    test.ports.controls.told.length = 0;
  });
});

describe('traffic', () => {
  it('tells normal from anomalous by the hosts that incidents accuse', async () => {
    const { points, marks } = await get(`traffic?fromMs=${MORNING_MS}&toMs=${MORNING_MS + 60_000}&stepS=10`);
    expect(points.map((p: { anomalousPackets: number }) => p.anomalousPackets)).toEqual([0, 0, 302, 303, 0, 0]);
    expect(marks).toHaveLength(3);
  });

  it('is told second by second where seconds are known, and by windows where not', async () => {
    const range = `fromMs=${MORNING_MS + 15_000}&toMs=${MORNING_MS + 80_000}`;
    const { stepS, points } = await get(`traffic?${range}`);
    expect(stepS).toBe(1);
    const told = points.map(({ startMs, packets }: { startMs: number; packets: number }) => [
      startMs - MORNING_MS,
      packets,
    ]);
    expect(told).toEqual([
      [20_000, 200],
      [21_000, 307],
      [75_000, 750],
    ]);
    // A window of 1,000 packets, 302 of a troubled host, and 50 flows in ten seconds; of the last second none is complete.
    expect(points[1]).toMatchObject({ connections: 5, anomalousPackets: 307 * 0.302 });
    expect(points[2]).toMatchObject({ connections: 0, anomalousPackets: 0 });
    expect((await get(`traffic?fromMs=${MORNING_MS}&toMs=${MORNING_MS + 15_000}`)).stepS).toBe(10);
  });

  it('adds steps up', async () => {
    const { points } = await get(`traffic?fromMs=${MORNING_MS}&toMs=${MORNING_MS + 60_000}&stepS=30`);
    expect(points.map((p: { packets: number }) => p.packets)).toEqual([3000, 3000]);
    expect((await test.call('GET', 'traffic?fromMs=0&stepS=10')).statusCode).toBe(422);
  });

  it('shows hosts over time, with trouble marked', async () => {
    const map = await get(`heat-map?measure=packets&steps=200&fromMs=${MORNING_MS}`);
    expect(map.hosts).toEqual(['10.0.0.9']);
    expect(map.values[0].slice(0, 3)).toEqual([300, 301, 302]);
    expect(map.troubled[0].slice(0, 4)).toEqual([false, false, true, true]);
  });

  it('knows what a host normally does, with whom, and what it serves', async () => {
    const detail = await get('hosts/10.0.0.9');
    expect(detail.normal.find((n: { measure: string }) => n.measure === 'packets')).toMatchObject({
      median: 303,
      max: 306,
      latest: 306,
    });
    expect(detail.peers).toEqual([{ address: '10.0.0.2', bytes: 777 }]);
    expect(detail.host).toMatchObject({ incidents: 1, worstSeverity: 'high' });
    expect((await test.call('GET', 'hosts/10.9.9.9')).statusCode).toBe(404);
    expect((await get('hosts?text=0.0.9&sort=connections')).total).toBe(1);
  });

  it('shows who talks to whom, trouble first', async () => {
    const { nodes, edges } = await get('topology');
    const named = edges.map((e: { from: number; to: number }) => [nodes[e.from].address, nodes[e.to].address].sort());
    expect(named[0]).toEqual(['10.0.0.2', '10.0.0.9']);
    expect(edges[0]).toMatchObject({ isTroubled: true, bytes: 777, flows: 1 });
    expect(nodes.find((n: { address: string }) => n.address === '198.51.100.7').isInternal).toBe(false);
  });

  it('finds flows by address, port, outcome and beginning', async () => {
    expect((await get('flows?address=10.0.0.9')).total).toBe(1);
    expect((await get('flows?outcome=finished')).items[0].communityId).toBe('1:def');
    expect((await get('flows?text=198.51')).total).toBe(1);
    expect((await get('flows?sort=bytes')).items[0].bytes).toBe(9000);
    expect((await get('flows?port=443')).total).toBe(2);
  });

  it('says how healthy the view is and why, and how threatened the network', async () => {
    const { health, threat, packets } = await get('overview');
    expect(health).toMatchObject({ status: 'impaired' });
    expect(health.reason).toContain('9.1 %');
    expect(threat).toMatchObject({ level: 'high', incidentId: 'scan-1', confidence: 0.9 });
    expect(packets).toBe(5000);
  });
});

describe('the page', () => {
  it('says what to do when it is not built', async () => {
    const answer = await test.raw({ method: 'GET', url: '/incidents', headers: { accept: 'text/html' } });
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain('npm start');
  });

  it('may load nothing inline and nothing from elsewhere', async () => {
    const policy = String((await test.raw({ method: 'GET', url: '/' })).headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|http:|https:|\*/);
  });
});

describe('operation', () => {
  it('hands controls on, keeps a log, and refuses with the reason what cannot work', async () => {
    expect((await test.call('POST', 'controls', { kind: 'capture-stop', sensor: 'local' })).statusCode).toBe(202);
    expect(test.ports.controls.told).toEqual([{ kind: 'capture-stop', sensor: 'local' }]);
    expect((await get('controls')).items[0]).toMatchObject({ by: 'local', control: { kind: 'capture-stop' } });
    const refused = await test.call('POST', 'controls', { kind: 'thresholds', settings: {} });
    expect(refused.statusCode).toBe(409);
    expect(refused.json().message).toBe('Thresholds are fixed while it runs.');
    const { capabilities } = await get('capabilities');
    expect(capabilities.find((c: { name: string }) => c.name === 'thresholds').reason).toBe(
      'Thresholds are fixed while it runs.',
    );
    expect((await test.call('GET', 'map')).statusCode).toBe(409);
    expect((await test.call('POST', 'test-traffic', { attack: 'x', seconds: 1 })).statusCode).toBe(409);
  });

  it.each([
    ['csv', 'text/csv', 'id,revision'],
    ['json', 'application/json', '[\n'],
    ['parquet', 'application/vnd.apache.parquet', 'PAR1'],
  ])('exports %s', async (format, type, start) => {
    const answer = await test.call('GET', `export/incidents?format=${format}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toContain(type);
    expect(answer.headers['content-disposition']).toContain(`weir-incidents.${format}`);
    expect(answer.body.startsWith(start)).toBe(true);
  });

  it.each(api.EXPORT_TABLES)('exports the table %s', async (table) => {
    expect((await test.call('GET', `export/${table}`)).statusCode).toBe(200);
  });

  it('has nothing to complain of', () => {
    expect(test.errors).toEqual([]);
  });
});
