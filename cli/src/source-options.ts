import { createCaptureFileSource, createLiveSource, createPacedReplay, type PacketSource } from '@weir/capture-agent';
import { UsageError } from './errors.js';
import type { Io } from './io.js';
import { OpenedSource } from './opened-source.js';
import type { OptionTable, OptionValues } from './options/declaration.js';
import type { AgentOptions } from './pipeline.js';
import { replayClock } from './replay-clock.js';
import { parseSpeed } from './speed.js';
import { untilOpen } from './until-open.js';

/** Options of every command that reads packets. */
export const SOURCE_OPTIONS = {
  interface: { type: 'text', value: 'NAME', description: 'Live: capture from this interface; auto picks the first that is up' },
  filter: { type: 'text', value: 'BPF', description: 'Live: only packets that match, in the language of tcpdump' },
  'snap-length': {
    type: 'integer', value: 'N', unit: 'bytes', default: 65_535, minimum: 64, maximum: 262_144,
    description: 'Live: keep this much of each packet',
  },
  promiscuous: { type: 'flag', default: true, description: 'Live: only packets for this machine' },
  'buffer-size': {
    type: 'integer', value: 'N', unit: 'MiB', default: 32, minimum: 1, maximum: 1024, description: 'Live: size of the kernel buffer',
  },
  speed: { type: 'text', value: 'SPEED', description: 'File: pace of the replay, such as 1x, 10x or max; results are the same (default max)' },
  sensor: { type: 'text', value: 'NAME', default: 'local', description: 'Name of this sensor: lower-case letters, digits and dashes' },
  batch: {
    type: 'integer', value: 'N', unit: 'packets', default: 4096, minimum: 1, maximum: 100_000,
    description: 'Largest batch; results are the same',
  },
} as const satisfies OptionTable; // biome-ignore format: one option a line or two

export type SourceValues = OptionValues<typeof SOURCE_OPTIONS>;

/** A source ready to open, and whether its packets come at the pace they were sent at. */
export interface ChosenSource {
  readonly source: PacketSource;
  readonly isPaced: boolean;
}

/** What `weir analyze` reads when neither a file nor an interface is named. */
export interface DefaultInput {
  readonly path: string;
  readonly speed: string;
}

/** The source that options and operand ask for; it may be opened more than once. Throws a UsageError for what does not go together. */
export function chooseSource(
  { options, operands, io }: { options: SourceValues; operands: readonly string[]; io: Io },
  fallback?: DefaultInput,
): ChosenSource {
  checkSensor(options.sensor);
  const path = operands[0];
  if (options.interface !== undefined) return { source: liveSource(options, path), isPaced: true };
  refuseLiveOptions(options);
  const input = path === undefined ? fallback : { path, speed: 'max' };
  if (!input) throw new UsageError('no input. Name a capture file, - for standard input, or --interface NAME.');
  return fileSource(input.path, options.speed ?? input.speed, io);
}

/** Longest that a batch of a live or paced source waits to fill, unless told otherwise. Unit: ms. */
export const TICK_MS = 250;

/** What `runAgent` needs of the options, besides the source's own settings. */
export function agentOptions(
  { options, io }: { options: SourceValues & { readonly tick?: number }; io: Io },
  { source, isPaced }: ChosenSource,
): Omit<AgentOptions, 'partitions' | 'allowedLatenessMs'> {
  const { elapsedMs, nowMs, stop } = io;
  const tick = isPaced ? ({ everyMs: options.tick ?? TICK_MS, elapsedMs, nowMs } as const) : 'none';
  return { source, sensor: options.sensor, maxBatchPackets: options.batch, stop, tick };
}

/** Opens and closes the files that are named, standard input aside. Rejects with a SourceError for the first that is no capture. */
export async function refuseUnreadable(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (path === '-') continue;
    const source = createCaptureFileSource({ path });
    await source.open();
    await source.close();
  }
}

function fileSource(path: string, speedText: string, io: Io): ChosenSource {
  const speed = parseSpeed(speedText);
  const whenOpen = (opening: Promise<void>) =>
    untilOpen(
      path,
      io.stop,
      opening.then(() => ({})),
    );
  const source = new OpenedSource(createCaptureFileSource({ path }), whenOpen);
  if (speed === 'max') return { source, isPaced: false };
  return { source: createPacedReplay(source, { speed, clock: replayClock(io) }), isPaced: true };
}

function liveSource(options: SourceValues, path: string | undefined): PacketSource {
  if (path !== undefined) throw new UsageError(`both a file ("${path}") and --interface are given. Leave one out.`);
  if (options.speed !== undefined) throw new UsageError('--speed is for files. Leave it out with --interface.');
  const live = createLiveSource({
    interfaceName: options.interface ?? 'auto',
    ...(options.filter === undefined ? {} : { filter: options.filter }),
    snapLengthBytes: options['snap-length'],
    promiscuous: options.promiscuous,
    bufferBytes: options['buffer-size'] * 1024 * 1024,
  });
  return new OpenedSource(live);
}

function refuseLiveOptions({ filter }: SourceValues): void {
  if (filter !== undefined)
    throw new UsageError('--filter needs a live source. Add --interface NAME, or filter the file first.');
}

/** Refuses a name that no sensor can have. Throws a UsageError. */
export function checkSensor(sensor: string): void {
  if (/^[a-z0-9-]{1,32}$/.test(sensor)) return;
  throw new UsageError(`--sensor cannot be "${sensor}". Use 1 to 32 lower-case letters, digits and dashes.`);
}
