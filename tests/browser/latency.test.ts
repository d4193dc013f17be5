import type { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, launchBrowser, openPage, type WatchedPage } from './chromium.js';
import { type RunningWeir, startWeir, until } from './weir.js';
import { connectionRequest, datagram, LiveCapture } from './wire.js';

/** Packets a burst, and time from burst to burst. */
const BURST = 5;
const EVERY_MS = 100;
const BURSTS = 120;
/** Most that a packet may take to be seen, ms; 95 of 100 must. */
const LONGEST_MS = 2000;

interface Sent {
  readonly atMs: number;
  /** Packets written by then. */
  readonly packets: number;
}

describeInBrowser('a packet', () => {
  let browser: Browser;
  let weir: RunningWeir;
  let watched: WatchedPage;
  let page: Page;
  let pipe: Writable;
  let capture: LiveCapture;
  const sent: Sent[] = [];

  beforeAll(async () => {
    const feed = (input: Writable) => {
      pipe = input;
      capture = new LiveCapture(input);
      flowOnce();
    };
    [browser, weir] = await Promise.all([launchBrowser(), startWeir(['--dashboard', '-'], { feed })]);
    watched = await openPage(browser);
    page = watched.page;
    await page.goto(await weir.link());
    await page.getByText('Threat level').waitFor();
  }, 120_000);
  afterAll(async () => {
    pipe?.end();
    await browser?.close();
    await weir?.stop();
  });

  /** Writes ordinary packets, as they would pass, until `isEnough`. */
  async function flow(isEnough: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isEnough())) {
      flowOnce();
      await pause(EVERY_MS);
    }
  }

  function flowOnce(): void {
    const packets = Array.from({ length: BURST }, (_, n) => datagram(1, 2, [5000 + n, 4000]));
    const atMs = capture.write(packets);
    sent.push({ atMs, packets: (sent.at(-1)?.packets ?? 0) + BURST });
  }

  it('is on the page within two seconds, and the incident that it belongs to soon after', async () => {
    // The table has the very numbers that the chart draws.
    await flow(() => sent.length > 10);
    await page.getByRole('button', { name: 'Traffic over time: show as a table' }).click();
    await page.getByRole('region', { name: 'Traffic over time, as a table' }).waitFor();
    await page.evaluate(WATCH_TABLE);
    const from = sent.length;
    await flow(() => sent.length >= from + BURSTS);
    const last = sent.at(-1)!.packets;
    const seen = () => page.evaluate<[atMs: number, packets: number][]>('globalThis.seenPackets');
    // Time goes on only with packets, so some must follow the last that counts.
    await flow(async () => (await seen()).some(([, packets]) => packets >= last));
    const frames = await seen();
    const delays = sent
      .slice(from, from + BURSTS)
      .map(({ atMs, packets }) => frames.find(([, shown]) => shown >= packets)![0] - atMs)
      .sort((a, b) => a - b);
    const quantile = (q: number) => delays[Math.floor(q * (delays.length - 1))]!;

    const beganMs = capture.write(Array.from({ length: 200 }, (_, n) => connectionRequest(9, 2, [40_000, 1 + n])));
    const feed = page.getByRole('region', { name: 'Incidents as they are found' }).getByRole('listitem');
    await flow(async () => (await feed.filter({ hasText: '10.0.0.9' }).count()) > 0);
    process.stderr.write(
      `packet to pixel: median ${quantile(0.5).toFixed(0)} ms, p95 ${quantile(0.95).toFixed(0)} ms, most ` +
        `${quantile(1).toFixed(0)} ms (${delays.length} bursts); a scan's first packet to its incident ${Date.now() - beganMs} ms\n`,
    );
    expect(quantile(0.05)).toBeGreaterThan(0);
    expect(quantile(0.95)).toBeLessThan(LONGEST_MS);
    expect(watched.complaints).toEqual([]);
    await until(() => weir.printed().includes('10.0.0.9'));
  }, 120_000);
});

/** Notes at each frame how many packets the table shows, whenever that changes. */
const WATCH_TABLE = `{
  globalThis.seenPackets = [];
  const look = () => {
    const cells = document.querySelectorAll('[aria-label="Traffic over time, as a table"] tbody td:nth-child(2)');
    const packets = Math.round([...cells].reduce((sum, cell) => sum + Number(cell.textContent), 0));
    const [, last] = seenPackets.at(-1) ?? [0, -1];
    if (packets !== last) seenPackets.push([performance.timeOrigin + performance.now(), packets]);
    requestAnimationFrame(look);
  };
  look();
}`;
