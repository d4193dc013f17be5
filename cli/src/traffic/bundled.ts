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

/** Kinds whose captures are named after them and made without further options. */
const SINGLE_KINDS = [
  ...(['address-sweep', 'web-probing', 'udp-flood', 'icmp-flood', 'packet-flood'] as const),
  ...(['amplification', 'password-spraying', 'beacon', 'command-and-control', 'mining', 'spam'] as const),
  ...(['generated-domains', 'long-connection', 'icmp-tunnel', 'arp-spoofing'] as const),
  ...([
    'name-poisoning',
    'address-starvation',
    'lateral-movement',
    'protocol-violation',
    'host-unlike-itself',
    'traffic-stopped',
  ] as const),
  ...(['next-day'] as const),
];

/** Headers of as much as is told, in a quiet office. */
const SMALL_EXFILTRATION: TrafficOptions = {
  kind: 'data-exfiltration',
  packets: 205,
  bytes: 24_600,
  snapLengthBytes: 66,
  hosts: 2,
  calm: 200,
};

/** What `weir traffic` makes with these options and no others. */
export const BUNDLED_CAPTURES: readonly BundledCapture[] = [
  { folder: 'demo', options: { kind: 'demo' } },
  { folder: 'benign', options: { kind: 'benign', durationS: 75, hosts: 8 } },
  { folder: 'syn-flood', options: { kind: 'syn-flood' } },
  { folder: 'port-scan', options: { kind: 'port-scan' } },
  { folder: 'high-entropy', options: { kind: 'high-entropy' } },
  { folder: 'dns-tunnel', options: { kind: 'dns-tunnel' } },
  { folder: 'brute-force', options: { kind: 'brute-force' } },
  { folder: 'http-guessing', options: { kind: 'brute-force', service: 'http-login' } },
  { folder: 'ldap-guessing', options: { kind: 'brute-force', service: 'ldap' } },
  {
    folder: 'network-flood',
    options: { kind: 'udp-flood', technique: 'network', packets: 6500, sources: 400, hosts: 4 },
  },
  { folder: 'padded-icmp-tunnel', options: { kind: 'icmp-tunnel', technique: 'padded', bytes: 120 } },
  { folder: 'distributed-scan', options: { kind: 'port-scan', sources: 30, packets: 400 } },
  { folder: 'slow-scan', options: { kind: 'port-scan', packets: 36, packetsPerSecond: 0.02, calm: 30, hosts: 4 } },
  { folder: 'service-probes', options: { kind: 'web-probing', technique: 'probes' } },
  { folder: 'web-injection', options: { kind: 'web-probing', technique: 'injection' } },
  { folder: 'irc-control', options: { kind: 'command-and-control', technique: 'irc' } },
  { folder: 'http-control', options: { kind: 'command-and-control', technique: 'disguised' } },
  { folder: 'same-path', options: { kind: 'command-and-control', technique: 'hidden' } },
  { folder: 'remote-control', options: { kind: 'command-and-control', technique: 'shell' } },
  { folder: 'reverse-look-ups', options: { kind: 'address-sweep', technique: 'names' } },
  { folder: 'tcp-reflection', options: { kind: 'amplification', technique: 'syn-ack' } },
  { folder: 'login-spraying', options: { kind: 'password-spraying', technique: 'ssh' } },
  { folder: 'login-fan-out', options: { kind: 'lateral-movement', technique: 'ssh' } },
  { folder: 'rpc-refusals', options: { kind: 'lateral-movement', technique: 'rpc' } },
  { folder: 'remote-service', options: { kind: 'lateral-movement', technique: 'service' } },
  { folder: 'account-listing', options: { kind: 'lateral-movement', technique: 'listing' } },
  { folder: 'http-flood', options: { kind: 'http-flood', packets: 1300 } },
  { folder: 'slow-dos', options: { kind: 'slow-dos', technique: 'random' } },
  { folder: 'data-exfiltration', options: SMALL_EXFILTRATION },
  ...SINGLE_KINDS.map((kind) => ({ folder: kind, options: { kind } })),
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
