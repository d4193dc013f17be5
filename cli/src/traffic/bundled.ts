import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { TrafficOptions } from './options.js';
import { truthCsv } from './truth.js';
import { writeTraffic } from './write.js';

/** A capture kept in the repository under `testdata/<folder>/`. */
export interface BundledCapture {
  readonly folder: string;
  readonly options: TrafficOptions;
}

/** What `weir traffic <folder>` makes with no other options; only `benign` is cut to `--duration 75 --hosts 8`. */
export const BUNDLED_CAPTURES: readonly BundledCapture[] = [
  { folder: 'demo', options: { kind: 'demo' } },
  { folder: 'benign', options: { kind: 'benign', durationS: 75, hosts: 8 } },
  { folder: 'syn-flood', options: { kind: 'syn-flood' } },
  { folder: 'port-scan', options: { kind: 'port-scan' } },
  { folder: 'high-entropy', options: { kind: 'high-entropy' } },
  { folder: 'dns-tunnel', options: { kind: 'dns-tunnel' } },
  { folder: 'brute-force', options: { kind: 'brute-force' } },
];

/** A capture made again in memory. */
export interface MadeCapture {
  readonly pcap: Uint8Array;
  readonly truth: string;
}

/** Makes one of the bundled captures (a few megabytes) in memory. */
export async function makeCapture(options: TrafficOptions): Promise<MadeCapture> {
  const chunks: Uint8Array[] = [];
  const summary = await writeTraffic(options, (chunk) => {
    chunks.push(chunk);
  });
  return { pcap: Buffer.concat(chunks), truth: truthCsv(summary.truth) };
}

/** As stored: level 9, no time and no name in the gzip header, so that only the zlib version can change the bytes. */
export function compressCapture(pcap: Uint8Array): Uint8Array {
  return gzipSync(pcap, { level: 9 });
}

/** SHA-256 in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
