import { MAX_CLIENTS } from './network.js';

/** What `weir traffic` can make; `day` and `demo` are all attacks over the background. */
export type TrafficKind =
  | 'benign'
  | 'syn-flood'
  | 'port-scan'
  | 'high-entropy'
  | 'dns-tunnel'
  | 'brute-force'
  | 'day'
  | 'demo';

export type ScanTechnique = 'syn' | 'connect' | 'udp' | 'fin' | 'null' | 'xmas' | 'horizontal';
export type GuessedService = 'ssh' | 'ftp' | 'telnet' | 'rdp' | 'http-login';

export const SCAN_TECHNIQUES: readonly ScanTechnique[] = ['syn', 'connect', 'udp', 'fin', 'null', 'xmas', 'horizontal'];
export const GUESSED_SERVICES: readonly GuessedService[] = ['ssh', 'ftp', 'telnet', 'rdp', 'http-login'];

/** What to make. Everything but `kind` has a default, listed in `TRAFFIC_KINDS`. */
export interface TrafficOptions {
  readonly kind: TrafficKind;
  /** Same seed and options, same bytes. Whole number, 0..2^32-1. */
  readonly seed?: number;
  /** Capture time of the first moment, milliseconds since 1970 UTC. */
  readonly startMs?: number;
  /** Length of the capture, seconds; packets after it are not written. */
  readonly durationS?: number;
  /** Whether benign traffic surrounds the attack. */
  readonly background?: boolean;
  /** Desks of the background, 1..200. */
  readonly hosts?: number;
  /** Bytes kept of each packet, 64..262144. */
  readonly snapLengthBytes?: number;
  /** Name of the capture in the truth file. */
  readonly captureName?: string;
  /** syn-flood: distinct source addresses; 1 is an unspoofed attacker. */
  readonly sources?: number;
  /** Size of the attack: SYN packets, probed ports or addresses, tunnel queries, guesses, random chunks. */
  readonly packets?: number;
  /** Pace of the attack, in the units of `packets` a second of capture time. */
  readonly packetsPerSecond?: number;
  /** port-scan: how to probe. */
  readonly technique?: ScanTechnique;
  /** brute-force: what to guess passwords of. */
  readonly service?: GuessedService;
  /** Port attacked, where the kind has one; also the first port of a vertical scan. */
  readonly targetPort?: number;
}

export type TrafficOptionName = Exclude<keyof TrafficOptions, 'kind'>;

/** For help texts: an option with its unit and default in words. */
export interface TrafficOptionHelp {
  readonly name: TrafficOptionName;
  readonly unit: string;
  readonly meaning: string;
  readonly default: string;
}

export interface TrafficKindHelp {
  readonly name: TrafficKind;
  readonly summary: string;
  readonly options: readonly TrafficOptionHelp[];
}

/** An option cannot be used; the message names it, its value and the range. */
export class TrafficOptionError extends Error {
  override readonly name = 'TrafficOptionError';
}

function option(name: TrafficOptionName, unit: string, meaning: string, byDefault: string): TrafficOptionHelp {
  return { name, unit, meaning, default: byDefault };
}

const SHARED: readonly TrafficOptionHelp[] = [
  option('seed', 'number', 'same seed, same bytes', '1'),
  option('startMs', 'ms since 1970', 'capture time of the beginning', '2024-05-15T09:00:00Z'),
  option('durationS', 's', 'length of the capture', '75, or what the attack needs; day and demo 480'),
  option('background', 'yes/no', 'benign traffic around the attack', 'yes'),
  option('hosts', 'desks', 'size of the background network', '8; benign, day and demo 25'),
  option('snapLengthBytes', 'bytes', 'kept of each packet; 262144 keeps all', '256'),
  option('captureName', 'text', 'source_file column of the truth', 'capture.pcap'),
];

function kind(name: TrafficKind, summary: string, own: readonly TrafficOptionHelp[]): TrafficKindHelp {
  return { name, summary, options: [...own, ...SHARED] };
}

/** Every kind with what it makes and its options, for help texts and for checking a command line. */
export const TRAFFIC_KINDS: readonly TrafficKindHelp[] = [
  kind('benign', 'web, DNS, mail, backup, shells, monitoring and idle chatter; no attack', []),
  kind('syn-flood', 'SYN packets from many spoofed sources, or one, to one port of one server', [
    option('sources', 'addresses', 'distinct source addresses', '2800'),
    option('packets', 'SYNs', 'SYN packets in all', 'as many as sources, at least 2800'),
    option('packetsPerSecond', 'SYNs/s', 'pace', 'all within 14 s, but at most 100000/s'),
    option('targetPort', 'port', 'port attacked', '443'),
  ]),
  kind('port-scan', 'one desk probes the ports of a server, or one port of many addresses', [
    option('technique', SCAN_TECHNIQUES.join('|'), 'how to probe', 'syn'),
    option('packets', 'probes', 'ports or addresses probed', '1000; horizontal 250'),
    option('packetsPerSecond', 'probes/s', 'pace', '50; horizontal 12'),
    option('targetPort', 'port', 'first port, or the one of a horizontal scan', '1; horizontal 23'),
  ]),
  kind('high-entropy', 'random bytes where the port promises readable text', [
    option('packets', 'chunks', 'payloads of random bytes', '240'),
    option('packetsPerSecond', 'chunks/s', 'pace', '12'),
    option('targetPort', 'port', 'port attacked, such as 80 or 23', '80'),
  ]),
  kind('dns-tunnel', 'data in the names and answers of one domain, through the resolver', [
    option('packets', 'queries', 'tunnel queries', '250'),
    option('packetsPerSecond', 'queries/s', 'pace', '10'),
  ]),
  kind('brute-force', 'one outside address guesses passwords in short connections', [
    option('service', GUESSED_SERVICES.join('|'), 'what is attacked', 'ssh'),
    option('packets', 'connections', 'guessing connections', '60'),
    option('packetsPerSecond', 'connections/s', 'pace', '2'),
    option('targetPort', 'port', 'port of the service', "the service's own"),
  ]),
  kind('day', 'a working day in eight minutes: the background and every attack once', []),
  kind('demo', 'the same as day; the bundled capture', []),
];

/** Options with every shared default filled in. */
export interface ResolvedTraffic extends TrafficOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly durationS: number;
  readonly background: boolean;
  readonly hosts: number;
  readonly snapLengthBytes: number;
  readonly captureName: string;
}

/** 2024-05-15T09:00:00Z, a Wednesday morning. */
const START_MS = 1_715_763_600_000;
const RANGES: Partial<Record<TrafficOptionName, readonly [number, number]>> = {
  seed: [0, 0xffffffff],
  startMs: [0, 4_000_000_000_000],
  durationS: [1, 1_000_000],
  hosts: [1, MAX_CLIENTS],
  snapLengthBytes: [64, 262_144],
  sources: [1, 3_000_000_000],
  packets: [1, 3_000_000_000],
  packetsPerSecond: [0.001, 1_000_000],
  targetPort: [1, 65_535],
};
const FRACTIONS_ALLOWED = new Set<string>(['durationS', 'packetsPerSecond']);

/** Throws TrafficOptionError for a number out of its range, or an unknown kind, technique or service. */
export function checkOptions(options: TrafficOptions): void {
  oneOf('kind', options.kind, TRAFFIC_KINDS.map((known) => known.name)); // biome-ignore format: one line reads best
  if (options.technique !== undefined) oneOf('technique', options.technique, SCAN_TECHNIQUES);
  if (options.service !== undefined) oneOf('service', options.service, GUESSED_SERVICES);
  for (const [name, range] of Object.entries(RANGES)) {
    const value = options[name as TrafficOptionName];
    if (value !== undefined) inRange(name, value, range);
  }
}

function oneOf(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw new TrafficOptionError(`unknown ${name} "${value}"; known: ${known.join(', ')}`);
}

function inRange(name: string, value: unknown, [least, most]: readonly [number, number]): void {
  const isWhole = Number.isInteger(value) || (FRACTIONS_ALLOWED.has(name) && Number.isFinite(value));
  if (isWhole && (value as number) >= least && (value as number) <= most) return;
  throw new TrafficOptionError(`${name} must be a whole number from ${least} to ${most}, not ${String(value)}`);
}

/** Checks the options and fills in the shared defaults; `attackS` is how long the attack alone takes. */
export function resolveOptions(options: TrafficOptions, attackS: number): ResolvedTraffic {
  checkOptions(options);
  const isLong = options.kind === 'day' || options.kind === 'demo';
  return {
    seed: 1,
    startMs: START_MS,
    durationS: isLong ? 480 : Math.max(75, Math.ceil(attackS) + 30),
    background: true,
    hosts: isLong || options.kind === 'benign' ? 25 : 8,
    snapLengthBytes: 256,
    captureName: 'capture.pcap',
    ...options,
  };
}
