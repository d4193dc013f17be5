import { DEFAULT_DETECTION_CONFIG } from '@weir/functions';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest';
import { describeInBrowser, launchBrowser, openPage, type WatchedPage } from './chromium.js';
import { type RunningWeir, startWeir } from './weir.js';

describeInBrowser('live capture, steered from the page', () => {
  let browser: Browser;
  let weir: RunningWeir | undefined;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    // Whoever may not capture cannot test it.
    [browser, weir] = await Promise.all([
      launchBrowser(),
      startWeir(['--interface', 'lo']).catch((error: Error) => {
        if (/CAP_NET_RAW|not permitted|permission/i.test(error.message)) return undefined;
        throw error;
      }),
    ]);
    if (!weir) return;
    watched = await openPage(browser);
    page = watched.page;
    await page.goto(await weir.link());
    await page.getByText('Threat level').waitFor();
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await weir?.stop();
  });

  /** Goes to a page of the running Weir, or skips the test where it may not capture. */
  async function open(hash: string, { skip }: TestContext): Promise<void> {
    if (!weir) return skip('capturing is not permitted here');
    await page.goto(`${weir.origin}/${hash}`);
  }

  it('shows what passes, and is stopped, filtered and started again', async (context) => {
    await open('#/control', context);
    const sensor = page.getByRole('article', { name: 'Sensor local' });
    await sensor.getByText('running', { exact: true }).waitFor();
    await sensor.getByRole('button', { name: 'Stop' }).click();
    await sensor.getByText('stopped', { exact: true }).waitFor();
    await sensor.getByRole('button', { name: 'Start' }).click();
    await sensor.getByText('running', { exact: true }).waitFor();
    await sensor.getByLabel('Capture filter (BPF)').fill('no such word');
    await sensor.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('the filter "no such word" is not valid').waitFor();
    await sensor.getByLabel('Capture filter (BPF)').fill('tcp or udp');
    await sensor.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('Captures lo with "tcp or udp".').first().waitFor();
  });

  it('takes thresholds while it runs, after showing what they would have changed', async (context) => {
    await open('#/control', context);
    await page.getByText('host.portScan', { exact: true }).click();
    const ports = page.locator('[id="host.portScan.ports.in10s"]');
    const usual = DEFAULT_DETECTION_CONFIG.host.portScan.ports.in10s;
    await ports.fill(String(usual + 1));
    await page.getByText(/With these, .* of the last 24 hours would be left\./).waitFor();
    await page.getByRole('button', { name: 'Use 1 from now on' }).click();
    await page.getByText('These thresholds hold from now on').first().waitFor();
    await page.reload();
    await page.getByText('host.portScan', { exact: true }).click();
    expect(await ports.inputValue()).toBe(String(usual + 1));
    await page.getByText(`Default: ${usual}.`).first().waitFor();
  });

  it('finds test traffic that was asked for on the page', async (context) => {
    await open('#/control', context);
    const form = page.getByRole('region', { name: 'Test traffic' });
    await form.getByLabel('Attack').selectOption('port-scan');
    await form.getByLabel('Seconds').fill('5');
    await form.getByRole('button', { name: 'Send' }).click();
    await page.getByText(/Sent \d+ connections or datagrams/).waitFor({ timeout: 60_000 });
    await page.goto(`${weir!.origin}/#/now`);
    const feed = page.getByRole('region', { name: 'Incidents as they are found' });
    await feed.getByRole('link', { name: /127\.0\.0\.1 scans/ }).waitFor({ timeout: 60_000 });
    // The refusal that was provoked above is all that the console tells.
    expect(watched.complaints.filter((text) => !text.includes('/api/v1/controls'))).toEqual([]);
  });
});
