import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, launchBrowser, openPage } from './chromium.js';
import { type RunningWeir, startWeir } from './weir.js';

describeInBrowser('the first run of a new user', () => {
  let browser: Browser;
  let weir: RunningWeir;

  beforeAll(async () => {
    [browser, weir] = await Promise.all([launchBrowser(), startWeir(['--speed', '30x'])]);
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await weir?.stop();
  });

  it('goes from the printed link to reading the first incident, live, without a complaint', async () => {
    const { page, complaints } = await openPage(browser);
    await page.goto(weir.link);
    await page.getByText('Threat level').waitFor();
    expect(page.url()).not.toContain('token');
    const first = page
      .getByRole('region', { name: 'Incidents as they are found' })
      .getByRole('link', { name: /scans the ports/ });
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
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('says so when the link was used before', async () => {
    const { page } = await openPage(browser);
    await page.goto(weir.link);
    await page.getByText('That link was used before').waitFor();
    await page.context().close();
  });
});
