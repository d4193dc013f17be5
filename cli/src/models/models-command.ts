import { ModelError, type Registry } from '@weir/functions';
import { type Call, defineCommand } from '../command.js';
import { ExitCode, UsageError } from '../errors.js';
import type { OptionTable } from '../options/declaration.js';
import { formatTable } from '../report/table.js';
import { compareModels } from './compare.js';
import { readModelsInUse, rolledBack, withUse, writeModelsInUse } from './in-use.js';
import { mlflowOf, pullModel } from './mlflow.js';
import { fullId, loadModels, MODEL_OPTIONS, registryOf } from './model-options.js';
import { REPLAY_OPTIONS } from './replay.js';

const MODELS_OPTIONS = {
  'alarms-per-day': MODEL_OPTIONS['alarms-per-day'],
  threshold: MODEL_OPTIONS.threshold,
  registry: MODEL_OPTIONS.registry,
  ...REPLAY_OPTIONS,
} as const satisfies OptionTable;

type ModelsCall = Call<typeof MODELS_OPTIONS>;

const MOST_OPERANDS = 16;

/** `weir models`. */
export const models = defineCommand({
  name: 'models',
  usage: 'list|show ID|use ID...|shadow [ID...]|compare ID ID FILE|rollback|pull NAME [STAGE]',
  maxOperands: MOST_OPERANDS,
  description:
    'A registry holds a folder for each model. use loads the models first, at most one for each feature list, and refuses ' +
    'what cannot be used, so that the ones before go on; use none scores with none. shadow lets models score beside them ' +
    'without a word but for the comparison. compare replays a file with each of two models and lists where they disagree. ' +
    'rollback takes the last choice back. pull copies a model from the MLflow server of MLFLOW_TRACKING_URI into the registry: ' +
    'the newest version, or that in a stage or with an alias.',
  options: MODELS_OPTIONS,
  examples: [
    { line: 'weir models list', meaning: 'What there is, and what is in use.' },
    { line: 'weir models use flow-fusion', meaning: 'From the next start on.' },
    { line: 'weir models compare flow-fusion my-network capture.pcap', meaning: 'Where two models disagree.' },
  ],
  run: runModels,
});

async function runModels(call: ModelsCall): Promise<number> {
  const [verb = 'list', ...names] = call.operands;
  const action = ACTIONS[verb];
  if (!action) throw new UsageError(`weir models cannot "${verb}". It can ${Object.keys(ACTIONS).join(', ')}.`);
  const registry = registryOf(call.options);
  call.io.stdout.write(`${await action(registry, names, call)}\n`);
  return ExitCode.ok;
}

type Action = (registry: Registry, names: readonly string[], call: ModelsCall) => Promise<string>;

const ACTIONS: Readonly<Record<string, Action>> = {
  list: async (registry) => listed(registry),
  show: async (registry, names) => shown(registry, fullId(registry, named(names, 1)[0]!)),
  use: async (registry, names) => {
    const ids = await loadable(registry, names);
    writeModelsInUse(registry.folder, withUse(readModelsInUse(registry.folder), ids));
    return `In use from the next start on: ${ids.join(', ') || 'none'}.`;
  },
  shadow: async (registry, names) => {
    const ids = await loadable(registry, names);
    writeModelsInUse(registry.folder, { ...readModelsInUse(registry.folder), shadow: ids });
    return `Scoring beside those in use, from the next start on: ${ids.join(', ') || 'none'}.`;
  },
  compare: async (registry, names, { options, io }) => {
    const [first, second, path] = named(names, 3) as [string, string, string];
    const selections = await Promise.all([first, second].map((name) => loadModels(registry, [name])));
    return compareModels({ path, options, io }, selections as [(typeof selections)[0], (typeof selections)[0]]);
  },
  pull: async (registry, names, { io }) => {
    const [name, stage] = names.length === 1 ? names : named(names, 2);
    const pulled = await refusedAsUsage(() => pullModel(mlflowOf(io.env), registry, { name: name!, stage }));
    return `Copied from MLflow: ${pulled.join(', ')}. Put it into use with weir models use ${name}.`;
  },
  rollback: async (registry) => {
    const choice = rolledBack(readModelsInUse(registry.folder));
    writeModelsInUse(registry.folder, choice);
    return `In use again from the next start on: ${choice.use.join(', ') || 'none'}.`;
  },
};

async function refusedAsUsage<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ModelError) throw new UsageError(error.message);
    throw error;
  }
}

/** The names, when there are as many as wanted. */
function named(names: readonly string[], wanted: number): readonly string[] {
  if (names.length === wanted) return names;
  throw new UsageError(`${names.length} names were given where ${wanted} are needed. See weir help models.`);
}

/** Full ids of models that can be loaded together. Rejects with a UsageError that says what is wrong with which. */
async function loadable(registry: Registry, names: readonly string[]): Promise<string[]> {
  if (names.length === 0 || (names.length === 1 && names[0] === 'none')) return [];
  return (await loadModels(registry, names)).map(({ id }) => id);
}

function listed(registry: Registry): string {
  const { use, shadow = [] } = readModelsInUse(registry.folder);
  const rows = registry.ids().map((id) => {
    const state = use.includes(id) ? 'in use' : shadow.includes(id) ? 'shadow' : '';
    try {
      const { kind, list, calibration } = registry.manifest(id);
      return [id, kind, list, calibration.rows.toLocaleString('en-US'), state];
    } catch (error) {
      return [id, '', '', '', (error as Error).message];
    }
  });
  if (rows.length === 0) return `There is no model in ${registry.folder}. Train one: weir train --from capture.pcap.`;
  const columns = ['Model', 'Kind', 'Features', 'Benign rows', 'State'];
  return formatTable(
    columns.map((title, k) => ({ title, align: k === 3 ? 'right' : 'left' })),
    rows,
  );
}

function shown(registry: Registry, id: string): string {
  const { calibration, features, ...manifest } = registry.manifest(id) as ReturnType<Registry['manifest']> &
    Record<string, unknown>;
  const facts = { ...manifest, features: features.length, benignRows: calibration.rows };
  const { featureGroups: _, benignMedians: __, ...told } = facts as Record<string, unknown>;
  return JSON.stringify(told, undefined, 2);
}
