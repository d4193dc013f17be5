import { fileURLToPath } from 'node:url';
import type { ServerSettings } from '@weir/dashboard-server';
import { weirVersion } from '../commands/version.js';
import { UsageError } from '../errors.js';
import type { OptionTable, OptionValues } from '../options/declaration.js';

/** Options of every command that serves the dashboard. */
export const DASHBOARD_OPTIONS = {
  listen: { type: 'text', value: 'HOST:PORT', description: 'Dashboard: where to listen (default 127.0.0.1:8080, or another port if that is taken)' },
  login: { type: 'flag', description: 'Dashboard: users with passwords instead of a one-time link' },
  'tls-cert': { type: 'text', value: 'FILE', description: 'Dashboard: certificate, PEM' },
  'tls-key': { type: 'text', value: 'FILE', description: 'Dashboard: key of the certificate, PEM' },
  insecure: { type: 'flag', description: 'Dashboard: listen beyond this machine although login or TLS is missing' },
  history: { type: 'text', value: 'FILE', description: 'Dashboard: keep history in this file (default: in memory, gone at the end)' },
  'keep-days': { type: 'number', value: 'N', unit: 'days', default: 30, minimum: 0.01, maximum: 3650, description: 'Dashboard: remove history that is older' },
  'keep-size': { type: 'integer', value: 'N', unit: 'MB', default: 256, minimum: 16, maximum: 1_000_000, description: 'Dashboard: remove the oldest history beyond this size' },
  'upload-limit': { type: 'integer', value: 'N', unit: 'MB', default: 1024, minimum: 1, maximum: 100_000, description: 'Dashboard: largest file to analyse' },
  geoip: { type: 'text', value: 'FILE', description: 'Dashboard: GeoIP database (.mmdb of cities) for the map' },
} as const satisfies OptionTable; // biome-ignore format: one option a line

export type DashboardValues = OptionValues<typeof DASHBOARD_OPTIONS>;

/** Where the dashboard listens when nothing is said. */
export const DEFAULT_LISTEN = { host: '127.0.0.1', port: 8080 } as const;

/** The page as scripts/prepare.mjs builds it. */
const PAGE_FOLDER = fileURLToPath(new URL('../../../dashboard/web/dist', import.meta.url));
const BYTES_PER_MB = 1e6;
const REQUESTS_PER_MINUTE = 1200;
const PASSWORD_COST_LOG2 = 15;

/** What the options say, for a source. Throws a UsageError. */
export function serverSettings(
  options: DashboardValues,
  source: Pick<ServerSettings, 'mode' | 'source' | 'isReplay'>,
): ServerSettings {
  const { host, port } = options.listen === undefined ? DEFAULT_LISTEN : parseListen(options.listen);
  const { 'tls-cert': certPath, 'tls-key': keyPath } = options;
  if ((certPath === undefined) !== (keyPath === undefined)) {
    throw new UsageError('--tls-cert and --tls-key belong together. Give both or none.');
  }
  return {
    host,
    port,
    login: options.login ? 'password' : 'link',
    ...(certPath === undefined || keyPath === undefined ? {} : { tls: { certPath, keyPath } }),
    allowInsecure: options.insecure,
    historyPath: options.history ?? 'memory',
    retention: { days: options['keep-days'], bytes: options['keep-size'] * BYTES_PER_MB },
    uploadBytes: options['upload-limit'] * BYTES_PER_MB,
    requestsPerMinute: REQUESTS_PER_MINUTE,
    passwordCostLog2: PASSWORD_COST_LOG2,
    pageFolder: PAGE_FOLDER,
    ...source,
    version: weirVersion(),
    ...(options.geoip === undefined ? {} : { geoPath: options.geoip }),
  };
}

/** Reads `127.0.0.1:8080`, `[::1]:8080` or `8080`. Throws a UsageError. */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match && port <= 65_535) return { host: match[1] ?? match[2] ?? DEFAULT_LISTEN.host, port };
  throw new UsageError(`--listen cannot be "${text}". Give an address and a port, such as 127.0.0.1:8080 or [::1]:0.`);
}
