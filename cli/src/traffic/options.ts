import type { AttackKind, SettingName } from './attacks/attack.js';
import { ATTACK_KINDS, type AttackKindName } from './attacks/index.js';
import { MAX_CLIENTS } from './network.js';

/** What `weir traffic` can make; `day`, `demo` and `next-day` are several attacks over the background. */
export type TrafficKind =
  | 'benign'
  | 'syn-flood'
  | 'port-scan'
  | 'high-entropy'
  | 'dns-tunnel'
  | 'brute-force'
  | AttackKindName
  | CompositeKind;

/** Kinds that are made of several attacks. */
export type CompositeKind = 'day' | 'demo' | 'next-day';

export type ScanTechnique = 'syn' | 'connect' | 'udp' | 'fin' | 'null' | 'xmas' | 'ack' | 'sctp' | 'horizontal';
/** Services whose passwords are guessed, as `weir traffic brute-force --service` takes them. */
export type GuessedService = (typeof GUESSED_SERVICES)[number];

export const SCAN_TECHNIQUES: readonly ScanTechnique[] = [
  ...(['syn', 'connect', 'udp', 'fin', 'null', 'xmas', 'ack', 'sctp', 'horizontal'] as const),
];
export const GUESSED_SERVICES = [
  ...([
    'ssh',
    'ftp',
    'telnet',
    'rdp',
    'http-login',
    'http-basic',
    'imap',
    'pop3',
    'mysql',
    'postgresql',
    'smb',
    'ldap',
  ] as const),
] as const;

/** Types of the questions of a DNS tunnel, or all of them over TCP and past the resolver. */
export type TunnelTechnique = 'mixed' | 'txt' | 'null' | 'cname' | 'a' | 'tcp';

export const TUNNEL_TECHNIQUES: readonly TunnelTechnique[] = ['mixed', 'txt', 'null', 'cname', 'a', 'tcp'];

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
  /** How many times as long everybody pauses between two pieces of work; 1 is a busy office, 1..100000. */
  readonly calm?: number;
  /** Name of the capture in the truth file. */
  readonly captureName?: string;
  /** Distinct source addresses, where the kind can have several; 1 is an unspoofed attacker. */
  readonly sources?: number;
  /** Size of the attack: SYN packets, probed ports or addresses, tunnel queries, guesses, random chunks. */
  readonly packets?: number;
  /** Pace of the attack, in the units of `packets` a second of capture time. */
  readonly packetsPerSecond?: number;
  /** How to do it; the kind names its ways. */
  readonly technique?: string;
  /** brute-force: what to guess passwords of. */
  readonly service?: GuessedService;
  /** Port attacked, where the kind has one; also the first port of a vertical scan. */
  readonly targetPort?: number;
  /** Share by which gaps between packets differ, 0..1; 0 is a clock. */
  readonly jitter?: number;
  /** Payload of a packet, call or connection, by kind. Unit: byte. */
  readonly bytes?: number;
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
  option('calm', 'times', 'how many times as long the pauses of the background are', '1; more for what takes hours'),
  option('captureName', 'text', 'source_file column of the truth', 'capture.pcap'),
];

function kind(name: TrafficKind, summary: string, own: readonly TrafficOptionHelp[]): TrafficKindHelp {
  return { name, summary, options: [...own, ...SHARED] };
}

const SETTING_UNITS: Readonly<Record<SettingName, readonly [unit: string, meaning: string]>> = {
  packets: ['', 'size of the attack'],
  packetsPerSecond: ['', 'pace'],
  technique: ['', 'how to do it'],
  sources: ['addresses', 'distinct sources; 1 is one that does not hide'],
  targetPort: ['port', 'port attacked'],
  jitter: ['share', 'by how much gaps differ'],
  bytes: ['bytes', 'payload of each'],
};

/** Every kind with what it makes and its options, for help texts and for checking a command line. */
export const TRAFFIC_KINDS: readonly TrafficKindHelp[] = [
  kind('benign', 'web, DNS, mail, backup, shells, monitoring and idle chatter; no attack', []),
  kind('syn-flood', 'SYN packets from many spoofed sources, or one, to one port of one server', [
    option('sources', 'addresses', 'distinct source addresses', '2800'),
    option('packets', 'SYNs', 'SYN packets in all', 'as many as sources, at least 2800'),
    option('packetsPerSecond', 'SYNs/s', 'pace', 'all within 14 s, but at most 100000/s'),
    option('targetPort', 'port', 'port attacked', '443'),
  ]),
  kind('port-scan', 'one desk, or many addresses outside, probe the ports of a server, or one port of many addresses', [
    option('technique', SCAN_TECHNIQUES.join('|'), 'how to probe', 'syn'),
    option('sources', 'addresses', 'distinct sources; more than one are outside', '1'),
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
    option('technique', TUNNEL_TECHNIQUES.join('|'), 'types of the questions, or over TCP', 'mixed'),
    option('packets', 'queries', 'tunnel queries', '250'),
    option('packetsPerSecond', 'queries/s', 'pace', '10'),
  ]),
  kind('brute-force', 'one outside address guesses passwords in short connections', [
    option('service', GUESSED_SERVICES.join('|'), 'what is attacked', 'ssh'),
    option('packets', 'connections', 'guessing connections', '60'),
    option('packetsPerSecond', 'connections/s', 'pace', '2'),
    option('targetPort', 'port', 'port of the service', "the service's own"),
  ]),
  ...ATTACK_KINDS.map((attack) => kind(attack.name, attack.summary, settingHelp(attack))),
  kind('next-day', 'a calm day, then what is new on the next: device, servers, destination, program, resolver', []),
  kind('day', 'a working day in eight minutes: the background and every attack once', []),
  kind('demo', 'the same as day; the bundled capture', []),
];

/** The settings of a kind, with the defaults of its usual technique. */
function settingHelp(attack: AttackKind): TrafficOptionHelp[] {
  const names = Object.keys(attack.defaults) as SettingName[];
  const own = names.map((name) => {
    const [unit, meaning] = SETTING_UNITS[name];
    const counted = name === 'packets' ? attack.unit : name === 'packetsPerSecond' ? `${attack.unit}/s` : unit;
    return option(name, counted, meaning, String(attack.defaults[name]));
  });
  const { techniques } = attack;
  return techniques ? [option('technique', techniques.join('|'), 'how to do it', techniques[0]!), ...own] : own;
}

/** Options with every shared default filled in. */
export interface ResolvedTraffic extends TrafficOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly durationS: number;
  readonly background: boolean;
  readonly hosts: number;
  readonly snapLengthBytes: number;
  readonly calm: number;
  readonly captureName: string;
}

/** 2024-05-15T09:00:00Z, a Wednesday morning. */
const START_MS = 1_715_763_600_000;
/** How long a capture goes on after its attack. Unit: s. */
const TAIL_S = 10;
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
  calm: [1, 100_000],
  jitter: [0, 1],
  bytes: [1, 1_000_000_000],
};
const FRACTIONS_ALLOWED = new Set<string>(['durationS', 'packetsPerSecond', 'calm', 'jitter']);

/** Throws TrafficOptionError for a number out of its range, or an unknown kind, technique or service. */
export function checkOptions(options: TrafficOptions): void {
  oneOf('kind', options.kind, TRAFFIC_KINDS.map((known) => known.name)); // biome-ignore format: one line reads best
  if (options.technique !== undefined) oneOf('technique', options.technique, techniquesOf(options.kind));
  if (options.service !== undefined) oneOf('service', options.service, GUESSED_SERVICES);
  for (const [name, range] of Object.entries(RANGES)) {
    const value = options[name as TrafficOptionName];
    if (value !== undefined) inRange(name, value, range);
  }
}

/** The ways in which a kind can be carried out; none where it has one only. */
export function techniquesOf(kindName: TrafficKind): readonly string[] {
  if (kindName === 'port-scan') return SCAN_TECHNIQUES;
  if (kindName === 'dns-tunnel') return TUNNEL_TECHNIQUES;
  const attack: AttackKind | undefined = ATTACK_KINDS.find(({ name }) => name === kindName);
  return attack?.techniques ?? [];
}

function oneOf(name: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  const choices = known.length > 0 ? `known: ${known.join(', ')}` : `this kind has no ${name}`;
  throw new TrafficOptionError(`unknown ${name} "${value}"; ${choices}`);
}

function inRange(name: string, value: unknown, [least, most]: readonly [number, number]): void {
  const isWhole = Number.isInteger(value) || (FRACTIONS_ALLOWED.has(name) && Number.isFinite(value));
  if (isWhole && (value as number) >= least && (value as number) <= most) return;
  throw new TrafficOptionError(`${name} must be a whole number from ${least} to ${most}, not ${String(value)}`);
}

/** What a kind wants of the office around it. */
export type Surroundings = Pick<AttackKind, 'calm' | 'hosts' | 'snapLengthBytes'>;

/** Checks the options and fills in the shared defaults; `endS` is when the attacks are over. */
export function resolveOptions(options: TrafficOptions, endS: number, around: Surroundings): ResolvedTraffic {
  checkOptions(options);
  const isLong = options.kind === 'day' || options.kind === 'demo';
  return {
    seed: 1,
    startMs: START_MS,
    durationS: isLong ? 480 : Math.max(75, Math.ceil(endS) + TAIL_S),
    background: true,
    hosts: isLong || options.kind === 'benign' ? 25 : (around.hosts ?? 8),
    snapLengthBytes: around.snapLengthBytes ?? 256,
    calm: around.calm ?? 1,
    captureName: 'capture.pcap',
    ...options,
  };
}
