import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, launchBrowser, openPage } from './chromium.js';
import { freePort, type RunningWeir, startWeir, until } from './weir.js';

/** A wire between browser and server that can be cut. */
async function cuttableWire(to: number): Promise<{ port: number; cut(): void; mend(): void; close(): void }> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((client) => {
    if (isCut) return void client.destroy();
    const upstream = connect(to, '127.0.0.1');
    for (const [from, into] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => into.destroy()).on('close', () => sockets.delete(from) && into.destroy());
      from.pipe(into);
    }
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const destroy = () => sockets.forEach((socket) => void socket.destroy());
  return {
    port,
    cut() {
      isCut = true;
      destroy();
    },
    mend() {
      isCut = false;
    },
    close() {
      destroy();
      server.close();
    },
  };
}

/** Incidents that the page lists as they are found. */
const FEED_LINES = 12;

/** How many incidents history has. */
function incidentsKept(page: Page): Promise<number> {
  return page.evaluate<number>(`fetch('/api/v1/incidents').then((answer) => answer.json()).then(({ total }) => total)`);
}

describeInBrowser('the connection to the server', () => {
  let browser: Browser;
  let weir: RunningWeir | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'weir-browser-'));

  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  afterEach(() => weir?.stop());
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('when it breaks, goes on from where it was, and nothing is missed', async () => {
    weir = await startWeir(['--speed', '60x']);
    const wire = await cuttableWire(weir.port);
    const { page, context } = await openPage(browser);
    const sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.goto((await weir.link()).replace(`:${weir.port}/`, `:${wire.port}/`));
    const feed = page.getByRole('region', { name: 'Incidents as they are found' }).getByRole('listitem');
    await until(async () => (await feed.count()) >= 1);
    wire.cut();
    await page.getByText('Not connected.').waitFor();
    // The rest of the capture passes while nobody listens.
    await until(() => weir!.printed().includes('The input has ended'), 60_000);
    wire.mend();
    // The page may have tried by itself meanwhile, and then there is nothing left to press.
    await page
      .getByRole('button', { name: 'Try now' })
      .click({ timeout: 5000 })
      .catch(() => undefined);
    await page.getByText('Not connected.').waitFor({ state: 'detached' });
    const all = await incidentsKept(page);
    expect(all).toBeGreaterThan(1);
    await until(async () => (await feed.count()) === Math.min(all, FEED_LINES));
    expect(sockets.at(-1)).toMatch(/[?&]since=\d+/);
    wire.close();
    await context.close();
  }, 120_000);

  it('says how to come in again when the server that was started anew knows nobody', async () => {
    weir = await startWeir(['--speed', 'max']);
    const { port } = weir;
    const { page, context } = await openPage(browser);
    await page.goto(await weir.link());
    await page.getByText('Threat level').waitFor();
    await weir.kill();
    await page.getByText('Not connected.').waitFor();
    weir = await startWeir(['--speed', 'max'], { port });
    await page.getByText('This dashboard opens with a link that works once.').waitFor();
    await page.goto(await weir.link());
    await page.getByText('Threat level').waitFor();
    await context.close();
  }, 120_000);

  it('comes back when the server was killed and started again, with all that was kept', async () => {
    const args = ['--login', '--history', join(folder, 'history.duckdb'), '--speed', 'max'];
    weir = await startWeir(args);
    const { port } = weir;
    const password = await weir.password();
    const { page, context } = await openPage(browser);
    await page.goto(weir.origin);
    await page.getByLabel('Name').fill('admin');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByLabel('Present password').fill(password);
    await page.getByLabel('New password').fill('a longer word than before');
    await page.getByRole('button', { name: 'Change password' }).click();
    const feed = page.getByRole('region', { name: 'Incidents as they are found' }).getByRole('listitem');
    await until(() => weir!.printed().includes('The input has ended'), 60_000);
    let all = 0;
    await until(async () => {
      all = await incidentsKept(page);
      return all >= 5 && (await feed.count()) === Math.min(all, FEED_LINES);
    }, 60_000);
    await weir.kill();
    await page.getByText('Not connected.').waitFor();
    weir = await startWeir(args, { port });
    await page.getByText('Not connected.').waitFor({ state: 'detached' });
    // Still the same page and session; the same capture again is the same incidents, not more.
    await until(() => weir!.printed().includes('The input has ended'), 60_000);
    expect(await page.getByRole('button', { name: 'Log in' }).count()).toBe(0);
    expect(await incidentsKept(page)).toBe(all);
    await until(async () => (await feed.count()) === Math.min(all, FEED_LINES));
    await context.close();
  }, 180_000);
});
