import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { RetentionLimits } from './store/retention.js';

/** How the server listens and what it keeps. */
export interface ServerSettings {
  /** Address to listen on, such as 127.0.0.1 or ::1. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** `link`: the one-time link of the terminal; `password`: users with passwords. */
  readonly login: 'link' | 'password';
  /** PEM files; both or neither. */
  readonly tls?: { readonly certPath: string; readonly keyPath: string };
  /** Told twice: listen beyond this machine although login or TLS is missing. */
  readonly allowInsecure: boolean;
  /** File of the history, or `memory`. */
  readonly historyPath: string;
  readonly retention: RetentionLimits;
  /** Largest upload, bytes. */
  readonly uploadBytes: number;
  /** Requests a minute of one user; limits of single routes scale with it. */
  readonly requestsPerMinute: number;
  /** Log2 of scrypt's cost N for new passwords, 15 unless time is short. */
  readonly passwordCostLog2: number;
  /** Built page; may be missing. */
  readonly pageFolder: string;
  readonly mode: 'embedded' | 'cluster';
  /** What is watched, for the page. */
  readonly source: string;
  readonly isReplay: boolean;
  readonly version: string;
  /** GeoIP database in MMDB format. */
  readonly geoPath?: string;
}

/** Settings that cannot be used together; the message says what to change. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Whether only this machine can reach what listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Throws a SettingsError for a server that others could reach without login or read along without TLS. */
export function checkSettings({ host, login, tls, allowInsecure }: ServerSettings): void {
  if (isLoopback(host) || allowInsecure) return;
  if (login !== 'password') {
    throw new SettingsError(
      `listening on ${host} lets others in, and there is no login. Add a login with passwords, listen on 127.0.0.1, ` +
        'or allow it explicitly.',
    );
  }
  if (tls) return;
  throw new SettingsError(
    `listening on ${host} without TLS lets others read passwords on the way. Give a certificate and a key, listen on ` +
      '127.0.0.1 behind a proxy, or allow it explicitly.',
  );
}

/** Certificate and key. Throws a SettingsError that names the file. */
export function readTls({ tls }: ServerSettings): { cert: string; key: string } | undefined {
  return tls && { cert: readPem(tls.certPath, 'CERTIFICATE'), key: readPem(tls.keyPath, 'PRIVATE KEY') };
}

function readPem(path: string, what: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SettingsError(`cannot read "${path}": ${(error as Error).message}. Name a PEM file.`);
  }
  if (text.includes(`${what}-----`)) return text;
  throw new SettingsError(`"${path}" holds no ${what.toLowerCase()}. Name a PEM file that does.`);
}
