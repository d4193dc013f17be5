import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seriousViolations } from './axe.js';
import { describeInBrowser, launchBrowser, openPage } from './chromium.js';
import { type RunningWeir, startWeir, until } from './weir.js';

const ADMIN_PASSWORD = 'a longer word than before';
const VIEWER = { name: 'vera', password: 'only looking around' };

describeInBrowser('login and roles', () => {
  let browser: Browser;
  let weir: RunningWeir;

  beforeAll(async () => {
    [browser, weir] = await Promise.all([launchBrowser(), startWeir(['--login', '--speed', 'max'])]);
    await until(() => weir.printed().includes('The input has ended'), 60_000);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await weir?.stop();
  });

  async function logIn(page: Page, name: string, password: string): Promise<void> {
    await page.goto(weir.origin);
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
  }

  it('refuse a wrong password, and have the first one changed', async () => {
    const { page, context } = await openPage(browser);
    await logIn(page, 'admin', 'not the password');
    await page.getByRole('alert').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByLabel('Password').fill(await weir.password());
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByLabel('Present password').fill(await weir.password());
    await page.getByLabel('New password').fill(ADMIN_PASSWORD);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Threat level').waitFor();
    await context.close();
  });

  it('let an admin make a viewer, who may look but not act, and see why', async () => {
    const admin = await openPage(browser);
    await logIn(admin.page, 'admin', ADMIN_PASSWORD);
    await admin.page.getByText('Threat level').waitFor();
    await admin.page.goto(`${weir.origin}/#/system/users`);
    await admin.page.getByLabel('Name').fill(VIEWER.name);
    await admin.page.getByLabel('Password').fill(VIEWER.password);
    await admin.page.getByRole('button', { name: 'Add user' }).click();
    await admin.page.getByRole('row', { name: /vera/ }).waitFor();
    await admin.context.close();

    const { page, context, complaints } = await openPage(browser);
    await logIn(page, VIEWER.name, VIEWER.password);
    await page.goto(`${weir.origin}/#/incidents`);
    await page.getByRole('link', { name: /scans the ports/ }).click();
    await page.getByText('This needs the role operator; yours is viewer.').waitFor();
    expect(await page.getByRole('button', { name: 'Close' }).isDisabled()).toBe(true);
    await page.goto(`${weir.origin}/#/system/users`);
    await page.getByText('This needs the role admin; yours is viewer.').waitFor();
    expect(await page.evaluate(() => fetch('/api/v1/users').then(({ status }) => status))).toBe(403);
    // The refusal that was just provoked is all that the console tells.
    expect(complaints.filter((text) => !text.includes('/api/v1/users'))).toEqual([]);
    await context.close();
  });

  it('keep what an operator does with an incident, and hide what a rule with a reason says', async () => {
    const { page, context, complaints } = await openPage(browser);
    await logIn(page, 'admin', ADMIN_PASSWORD);
    await page.getByText('Threat level').waitFor();
    await page.goto(`${weir.origin}/#/incidents`);
    await page.getByRole('link', { name: /tunnels through DNS/ }).click();
    await page.getByRole('button', { name: 'Take it' }).click();
    await page.getByText('assigned to admin').waitFor();
    await page.getByLabel('A note for colleagues').fill('<b>seen</b> before');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByText('<b>seen</b> before', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Hide these…' }).click();
    await page.getByText(/It would have hidden 1 incident of \d+ in history/).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByLabel('Why').fill('a test of the backup line');
    await page.getByRole('button', { name: 'Hide 1 incident' }).click();
    await page.getByText('hidden by a rule').waitFor();
    await page.goto(`${weir.origin}/#/incidents`);
    await page.getByText('1 more hidden by rules').waitFor();
    expect(await page.getByRole('link', { name: /tunnels through DNS/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Show again' }).click();
    await page.getByRole('link', { name: /tunnels through DNS/ }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('end with the session', async () => {
    const { page, context } = await openPage(browser);
    await logIn(page, VIEWER.name, VIEWER.password);
    await page.getByText('Threat level').waitFor();
    await page.getByLabel('Account of vera').click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await page.evaluate(() => fetch('/api/v1/overview').then(({ status }) => status))).toBe(401);
    await context.close();
  });
});
