import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeMmdb } from '../../dashboard/server/src/geo/mmdb.fixture.js';
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
  ['#/map', 'Test-City of'],
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

/** Where the bundled capture's public addresses are said to be, in a GeoIP database made here. */
const CITIES = [
  { prefix: '203.0.113.0/24', value: placeOf('Berlin', 'DE', [52.5, 13.4]) },
  { prefix: '198.51.100.0/24', value: placeOf('São Paulo', 'BR', [-23.5, -46.6]) },
];

function placeOf(city: string, country: string, [latitude, longitude]: [number, number]) {
  return { city: { names: { en: city } }, country: { iso_code: country }, location: { latitude, longitude } };
}

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
  const folder = mkdtempSync(join(tmpdir(), 'weir-browser-'));
  const cities = join(folder, 'cities.mmdb');
  let state: Awaited<ReturnType<WatchedPage['context']['storageState']>>;

  beforeAll(async () => {
    writeFileSync(cities, makeMmdb(CITIES));
    [browser, weir] = await Promise.all([launchBrowser(), startWeir(['--speed', 'max', '--geoip', cities])]);
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
    rmSync(folder, { recursive: true });
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
    180_000,
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

  it('shows on the map where a GeoIP file says that addresses are', async () => {
    const { page, context, complaints } = await openPage(browser, { storageState: state });
    await page.goto(`${weir.origin}/#/map`);
    await page.getByRole('button', { name: 'Where traffic comes from: show as a table' }).click();
    const berlin = page.getByRole('row', { name: /Berlin DE/ });
    await berlin.waitFor();
    expect(await berlin.innerText()).toMatch(/Berlin DE\s+\d+\s+[\d.]+ .?B\s+[1-9]/);
    await page.getByRole('row', { name: /São Paulo BR/ }).waitFor();
    expect(complaints).toEqual([]);
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
    await until(async () => (await page.getByRole('row').count()) > 2);
    await page.getByRole('searchbox', { name: 'Search incidents' }).fill('flood');
    await until(async () => (await page.getByRole('row').count()) === 2);
    expect(page.url()).toContain('text=flood');
    await page.reload();
    await page.getByRole('link', { name: /SYN flood/ }).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    await context.close();
  });
});
