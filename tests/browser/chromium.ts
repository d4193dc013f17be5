import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { describe } from 'vitest';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** Chromium on this machine, or undefined. */
export const CHROMIUM = process.env.WEIR_CHROMIUM ?? PLACES.find(existsSync);

const isMissing = CHROMIUM === undefined;
if (isMissing) {
  const message = 'tests/browser need Chromium, and there is none: apt-get install chromium, or set WEIR_CHROMIUM.';
  if (process.env.CI) throw new Error(message);
  process.stderr.write(`${message} They are skipped.\n`);
}

/** `describe` for tests in a browser: skipped where there is none, except in CI. */
export const describeInBrowser = describe.skipIf(isMissing);

const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A browser without a window that talks to nobody but the page. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM!,
    args: ['--no-sandbox', '--headless', '--disable-gpu', ...QUIET],
  });
}

/** A page, and what its console complained about. */
export interface WatchedPage {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the console and of scripts, also refusals by the content security policy. */
  readonly complaints: string[];
}

/** A page in a session of its own. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: 'UTC', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    // Interfaces that come and go on the machine, as containers make them, interrupt a request; the page is not to blame.
    const isOfMachine = message.text().includes('ERR_NETWORK_CHANGED');
    if (message.type() === 'error' && !isOfMachine) complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { context, page, complaints };
}
