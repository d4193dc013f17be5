import type { DetectionConfig, EmbeddedRuntime } from '@weir/functions';
import type { Io } from '../io.js';
import type { OptionValues } from '../options/declaration.js';
import { runAgent } from '../pipeline.js';
import { runFlowTable } from '../pipeline-flow-table.js';
import { agentOptions, chooseSource, refuseUnreadable, SOURCE_OPTIONS } from '../source-options.js';
import { chooseFlowTable, TABLE_OPTIONS, tableRunOptions } from '../table-options.js';

/** Options of commands that replay files one after the other. */
export const REPLAY_OPTIONS = {
  mapping: TABLE_OPTIONS.mapping,
  'skip-bad-rows': TABLE_OPTIONS['skip-bad-rows'],
  config: { type: 'text', value: 'FILE', description: 'Detection settings as JSON; what it leaves out keeps its default' },
} as const; // biome-ignore format: one option a line

/** One file to be replayed as fast as it can be read. */
export interface Replay {
  readonly path: string;
  readonly options: OptionValues<typeof REPLAY_OPTIONS>;
  readonly config: DetectionConfig;
  readonly io: Io;
  /** Awaited between batches, for whoever writes what comes out. */
  readonly ready?: () => Promise<void>;
}

const DEFAULTS = {
  interface: undefined,
  filter: undefined,
  speed: undefined,
  promiscuous: SOURCE_OPTIONS.promiscuous.default,
  'snap-length': SOURCE_OPTIONS['snap-length'].default,
  'buffer-size': SOURCE_OPTIONS['buffer-size'].default,
  sensor: SOURCE_OPTIONS.sensor.default,
  batch: SOURCE_OPTIONS.batch.default,
  delay: TABLE_OPTIONS.delay.default,
};

/** Refuses the first of some files, standard input aside, that cannot be replayed. Rejects with a Usage- or SourceError. */
export async function refuseUnplayable(files: readonly string[], { options, io }: Pick<Replay, 'options' | 'io'>) {
  for (const path of files.filter((path) => path !== '-')) {
    const table = await chooseFlowTable({ options: { ...DEFAULTS, ...options }, operands: [path], io });
    await (table ? table.close() : refuseUnreadable([path]));
  }
}

/** Carries a capture or flow table through a runtime. Gives packets or rows read. Rejects with a SourceError. */
export async function replayFile(
  { path, options, config, io, ...others }: Replay,
  runtime: EmbeddedRuntime,
): Promise<number> {
  // A signal of its own, as each run leaves a listener on it.
  const own = { ...io, stop: AbortSignal.any([io.stop]) };
  const call = { options: { ...DEFAULTS, ...options }, operands: [path], io: own };
  const ready = async () => {
    await runtime.settle();
    await others.ready?.();
  };
  const shared = { partitions: 1, allowedLatenessMs: config.allowedLatenessMs, ready };
  const table = await chooseFlowTable(call);
  const { packets } = table
    ? await runFlowTable({ ...tableRunOptions(call, table), ...shared }, (batch) => runtime.deliver(batch))
    : await runAgent({ ...agentOptions(call, chooseSource(call)), ...shared }, (batch) => runtime.deliver(batch));
  await runtime.settle();
  return packets;
}
