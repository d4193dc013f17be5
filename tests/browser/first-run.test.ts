import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, launchBrowser, openPage } from './chromium.js';
import { type RunningWeir, startWeir } from './weir.js';

describeInBrowser('the first run of a new user', () => {
  let browser: Browser;
  let weir: RunningWeir;
  let state: Awaited<ReturnType<BrowserContext['storageState']>>;

  beforeAll(async () => {
    [browser, weir] = await Promise.all([launchBrowser(), startWeir(['--speed', '30x'])]);
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await weir?.stop();
  });

  it('goes from the printed link to reading the first incident, live, without a complaint', async () => {
    const { page, complaints } = await openPage(browser);
    await page.goto(await weir.link());
    await page.getByText('Threat level').waitFor();
    expect(page.url()).not.toContain('token');
    const first = page
      .getByRole('region', { name: 'Incidents as they are found' })
      .getByRole('link', { name: /scans the ports/ });
    const spoken = page.getByRole('status', { name: 'New incidents' }).filter({ hasText: /new incident/i });
    await spoken.waitFor({ state: 'attached' });
    await first.click();
    await page.getByRole('heading', { level: 1, name: /scans the ports of/ }).waitFor();
    for (const part of [
      'Measured against normal',
      'The flows behind it',
      'Timeline',
      'Triage',
      'What to do next',
      'ATT&CK',
      'How blind was Weir?',
    ]) {
      await page.getByRole('heading', { name: part, exact: true }).waitFor();
    }
    await page.getByText('It would be normal with:').waitFor();
    expect(await page.getByRole('row', { name: /distinct ports tried/ }).innerText()).toMatch(/× the threshold/);
    await page
      .getByRole('link', { name: /^flows of / })
      .first()
      .click();
    await page.getByRole('heading', { name: 'Flows in history' }).waitFor();
    await page.getByRole('button', { name: /^Host .* ×$/ }).waitFor();
    expect(complaints).toEqual([]);
    state = await page.context().storageState();
    await page.context().close();
  });

  it('has little to fetch before the first picture, and shows it at once', async () => {
    // A session of its own, as the link is spent: with what the first page left behind.
    const { page, context } = await openPage(browser, { storageState: state });
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    let bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    await page.goto(weir.origin);
    await page.getByText('Threat level').waitFor();
    const shownAtMs = await page.evaluate<number>('performance.now()');
    process.stderr.write(
      `first load: ${(bytes / 1000).toFixed(0)} kB, first picture after ${shownAtMs.toFixed(0)} ms\n`,
    );
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(300_000);
    await context.close();
  });

  it('says so when the link was used before', async () => {
    const { page } = await openPage(browser);
    await page.goto(await weir.link());
    await page.getByText('That link was used before').waitFor();
    await page.context().close();
  });
});
