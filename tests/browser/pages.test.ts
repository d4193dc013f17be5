import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seriousViolations } from './axe.js';
import { describeInBrowser, launchBrowser, openPage, type WatchedPage } from './chromium.js';
import { type RunningWeir, startWeir, until } from './weir.js';

/** Each page, and something that is there only when it shows what it is for. */
const PAGES = [
  ['#/now', 'Traffic over time'],
  ['#/incidents', 'All incidents'],
  ['#/flows', 'As they happen'],
  ['#/flows?view=history', 'Flows in history'],
  ['#/hosts', 'Hosts in history'],
  ['#/hosts/10.20.1.15', 'What is normal for it'],
  ['#/topology', 'Who talks to whom'],
  ['#/map', 'No map without a GeoIP database'],
  ['#/control', 'Alarm budget'],
  ['#/analyse', 'Analyse a file'],
  ['#/generate', 'Make sample data'],
  ['#/system', 'From packet to page'],
  ['#/system/users', 'Users'],
  ['#/system/tokens', 'API tokens'],
  ['#/system/audit', 'Who did what'],
  ['#/system/account', 'Your account'],
  ['#/nowhere', 'There is no page'],
] as const;

const LOOKS = [
  ['light and wide', { colorScheme: 'light', viewport: { width: 1440, height: 900 } }],
  ['dark and wide', { colorScheme: 'dark', viewport: { width: 1440, height: 900 } }],
  ['light on a phone', { colorScheme: 'light', viewport: { width: 390, height: 844 } }],
] as const;

describeInBrowser('every page', () => {
  let browser: Browser;
  let weir: RunningWeir;
  /** Address of an incident. */
  let incident = '';
  let state: Awaited<ReturnType<WatchedPage['context']['storageState']>>;

  beforeAll(async () => {
    [browser, weir] = await Promise.all([launchBrowser(), startWeir(['--speed', 'max'])]);
    const { page, context } = await openPage(browser);
    await page.goto(await weir.link());
    await until(() => weir.printed().includes('The input has ended'), 60_000);
    const listed = () =>
      page.evaluate<{ items: { id: string }[] }>(`fetch('/api/v1/incidents').then((answer) => answer.json())`);
    // The history is written behind the input.
    await until(async () => {
      const [first] = (await listed()).items;
      incident = `#/incidents/${first?.id}`;
      return first !== undefined;
    });
    state = await context.storageState();
    await context.close();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await weir?.stop();
  });

  it.each(LOOKS)(
    '%s: shows what it is for, complains of nothing, and axe finds nothing serious',
    async (_, look) => {
      const { page, complaints } = await openPage(browser, { ...look, storageState: state });
      const violations: string[] = [];
      for (const [hash, sign] of [...PAGES, [incident, 'Measured against normal']]) {
        await page.goto(`${weir.origin}/${hash}`);
        await page.locator('main').getByText(sign).first().waitFor();
        await until(async () => (await page.getByText('Loading…').count()) === 0);
        violations.push(...(await seriousViolations(page)).map((text) => `${hash} ${text}`));
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        expect(overflow, `${hash} is wider than the window`).toBeLessThanOrEqual(0);
      }
      expect(violations).toEqual([]);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    120_000,
  );

  it('is looked at by a checker that finds what is wrong', async () => {
    const { page, context } = await openPage(browser, { storageState: state });
    await page.goto(`${weir.origin}/#/now`);
    await page.getByText('Threat level').waitFor();
    await page.evaluate(`document.querySelector('main').append(document.createElement('input'))`);
    expect((await seriousViolations(page)).join()).toMatch(/^label/);
    await context.close();
  });

  it('shows charts as tables too', async () => {
    const { page, context } = await openPage(browser, { storageState: state });
    await page.goto(`${weir.origin}/#/now`);
    await page.getByRole('button', { name: 'Traffic over time: show as a table' }).click();
    await page.getByRole('columnheader', { name: 'Packets/s' }).waitFor();
    expect(
      await page.getByRole('region', { name: 'Traffic over time, as a table' }).getByRole('row').count(),
    ).toBeGreaterThan(20);
    await context.close();
  });

  it('is reached and left by keys alone', async () => {
    const { page, context } = await openPage(browser, { storageState: state });
    await page.goto(`${weir.origin}/#/now`);
    await page.getByText('Threat level').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement?.id')).toBe('main');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await page.getByRole('heading', { name: 'All incidents' }).waitFor();
    await page.getByRole('link', { name: /scans the ports/ }).waitFor();
    for (let i = 0; i < 5; i++) await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Measured against normal' }).waitFor();
    await context.close();
  });

  it('keeps filters in the address', async () => {
    const { page, context } = await openPage(browser, { storageState: state });
    await page.goto(`${weir.origin}/#/incidents?severity=high`);
    await page.getByRole('heading', { name: 'Incidents that fit' }).waitFor();
    await until(async () => (await page.getByRole('row').count()) === 4);
    await page.getByRole('searchbox', { name: 'Search incidents' }).fill('flood');
    await until(async () => (await page.getByRole('row').count()) === 2);
    expect(page.url()).toContain('text=flood');
    await page.reload();
    await page.getByRole('link', { name: /SYN flood/ }).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    await context.close();
  });
});
