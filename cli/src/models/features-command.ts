import { FEATURE_LIST_NAMES, type FeatureListName } from '@weir/contracts';
import {
  type DetectionConfig,
  EmbeddedRuntime,
  FeatureCollector,
  type RuntimeSink,
  rowsInOrder,
} from '@weir/functions';
import { type Call, defineCommand } from '../command.js';
import { loadDetectionConfig } from '../detection-config.js';
import { ExitCode, UsageError } from '../errors.js';
import type { OptionTable } from '../options/declaration.js';
import { PacedOutput } from '../paced-output.js';
import { counted } from '../report/numbers.js';
import { refuseSameFile } from '../results/separate-files.js';
import { FeatureFile } from './feature-file.js';
import { FeatureLabels } from './feature-labels.js';
import { REPLAY_OPTIONS, type Replay, refuseUnplayable, replayFile } from './replay.js';

const MOST_FILES = 4096;

const FEATURES_OPTIONS = {
  list: { type: 'text', value: 'NAME', choices: FEATURE_LIST_NAMES, default: 'flow', description: 'Feature list' },
  out: { type: 'text', value: 'FILE', default: '-', description: 'Where the rows go, as CSV; - for standard output' },
  truth: { type: 'text', value: 'CSV', description: 'What was done in the files: labels each row' },
  ...REPLAY_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

/** `weir features`. */
export const features = defineCommand({
  name: 'features',
  usage: 'FILE...',
  maxOperands: MOST_FILES,
  description:
    'Replays captures and flow tables through the very functions that score, and writes a row of features for each flow ' +
    'or window, in the order in which scoring would see them. docs/schemas/features.json says what each feature means.',
  options: FEATURES_OPTIONS,
  examples: [
    { line: 'weir features capture.pcap --out rows.csv', meaning: 'A row a flow.' },
    { line: 'weir features day.pcap --list host-window --truth truth.csv', meaning: 'Windows of hosts, with labels.' },
  ],
  run: runFeatures,
});

async function runFeatures({ options, operands, io }: Call<typeof FEATURES_OPTIONS>): Promise<number> {
  if (operands.length === 0) throw new UsageError('no input. Name one or more captures or flow tables.');
  const { out, truth } = options;
  const list = options.list as FeatureListName;
  const rows = await writeFeatures({ files: operands, list, out, truth, options, io });
  io.stderr.write(`${counted(rows, 'row')} of ${list} from ${counted(operands.length, 'file')}\n`);
  return ExitCode.ok;
}

/** What is written of which files. */
export interface FeatureWork extends Omit<Replay, 'path' | 'config'> {
  readonly files: readonly string[];
  readonly list: FeatureListName;
  /** A file, or `-` for standard output. */
  readonly out: string;
  readonly truth: string | undefined;
}

/** Replays files one after the other and writes their rows as CSV. Gives how many. Rejects with a Usage- or SourceError. */
export async function writeFeatures({ files, list, out, truth, options, io }: FeatureWork): Promise<number> {
  const config = loadDetectionConfig(options.config);
  const labels = truth === undefined ? undefined : new FeatureLabels(truth);
  refuseSameFile([...files, truth], { '--out': out });
  await refuseUnplayable(files, { options, io });
  const output = new PacedOutput(io.stdout, io.stop);
  const file = new FeatureFile(out, list, { output, labels });
  try {
    for (const path of files) {
      if (io.stop.aborted) break;
      const collector = new FeatureCollector(list, config.flow);
      await replayFile(
        { path, options, config, io, ready: () => output.ready() },
        runtimeThatWrites(file, collector, config),
      );
      file.write(rowsInOrder(collector));
    }
    return file.rows;
  } finally {
    file.close();
  }
}

/** A runtime that keeps nothing but the rows; those that tell of what was before wait for the end, to be put in order. */
function runtimeThatWrites(file: FeatureFile, collector: FeatureCollector, config: DetectionConfig): EmbeddedRuntime {
  const { list } = collector;
  const write = () => {
    if (list === 'flow-context') return;
    file.write(collector.rows);
    collector.rows.clear();
  };
  const ofFlows: RuntimeSink['flowRecords'] = (_sensor, records) => {
    collector.takeRecords(records);
    write();
  };
  const ofWindows: RuntimeSink['window'] = (window) => {
    collector.takeWindow(window);
    write();
  };
  const isFlows = list !== 'host-window';
  return new EmbeddedRuntime({
    config,
    sink: { incident: () => {}, ...(isFlows ? { flowRecords: ofFlows } : { window: ofWindows }) },
    stages: isFlows ? 'flow' : 'all',
    records: isFlows ? 'ended' : 'none',
    windows: isFlows ? 'none' : 'all',
  });
}
