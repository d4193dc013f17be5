import { basename } from 'node:path';
import { type Call, defineCommand } from '../command.js';
import { ExitCode, UsageError } from '../errors.js';
import type { Io } from '../io.js';
import type { OptionTable, OptionValues } from '../options/declaration.js';
import { didYouMean } from '../options/suggest.js';
import { counted, formatCount, formatShort } from '../report/numbers.js';
import { ResultFile } from '../results/result-file.js';
import { refuseSameFile } from '../results/separate-files.js';
import {
  checkOptions,
  GUESSED_SERVICES,
  LoopbackOnlyError,
  sendTraffic,
  TRAFFIC_KINDS,
  type TrafficKind,
  TrafficOptionError,
  type TrafficOptions,
  trafficCatalogue,
  truthCsv,
  writeTraffic,
} from '../traffic/index.js';

const KIND_LIST = TRAFFIC_KINDS.map(({ name }) => name).join(', ');

const TRAFFIC_OPTIONS = {
  list: { type: 'flag', description: 'Print what each kind is, its own options and their defaults' },
  out: { type: 'text', value: 'FILE|-', description: 'Write the capture here; - for standard output' },
  truth: { type: 'text', value: 'FILE', description: 'Write what was attacked when, as CSV' },
  send: { type: 'text', value: '127.0.0.1:PORT', description: 'Send the attack to a port of this machine instead; no other target is allowed' },
  seed: { type: 'integer', value: 'N', default: 1, minimum: 0, maximum: 0xffff_ffff, description: 'Same seed and options, same bytes' },
  duration: { type: 'number', value: 'N', unit: 'seconds', minimum: 1, maximum: 1_000_000, description: 'Length of the capture; default by kind' },
  background: { type: 'flag', default: true, description: 'No benign traffic around the attack' },
  hosts: { type: 'integer', value: 'N', minimum: 1, maximum: 200, description: 'Desks of the benign network' },
  sources: { type: 'integer', value: 'N', unit: 'addresses', minimum: 1, maximum: 3_000_000_000, description: 'Distinct sources of floods and scans; 1 does not hide' },
  packets: { type: 'integer', value: 'N', minimum: 1, maximum: 3_000_000_000, description: 'Size of the attack, in the units of its kind: probes, queries, guesses, calls' },
  rate: { type: 'number', value: 'N', unit: 'a second', minimum: 0.001, maximum: 1_000_000, description: 'Pace of the attack, in the units of --packets' },
  jitter: { type: 'number', value: 'N', minimum: 0, maximum: 1, description: 'Share by which the gaps of the attack differ' },
  bytes: { type: 'integer', value: 'N', unit: 'bytes', minimum: 1, maximum: 1_000_000_000, description: 'Payload of each packet, call or connection of the attack' },
  calm: { type: 'number', value: 'N', minimum: 1, maximum: 100_000, description: 'How many times as long the pauses of the benign network are' },
  technique: { type: 'text', value: 'NAME', description: 'How to do it, where a kind has several ways' },
  service: { type: 'text', value: 'NAME', choices: GUESSED_SERVICES, description: 'brute-force: what is attacked' },
  'target-port': { type: 'integer', value: 'N', minimum: 1, maximum: 65_535, description: 'Port attacked' },
} as const satisfies OptionTable; // biome-ignore format: one option a line

export const traffic = defineCommand({
  name: 'traffic',
  usage: 'KIND',
  maxOperands: 1,
  description:
    `Writes a deterministic capture (pcap) of one kind of traffic, with a file that says what is in it. Kinds: ${KIND_LIST}. ` +
    'What each is, and the ways to do it, tells `weir traffic --list`. ' +
    'It can also send a harmless version of the attack, to this machine only.',
  options: TRAFFIC_OPTIONS,
  examples: [
    { line: 'weir traffic port-scan --out scan.pcap --truth scan.csv', meaning: 'A capture and what is in it.' },
    {
      line: 'weir traffic syn-flood --sources 10000000 --out - | weir analyze -',
      meaning: 'A large flood without a file.',
    },
    {
      line: 'weir traffic brute-force --send 127.0.0.1:2222',
      meaning: 'Against a server of your own on this machine.',
    },
  ],
  run: makeTraffic,
});

type Values = OptionValues<typeof TRAFFIC_OPTIONS>;

async function makeTraffic({ options, operands: [kindName], io }: Call<typeof TRAFFIC_OPTIONS>): Promise<number> {
  if (options.list) {
    io.stdout.write(trafficCatalogue());
    return ExitCode.ok;
  }
  const settings = trafficOptions(kindOf(kindName), options);
  try {
    if (options.send !== undefined) await send(settings, options, io);
    else await write(settings, options, io);
  } catch (error) {
    if (error instanceof TrafficOptionError || error instanceof LoopbackOnlyError) throw new UsageError(error.message);
    throw error;
  }
  return ExitCode.ok;
}

function kindOf(name: string | undefined): TrafficKind {
  const names = TRAFFIC_KINDS.map((kind) => kind.name);
  const found = names.find((known) => known === name);
  if (found) return found;
  const problem =
    name === undefined ? 'no kind of traffic given.' : `unknown kind of traffic "${name}". ${didYouMean(name, names)}`;
  throw new UsageError(`${problem.trim()} Such as port-scan; weir traffic --list tells all ${names.length}.`);
}

function trafficOptions(kind: TrafficKind, values: Values): TrafficOptions {
  const { seed, background, hosts, sources, packets, technique, service, jitter, bytes, calm, out } = values;
  const given = {
    durationS: values.duration, hosts, sources, packets, packetsPerSecond: values.rate, technique, service, jitter, bytes, calm,
    targetPort: values['target-port'], captureName: out === undefined || out === '-' ? undefined : basename(out),
  }; // biome-ignore format: short
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { kind, seed, background, ...present };
}

async function write(settings: TrafficOptions, { out, truth }: Values, io: Io): Promise<void> {
  if (out === undefined) throw new UsageError('nowhere to write. Add --out FILE, --out - or --send 127.0.0.1:PORT.');
  checkOptions(settings);
  refuseSameFile([], { '--out': out, '--truth': truth });
  // Both are opened before the work, so that a wrong path is told before anything is written.
  const truthFile = truth === undefined ? undefined : new ResultFile(truth, '--truth');
  const file = out === '-' ? undefined : new ResultFile(out, '--out');
  try {
    const result = await writeTraffic(settings, (chunk) => (file ? file.writeBytes(chunk) : writeSlowly(chunk, io)));
    truthFile?.write(truthCsv(result.truth));
    io.stderr.write(
      `${counted(result.packets, 'packet')}, ${formatShort(result.bytes)}B, ${counted(result.truth.length, 'attack')}\n`,
    );
  } finally {
    file?.close();
    truthFile?.close();
  }
}

/** Waits for a slow reader, so that a capture of any size fits in memory. */
async function writeSlowly(chunk: Uint8Array, io: Io): Promise<void> {
  if (!io.stdout.write(chunk)) await io.stdout.drained();
}

async function send(settings: TrafficOptions, { send: target = '', out, truth }: Values, io: Io): Promise<void> {
  if (out !== undefined || truth !== undefined)
    throw new UsageError('--send writes no files. Leave out --out and --truth.');
  const { actions, refused, seconds, cutShort } = await sendTraffic({ ...settings, ...parseTarget(target) });
  const facts = [`${formatCount(actions)} connections or datagrams in ${seconds.toFixed(1)} s`];
  if (refused > 0) facts.push(`${formatCount(refused)} refused: nobody listens there`);
  if (cutShort) facts.push('ended at the time limit');
  io.stderr.write(`${facts.join('; ')}\n`);
}

/** Reads `127.0.0.1:2222`, `localhost:80` or `[::1]:80`. Throws a UsageError. */
function parseTarget(text: string): { target: string; port: number } {
  const match = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match && port >= 1 && port <= 65_535) return { target: (match[1] ?? match[2])!, port };
  throw new UsageError(
    `--send cannot be "${text}". Give an address of this machine and a port, such as 127.0.0.1:2222.`,
  );
}
