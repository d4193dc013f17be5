import { describe, expect, it, vi } from 'vitest';
import { anIncident } from '../events.fixture.js';
import { Hub, type LiveClient } from './hub.js';

class Browser implements LiveClient {
  bufferedBytes = 0;
  closed: number | undefined;
  readonly got: { kind: string; sequence: number; messages?: number; run?: string; resumed?: boolean }[] = [];
  isSlow = false;
  /** So that a hub that never ends ends the test. */
  most = Number.POSITIVE_INFINITY;

  send(text: string): void {
    if (this.got.length >= this.most) throw new Error('sent without an end');
    if (this.isSlow) this.bufferedBytes += text.length;
    this.got.push(JSON.parse(text));
  }

  close(code: number): void {
    this.closed = code;
  }

  kinds(): string[] {
    return this.got.map(({ kind }) => kind);
  }
}

const hubWith = (options: Partial<ConstructorParameters<typeof Hub>[0]> = {}) =>
  new Hub({ snapshot: async () => ({ incidents: [] }) as never, nowMs: () => 0, ...options });
const incident = { kind: 'incident', incident: anIncident(), isNew: true } as never;
const flows = { kind: 'flows', flows: [{ text: 'x'.repeat(20_000) }], skipped: 0 } as never;
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the hub', () => {
  it('begins with a snapshot and goes on with every change, numbered without a gap', async () => {
    const hub = hubWith();
    const browser = new Browser();
    hub.publish(incident);
    hub.attach(browser);
    hub.publish(incident);
    await settle();
    hub.publish(flows);
    expect(browser.kinds()).toEqual(['welcome', 'snapshot', 'incident', 'flows']);
    expect(browser.got.map(({ sequence }) => sequence)).toEqual([1, 1, 2, 3]);
    hub.close();
  });

  it('gives a client that comes back exactly what it missed', async () => {
    const hub = hubWith();
    for (let i = 0; i < 5; i++) hub.publish(incident);
    const browser = new Browser();
    hub.attach(browser, { run: hub.run, since: 2 });
    expect(browser.got[0]).toMatchObject({ kind: 'welcome', resumed: true, sequence: 2 });
    expect(browser.got.slice(1).map(({ sequence }) => sequence)).toEqual([3, 4, 5]);
    hub.close();
  });

  it.each([
    ['of another run', { run: 'another', since: 2 }],
    ['from before the ring', { since: 0 }],
    ['from the future', { since: 99 }],
  ])('gives a snapshot to a client that resumes %s', async (_, resume) => {
    const hub = hubWith({ ringEntries: 3 });
    for (let i = 0; i < 5; i++) hub.publish(incident);
    const browser = new Browser();
    hub.attach(browser, { run: hub.run, ...resume });
    await settle();
    expect(browser.kinds()).toEqual(['welcome', 'snapshot']);
    expect(browser.got[0]).toMatchObject({ resumed: false });
    hub.close();
  });

  it('makes a new snapshot where the one of a moment ago no longer joins on to the changes that are kept', async () => {
    const hub = hubWith({ ringEntries: 3 });
    hub.attach(new Browser());
    await settle();
    for (let i = 0; i < 10; i++) hub.publish(incident);
    const browser = new Browser();
    browser.most = 20;
    hub.attach(browser);
    await settle();
    expect(browser.got.map(({ kind, sequence }) => [kind, sequence])).toEqual([
      ['welcome', 10],
      ['snapshot', 10],
    ]);
    hub.close();
  });

  it('shares a snapshot for a second, also by a clock that is set back', async () => {
    let nowMs = 10_000;
    let made = 0;
    const snapshot = async () => ({ made: ++made }) as never;
    const hub = hubWith({ nowMs: () => nowMs, snapshot });
    for (const atMs of [10_000, 10_500, 11_000, 5_000, 5_500]) {
      nowMs = atMs;
      hub.attach(new Browser());
      await settle();
    }
    expect(made).toBe(3);
    hub.close();
  });

  it('leaves flows out for a slow client, says how many, and never an incident', async () => {
    const hub = hubWith();
    const browser = new Browser();
    hub.attach(browser);
    await settle();
    browser.isSlow = true;
    for (let i = 0; i < 30; i++) hub.publish(flows);
    hub.publish(incident);
    const sent = browser.kinds().filter((kind) => kind === 'flows').length;
    expect(sent).toBeLessThan(30);
    expect(browser.got.at(-2)).toMatchObject({ kind: 'thinned', messages: 30 - sent });
    expect(browser.got.at(-1)!.kind).toBe('incident');
    expect(hub.counts().thinned).toBe(30 - sent);
    hub.close();
  });

  it('keeps nothing for a client that takes nothing, and gives it a snapshot when it does', async () => {
    let nowMs = 0;
    const hub = hubWith({ ringEntries: 10, nowMs: () => nowMs });
    const browser = new Browser();
    hub.attach(browser);
    await settle();
    browser.bufferedBytes = 2e6;
    for (let i = 0; i < 1000; i++) hub.publish(incident);
    expect(browser.got.length).toBe(2);
    browser.bufferedBytes = 0;
    nowMs = 5000;
    hub.publish(incident);
    await settle();
    expect(browser.kinds().slice(2)).toEqual(['snapshot']);
    expect(browser.got.at(-1)!.sequence).toBe(1001);
    expect(hub.counts().resynced).toBe(1);
    hub.close();
  });

  it.each([
    ['stays, however far behind it is', true, undefined],
    ['is let go when it takes nothing for a minute', false, 1013],
  ])('a client on a slow line %s', (_, takes, closed) => {
    vi.useFakeTimers();
    const hub = hubWith({ nowMs: () => Date.now() });
    const browser = new Browser();
    hub.attach(browser, { run: hub.run, since: 0 });
    browser.bufferedBytes = 500_000;
    browser.isSlow = true;
    for (let tick = 0; tick < 700; tick++) {
      hub.publish(incident);
      // As much as was sent: never less waits for it.
      if (takes) browser.bufferedBytes = 500_000;
      vi.advanceTimersByTime(100);
    }
    expect(browser.closed).toBe(closed);
    hub.close();
    vi.useRealTimers();
  });

  it('turns clients away beyond its bound', () => {
    const hub = hubWith({ maxClients: 1 });
    const second = new Browser();
    hub.attach(new Browser());
    hub.attach(second);
    expect(second.closed).toBe(4008);
    expect(hub.counts()).toMatchObject({ clients: 1, refused: 1 });
    hub.close();
  });
});
