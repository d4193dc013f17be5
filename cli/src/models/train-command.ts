import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FEATURE_LIST_NAMES, type FeatureListName } from '@weir/contracts';
import { type Call, defineCommand } from '../command.js';
import { ExitCode, UsageError } from '../errors.js';
import type { Io } from '../io.js';
import type { OptionTable } from '../options/declaration.js';
import { writeFeatures } from './features-command.js';
import { REGISTRY_OPTION, registryOf } from './model-options.js';
import { REPLAY_OPTIONS } from './replay.js';

/** Where the training program lies. The same path from src and from dist. */
const MODELS_FOLDER = fileURLToPath(new URL('../../../models', import.meta.url));
const MOST_FILES = 4096;

const TRAIN_OPTIONS = {
  from: { type: 'text', value: 'FILES', description: 'Captures and flow tables of normal traffic, separated by commas; or name them as operands' },
  list: { type: 'text', value: 'NAME', choices: FEATURE_LIST_NAMES, default: 'flow', description: 'Feature list' },
  truth: { type: 'text', value: 'CSV', description: 'What was done in the files: labels each row' },
  out: { type: 'text', value: 'DIR', description: 'Registry that the models are written to (default: that of --registry)' },
  settings: { type: 'text', value: 'FILE', description: 'Settings of the training (models/README.md)' },
  python: { type: 'text', value: 'PROGRAM', default: 'python3', description: 'Python with the packages of models/requirements.txt' },
  ...REGISTRY_OPTION,
  ...REPLAY_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

/** `weir train`. */
export const train = defineCommand({
  name: 'train',
  usage: '[FILE...]',
  maxOperands: MOST_FILES,
  description:
    'Replays captures and flow tables of normal traffic into rows of features, trains the models on them in Python, and ' +
    'writes each with its manifest and report into a registry. Nothing is put into use: see weir models.',
  options: TRAIN_OPTIONS,
  examples: [
    {
      line: 'weir train --from monday.pcap --out my-models',
      meaning: 'The models of this network, in a folder of their own.',
    },
    { line: 'weir train monday.pcap tuesday.pcap --truth truth.csv', meaning: 'With attacks, for boosting.' },
  ],
  run: runTrain,
});

async function runTrain({ options, operands, io }: Call<typeof TRAIN_OPTIONS>): Promise<number> {
  const files = [...operands, ...(options.from?.split(',') ?? [])];
  if (files.length === 0) throw new UsageError('nothing to train from. Name captures or flow tables with --from.');
  const folder = mkdtempSync(join(tmpdir(), 'weir-train-'));
  try {
    const rows = join(folder, 'rows.csv');
    const list = options.list as FeatureListName;
    const { truth } = options;
    await writeFeatures({ files, list, out: rows, truth, options, io });
    if (io.stop.aborted) throw new UsageError('stopped before the training began: no model was written.');
    const settings = options.settings === undefined ? [] : ['--settings', options.settings];
    const out = options.out ?? registryOf(options).folder;
    await python(options.python, ['-m', 'weir_models', 'train', rows, '--out', out, ...settings], io);
    io.stdout.write(`The models are in ${out}. See them with weir models list --registry ${out}.\n`);
    return ExitCode.ok;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the training program and passes on what it says. Rejects with a UsageError when it fails. */
function python(program: string, args: readonly string[], io: Io): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PYTHONPATH: MODELS_FOLDER, PYTHONUNBUFFERED: '1' };
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], signal: io.stop });
    child.stdout.on('data', (bytes: Buffer) => io.stdout.write(bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => io.stderr.write(bytes.toString()));
    child.once('error', (error) =>
      reject(new UsageError(`cannot run "${program}": ${error.message}. Name another with --python.`)),
    );
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(
            new UsageError(
              `the training program ended with ${code}. It needs the packages of models/requirements.txt: python3 -m venv ` +
                '.weir/venv, .weir/venv/bin/pip install -r models/requirements.txt, then --python .weir/venv/bin/python.',
            ),
          ),
    );
  });
}
