/**
 * Pictures of the dashboard, from the bundled capture as `npm start` shows it.
 *   node scripts/screenshots.mjs           rewrites docs/screenshots/: the few that the documents show
 *   node scripts/screenshots.mjs FOLDER    every page, light and dark, wide and on a phone, to look at
 * Needs Chromium (WEIR_CHROMIUM, or where Debian puts it) and a build (npm run prestart).
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WIDE = { width: 1360, height: 850 };
const PHONE = { width: 390, height: 844 };
const LISTEN = '127.0.0.1:18473';
/** Pictures show what is still open, so they are taken before the capture ends. */
const SPEED = '6x';
const SETTLE_MS = 1800;

/** @typedef {{ name: string, hash: string, theme?: 'light' | 'dark', size?: typeof WIDE }} Picture */

/** @param {string} incident @returns {Picture[]} */
const kept = (incident) => [
  { name: 'now', hash: '#/now' },
  { name: 'now-dark', hash: '#/now', theme: 'dark' },
  { name: 'incident', hash: incident },
  { name: 'topology-dark', hash: '#/topology?hosts=50', theme: 'dark', size: { width: 1100, height: 700 } },
  { name: 'host', hash: '#/hosts/10.20.1.15' },
  { name: 'control', hash: '#/control' },
  { name: 'now-phone', hash: '#/now', size: PHONE },
  { name: 'incident-phone-dark', hash: incident, theme: 'dark', size: PHONE },
];

/** @param {string} incident @returns {Picture[]} */
function all(incident) {
  const pages = {
    now: '#/now', incidents: '#/incidents', incident, flows: '#/flows', hosts: '#/hosts', host: '#/hosts/10.20.1.15',
    topology: '#/topology', map: '#/map', control: '#/control', analyse: '#/analyse', generate: '#/generate',
    system: '#/system', users: '#/system/users', tokens: '#/system/tokens', audit: '#/system/audit',
  }; // biome-ignore format: a list to read
  return Object.entries(pages).flatMap(([name, hash]) =>
    /** @type {const} */ (['light', 'dark']).flatMap((theme) => [
      { name: `${name}-${theme}`, hash, theme },
      { name: `${name}-${theme}-phone`, hash, theme, size: PHONE },
    ]),
  );
}

/** Starts Weir. @returns {Promise<{ link: string, stop(): void }>} */
function startWeir() {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'cli/bin/weir.js'), 'start', '--listen', LISTEN, '--speed', SPEED],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let printed = '';
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`weir start ended:\n${printed}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        printed += text;
        const link = /http:\S+token=\S+/.exec(printed)?.[0];
        if (link) resolve({ link, stop: () => void child.kill('SIGINT') });
      });
    }
  });
}

/**
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} origin
 * @param {{ folder: string, picture: Picture }} what
 */
async function take(context, origin, { folder, picture }) {
  const page = await context.newPage();
  await page.setViewportSize(picture.size ?? WIDE);
  await page.emulateMedia({ colorScheme: picture.theme ?? 'light' });
  await page.goto(`${origin}/${picture.hash}`);
  await page.locator('main').waitFor();
  for (const text of ['Connecting', 'Loading…']) {
    await page.getByText(text, { exact: true }).first().waitFor({ state: 'detached', timeout: 60_000 });
  }
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: join(folder, `${picture.name}.png`) });
  await page.close();
}

const folder = process.argv[2] ?? join(ROOT, 'docs', 'screenshots');
mkdirSync(folder, { recursive: true });
const weir = await startWeir();
const executablePath = process.env.WEIR_CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--headless', '--disable-gpu'] });
try {
  const context = await browser.newContext({ timezoneId: 'UTC' });
  const page = await context.newPage();
  await page.goto(weir.link);
  const origin = new URL(weir.link).origin;
  const tunnel = page.getByRole('link', { name: /tunnels through DNS/ });
  await tunnel.waitFor({ timeout: 120_000 });
  const scan = await page
    .getByRole('link', { name: /scans the ports/ })
    .last()
    .getAttribute('href');
  await page.close();
  const pictures = (process.argv[2] ? all : kept)(scan ?? '#/incidents');
  for (const picture of pictures) await take(context, origin, { folder, picture });
  process.stdout.write(`${pictures.length} pictures in ${folder}\n`);
} finally {
  await browser.close();
  weir.stop();
}
