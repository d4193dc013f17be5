import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { Accounts } from './access/accounts.js';
import { Audit } from './access/audit.js';
import { OneTimeLink } from './access/one-time-link.js';
import { Analyses } from './analyses/analyses.js';
import { Generations } from './analyses/generations.js';
import { buildApp } from './app.js';
import type { Feed } from './feed/feed.js';
import { Places } from './geo/places.js';
import type { Parts } from './parts.js';
import type { Ports } from './ports.js';
import { repeatSuppressions } from './routes/everywhere.js';
import { checkSettings, readTls, type ServerSettings } from './settings.js';
import { History } from './store/history.js';
import { enforceRetention } from './store/retention.js';
import { Watch } from './watch/watch.js';

const RETENTION_EACH_MS = 60_000;
/** Memory of the database besides what it keeps, bytes. */
const DATABASE_BYTES = 256e6;

export interface DashboardOptions {
  readonly settings: ServerSettings;
  readonly feed: Feed;
  readonly ports: Ports;
  readonly nowMs: () => number;
  /** A failure that nobody waits for; for the log. */
  readonly onError: (error: unknown) => void;
  /** Says something to whoever started the server: a new link, the first password, or where it is with users known. */
  readonly say: (
    what:
      | { readonly kind: 'link'; readonly url: string }
      | { readonly kind: 'first-password'; readonly password: string; readonly url: string }
      | { readonly kind: 'address'; readonly url: string },
  ) => void;
}

/** A running dashboard. */
export interface Dashboard {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly app: FastifyInstance;
  readonly parts: Parts;
  /** Keeps what is waiting, lets clients go, and closes the history. */
  stop(): Promise<void>;
}

/** Starts a dashboard. Rejects with a SettingsError or StoreError whose message is for the user. */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { settings, onError } = options;
  checkSettings(settings);
  // A key that cannot be read is told before a history is made.
  readTls(settings);
  const folder = mkdtempSync(join(tmpdir(), 'weir-dashboard-'));
  let url = '';
  const sayLink = (token: string) => options.say({ kind: 'link', url: `${url}/start?token=${token}` });
  try {
    const parts = await createParts(options, folder, sayLink);
    const app = await buildApp(parts, onError);
    const dashboard = { app, parts, folder, retention: keepRetention(parts, onError) };
    try {
      await app.listen({ host: settings.host, port: settings.port });
      url = urlOf(app, settings);
      await parts.watch.start();
      void repeatSuppressions(parts).catch(onError);
      if (parts.link) sayLink(parts.link.make());
      else await sayFirstPassword(parts, options, url);
    } catch (error) {
      await stopDashboard(dashboard);
      throw error;
    }
    return { url, app, parts, stop: () => stopDashboard(dashboard) };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function sayFirstPassword({ accounts }: Parts, { say }: DashboardOptions, url: string): Promise<void> {
  const password = await accounts.ensureAdmin();
  say(password === undefined ? { kind: 'address', url } : { kind: 'first-password', password, url });
}

function keepRetention({ history, settings, nowMs }: Parts, onError: (error: unknown) => void): NodeJS.Timeout {
  return setInterval(() => {
    void enforceRetention(history, settings.retention, nowMs()).catch(onError);
  }, RETENTION_EACH_MS).unref();
}

async function createParts(
  { settings, feed, ports, nowMs, onError }: DashboardOptions,
  folder: string,
  showToken: (token: string) => void,
): Promise<Parts> {
  const places = settings.geoPath === undefined ? undefined : Places.open(settings.geoPath);
  const exportFolder = join(folder, 'exports');
  mkdirSync(exportFolder, { mode: 0o700 });
  const memoryBytes = DATABASE_BYTES + (settings.historyPath === 'memory' ? settings.retention.bytes : 0);
  const history = await History.open({ path: settings.historyPath, memoryBytes, exportFolder, nowMs });
  // In a cluster the functions know what is open, whatever happens to this server.
  if (settings.mode === 'embedded') await history.closeIncidents();
  const { isReplay } = settings;
  const { controls } = ports;
  // One process knows its sensor: another that the history tells of had that name once, and is not missing.
  const isOwn = (name: string) => settings.mode === 'cluster' || controls.sensorFacts(name) !== undefined;
  const watch = new Watch({ history, feed, controls, nowMs, isReplay, isOwn, onError });
  const tell = watch.hub.publish.bind(watch.hub);
  const { analyser, generator } = ports;
  const work = { nowMs, onError };
  const analyses =
    analyser &&
    new Analyses({
      ...work,
      analyser,
      folder: join(folder, 'uploads'),
      maxBytes: settings.uploadBytes,
      tell: (analysis) => tell({ kind: 'analysis', analysis }),
    });
  const generations =
    generator &&
    new Generations({
      ...work,
      generator,
      folder: join(folder, 'generations'),
      tell: (generation) => tell({ kind: 'generation', generation }),
    });
  if (analyses) watch.analyses = () => analyses.list();
  return {
    settings,
    history,
    feed,
    watch,
    accounts: new Accounts(history.database, nowMs, settings.passwordCostLog2),
    audit: new Audit(history.database, nowMs),
    link: settings.login === 'link' ? new OneTimeLink(nowMs, showToken) : undefined,
    ports,
    analyses,
    generations,
    places,
    exportFolder,
    startedAtMs: nowMs(),
    nowMs,
  };
}

function urlOf(app: FastifyInstance, { host, tls }: ServerSettings): string {
  const { port } = app.server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${name}:${port}`;
}

async function stopDashboard({
  app,
  parts,
  retention,
  folder,
}: {
  app: FastifyInstance;
  parts: Parts;
  retention: NodeJS.Timeout;
  folder: string;
}): Promise<void> {
  clearInterval(retention);
  await parts.watch.stop();
  await app.close();
  await Promise.all([parts.analyses?.close(), parts.generations?.close()]);
  await parts.history.close();
  await rm(folder, { recursive: true, force: true });
}
