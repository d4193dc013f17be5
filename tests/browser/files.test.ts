import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, launchBrowser, openPage, type WatchedPage } from './chromium.js';
import { type RunningWeir, startWeir } from './weir.js';

const CAPTURE = fileURLToPath(new URL('../../testdata/port-scan/capture.pcap.gz', import.meta.url));

describeInBrowser('files', () => {
  let browser: Browser;
  let weir: RunningWeir;
  let watched: WatchedPage;
  let page: Page;
  const folder = mkdtempSync(join(tmpdir(), 'weir-browser-'));

  beforeAll(async () => {
    [browser, weir] = await Promise.all([launchBrowser(), startWeir(['--speed', 'max'])]);
    watched = await openPage(browser);
    page = watched.page;
    await page.goto(await weir.link());
    await page.getByText('Threat level').waitFor();
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await weir?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function upload(file: string): Promise<void> {
    await page.goto(`${weir.origin}/#/analyse`);
    await page.getByText('at most').waitFor();
    await page.locator('input[type=file]').setInputFiles(file);
  }

  it('that are captures are analysed, with plots and reports', async () => {
    await upload(CAPTURE);
    await page.getByRole('heading', { name: 'Every flow, by duration and size' }).waitFor({ timeout: 60_000 });
    await page.getByRole('link', { name: 'Report (HTML)' }).waitFor();
    await page
      .getByText(/scans the ports/)
      .first()
      .waitFor();
    const [report] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Report (HTML)' }).click(),
    ]);
    expect(readFileSync(await report.path(), 'utf8')).toContain('scans the ports');
    const [table] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Anomalies (CSV)' }).click(),
    ]);
    expect(readFileSync(await table.path(), 'utf8').split('\n').length).toBeGreaterThan(1);
    expect(watched.complaints).toEqual([]);
  }, 90_000);

  it('that are broken are refused with the reason, and their names are only text', async () => {
    const broken = join(folder, '<img src=x onerror=document.title=1>.pcap');
    writeFileSync(broken, 'this is no capture at all, whatever its name says');
    await upload(broken);
    await page.getByText('It could not be analysed:').waitFor();
    await page.getByRole('heading', { level: 1, name: /<img src=x/ }).waitFor();
    expect(await page.title()).not.toBe('1');
    expect(await page.locator('main img').count()).toBe(0);
    expect(watched.complaints).toEqual([]);
  }, 60_000);

  it('of GeoIP are asked for where there is none', async () => {
    await page.goto(`${weir.origin}/#/map`);
    await page.getByText('No map without a GeoIP database').waitFor();
  });

  it('of sample data are made, and downloaded with what is in them', async () => {
    await page.goto(`${weir.origin}/#/generate`);
    await page.getByLabel('Length, seconds').fill('60');
    await page.getByLabel(/port-scan/).check();
    await page.getByRole('button', { name: 'Make it' }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download', { timeout: 60_000 }),
      page.getByRole('link', { name: 'File', exact: true }).click({ timeout: 60_000 }),
    ]);
    expect(readFileSync(await file.path()).length).toBeGreaterThan(1000);
    const [truth] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'What is in it' }).click(),
    ]);
    expect(readFileSync(await truth.path(), 'utf8')).toContain('scan');
    expect(watched.complaints).toEqual([]);
  }, 90_000);
});
