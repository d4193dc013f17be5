import type { LiveMessage } from '@weir/contracts/dashboard-api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { TestDashboard, until } from '../dashboard.fixture.js';
import { aFlow, aHealth, anIncident, aWindow } from '../events.fixture.js';

let test: TestDashboard;
const pages: Page[] = [];

beforeAll(async () => {
  test = await TestDashboard.start();
  await test.followLink();
});
afterAll(async () => {
  for (const page of pages) page.socket.terminate();
  await test.stop();
});

/** A page that listens. */
class Page {
  readonly got: LiveMessage[] = [];
  readonly socket: WebSocket;
  refused: number | undefined;
  closed: number | undefined;

  constructor(query = '', headers: Record<string, string> = { cookie: test.cookie }, { dashboard } = test) {
    this.socket = new WebSocket(`${dashboard.url.replace('http', 'ws')}/api/v1/live${query}`, { headers });
    this.socket.on('message', (data) => this.got.push(JSON.parse(String(data))));
    this.socket.on('unexpected-response', (_, response) => {
      this.refused = response.statusCode;
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', (code) => {
      this.closed = code;
    });
    pages.push(this);
  }

  async begun(): Promise<this> {
    await until(() => this.got.length >= (this.got[0]?.kind === 'welcome' && this.got[0].resumed ? 1 : 2));
    return this;
  }

  of<K extends LiveMessage['kind']>(kind: K) {
    return this.got.filter((message): message is Extract<LiveMessage, { kind: K }> => message.kind === kind);
  }

  get last(): number {
    return this.got.at(-1)!.sequence;
  }
}

describe('the WebSocket', () => {
  it('lets in only who is logged in, and no page of another origin', async () => {
    const stranger = new Page('', {});
    const evil = new Page('', { cookie: test.cookie, origin: 'https://evil.example' });
    await until(() => stranger.refused !== undefined && evil.refused !== undefined);
    expect([stranger.refused, evil.refused]).toEqual([401, 403]);
  });

  it('begins with what there is and tells what comes, each in its kind', async () => {
    test.bus.push({ kind: 'incident', incident: anIncident({ id: 'before' }) });
    await test.settle();
    const page = await new Page().begun();
    expect(page.of('snapshot')[0]!.incidents.map(({ id }) => id)).toEqual(['before']);
    test.bus.push({ kind: 'incident', incident: anIncident({ id: 'after' }) });
    test.bus.push({ kind: 'flow', flow: aFlow() });
    test.bus.push({ kind: 'window', window: aWindow() });
    test.bus.push({ kind: 'health', health: aHealth() });
    await until(() => (['incident', 'flows', 'traffic', 'sensors'] as const).every((kind) => page.of(kind).length > 0));
    // An overview is told at each beat: the first may be from before the history had everything.
    await until(() => page.of('overview').at(-1)?.overview.packets === 5000);
    expect(page.of('incident').at(-1)).toMatchObject({ isNew: true, incident: { id: 'after' } });
    expect(page.of('traffic')[0]!.points[0]).toMatchObject({ packets: 1000 });
    expect(page.of('overview').at(-1)!.overview).toMatchObject({ totalIncidents: 2, packets: 5000 });
    const numbers = page.got.slice(2).map(({ sequence }) => sequence);
    expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i));
  });

  it('tells others what one does', async () => {
    const page = await new Page().begun();
    await test.call('PATCH', 'incidents/after/triage', { status: 'acknowledged' });
    const body = { rule: { entity: '10.0.0.9>10.0.0.2' }, reason: 'a test', expiresAtMs: Date.now() + 60_000 };
    const { id } = (await test.call('POST', 'suppressions', body)).json();
    await until(() => page.of('suppressions').length > 0);
    // The snapshot may be a moment old: then what came since follows it.
    const changed = page.of('incident').find(({ isNew }) => !isNew);
    expect(changed).toMatchObject({ incident: { id: 'after', triage: { status: 'acknowledged' } } });
    expect(page.of('incident').at(-1)!.incident.hiddenBy).toBe(id);
    await test.call('DELETE', `suppressions/${id}`);
  });

  it('after a break gives exactly what was missed', async () => {
    const page = await new Page().begun();
    const { run } = page.of('welcome')[0]!;
    const last = page.last;
    page.socket.close();
    await until(() => page.closed !== undefined);
    for (const id of ['missed-1', 'missed-2']) test.bus.push({ kind: 'incident', incident: anIncident({ id }) });
    await test.settle();
    await until(() => test.dashboard.parts.watch.hub.counts().published >= last + 2);
    const again = await new Page(`?run=${run}&since=${last}`).begun();
    await until(() => again.of('incident').length >= 2);
    expect(again.of('snapshot')).toEqual([]);
    expect(
      again
        .of('incident')
        .map(({ incident }) => incident.id)
        .sort(),
    ).toEqual(['missed-1', 'missed-2']);
  });

  it('closes on a client that talks', async () => {
    const page = await new Page().begun();
    page.socket.send('{"kind":"hello"}');
    await until(() => page.closed !== undefined);
    expect(page.closed).toBe(4003);
  });

  it('tells two hundred pages within seconds, and memory stays where it was', async () => {
    const crowd = Array.from({ length: 200 }, () => new Page());
    await Promise.all(crowd.map((page) => page.begun()));
    const before = process.memoryUsage().heapUsed;
    const flows = Array.from({ length: 20 }, (_, i) => aFlow({ communityId: `1:${i}` }));
    for (let i = 0; i < 300; i++) for (const flow of flows) test.bus.push({ kind: 'flow', flow });
    const beganMs = performance.now();
    test.bus.push({ kind: 'incident', incident: anIncident({ id: 'for-all' }) });
    const has = (page: Page) => page.of('incident').some(({ incident }) => incident.id === 'for-all');
    await until(() => crowd.every(has));
    expect(performance.now() - beganMs).toBeLessThan(3000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200e6);
    expect(test.dashboard.parts.watch.hub.counts().clients).toBeGreaterThanOrEqual(200);
    for (const page of crowd) page.socket.terminate();
    await until(() => test.dashboard.parts.watch.hub.counts().clients < 20);
  });

  it('lets a page stay while nobody can say whether its session is still good', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    const other = await TestDashboard.start();
    await other.followLink();
    const { accounts } = other.dashboard.parts;
    const page = await new Page('', { cookie: other.cookie }, other).begun();
    const asked = vi.spyOn(accounts, 'isValid').mockRejectedValueOnce(new Error('disk full'));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(asked).toHaveBeenCalledOnce();
    expect(page.closed).toBeUndefined();
    await other.stop();
    vi.useRealTimers();
  });

  it('left no error behind', () => {
    expect(test.errors).toEqual([]);
  });
});
