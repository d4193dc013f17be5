import { FEATURE_LISTS, type FeatureListName } from '@weir/contracts';
import { decodeScoreState, driftOf, ModelError, type Registry } from '@weir/functions';
import { type Call, defineCommand } from '../command.js';
import { handOver } from '../commands/control.js';
import { ExitCode, UsageError } from '../errors.js';
import { type Connect, connectKafka, KAFKA_OPTIONS } from '../kafka-options.js';
import { LOG_OPTIONS } from '../log/options.js';
import type { OptionTable } from '../options/declaration.js';
import { formatTable } from '../report/table.js';
import { compareModels } from './compare.js';
import { readModelsInUse, rolledBack, withUse, writeModelsInUse } from './in-use.js';
import { LearnedFolder } from './learned-folder.js';
import { mlflowOf, pullModel } from './mlflow.js';
import { fullId, loadModels, MODEL_OPTIONS, registryOf } from './model-options.js';
import { REPLAY_OPTIONS } from './replay.js';

const MODELS_OPTIONS = {
  'alarms-per-day': MODEL_OPTIONS['alarms-per-day'],
  threshold: MODEL_OPTIONS.threshold,
  registry: MODEL_OPTIONS.registry,
  learned: { ...MODEL_OPTIONS.learned, description: 'show: with what the model learned of this network, as kept in this folder' },
  ...REPLAY_OPTIONS,
  kafka: { ...KAFKA_OPTIONS.kafka, description: 'use, shadow, rollback: tell the functions of a cluster as well, through these brokers' },
  ...LOG_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

type ModelsCall = Call<typeof MODELS_OPTIONS>;

const MOST_OPERANDS = 16;

/** `weir models` with its way to Kafka. */
export const modelsCommand = (connect: Connect) =>
  defineCommand({
    name: 'models',
    usage: 'list|show ID|use ID...|shadow [ID...]|compare ID ID FILE|rollback|pull NAME [STAGE]',
    maxOperands: MOST_OPERANDS,
    description:
      'A registry holds a folder for each model. use loads the models first, at most one for each feature list, and refuses ' +
      'what cannot be used, so that the ones before go on; use none scores with none. shadow lets models score beside them ' +
      'without a word but for the comparison. compare replays a file with each of two models and lists where they disagree. ' +
      'rollback takes the last choice back. With --kafka, use, shadow and rollback also reach the functions of a cluster, which refuse what ' +
      'their own registry does not hold (topic dead_letters). pull copies a model from the MLflow server of MLFLOW_TRACKING_URI into the registry: ' +
      'the newest version, or that in a stage or with an alias.',
    options: MODELS_OPTIONS,
    examples: [
      { line: 'weir models list', meaning: 'What there is, and what is in use.' },
      { line: 'weir models use flow-fusion', meaning: 'From the next start on.' },
      { line: 'weir models use flow-fusion --kafka localhost:9092', meaning: 'In a running cluster, at once.' },
      { line: 'weir models compare flow-fusion my-network capture.pcap', meaning: 'Where two models disagree.' },
    ],
    run: (call: ModelsCall) => runModels(call, connect),
  });

export const models = modelsCommand(connectKafka);

async function runModels(call: ModelsCall, connect: Connect): Promise<number> {
  const [verb = 'list', ...names] = call.operands;
  const action = ACTIONS[verb];
  if (!action) throw new UsageError(`weir models cannot "${verb}". It can ${Object.keys(ACTIONS).join(', ')}.`);
  const registry = registryOf(call.options);
  call.io.stdout.write(`${await action(registry, names, { ...call, connect })}\n`);
  return ExitCode.ok;
}

type Connected = ModelsCall & { readonly connect: Connect };
type Action = (registry: Registry, names: readonly string[], call: Connected) => Promise<string>;

const ACTIONS: Readonly<Record<string, Action>> = {
  list: async (registry) => listed(registry),
  show: async (registry, names, { options }) => shown(registry, fullId(registry, named(names, 1)[0]!), options.learned),
  use: async (registry, names, call) => {
    if (names.length === 0)
      throw new UsageError('no model is named. Name those to use, or none: weir models use none.');
    const ids = await loadable(registry, names);
    await tellCluster('model', ids, call);
    writeModelsInUse(registry.folder, withUse(readModelsInUse(registry.folder), ids));
    return `In use from the next start on${inCluster(call)}: ${ids.join(', ') || 'none'}.`;
  },
  shadow: async (registry, names, call) => {
    const ids = await loadable(registry, names);
    await tellCluster('model-shadow', ids, call);
    writeModelsInUse(registry.folder, { ...readModelsInUse(registry.folder), shadow: ids });
    return `Scoring beside those in use, from the next start on${inCluster(call)}: ${ids.join(', ') || 'none'}.`;
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
  rollback: async (registry, _names, call) => {
    const choice = rolledBack(readModelsInUse(registry.folder));
    await tellCluster('model', choice.use, call);
    writeModelsInUse(registry.folder, choice);
    return `In use again from the next start on${inCluster(call)}: ${choice.use.join(', ') || 'none'}.`;
  },
};

/** Hands the choice to the functions of the cluster whose brokers are named. Rejects with a UsageError. */
async function tellCluster(kind: 'model' | 'model-shadow', ids: readonly string[], call: Connected): Promise<void> {
  if (call.options.kafka === undefined) return;
  await handOver({ kind, name: ids.join(',') || 'none' }, call, call.connect);
}

function inCluster({ options }: Connected): string {
  return options.kafka === undefined ? '' : ', and in the cluster as soon as it is read';
}

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

function shown(registry: Registry, id: string, folder: string | undefined): string {
  const { calibration, features, ...manifest } = registry.manifest(id) as ReturnType<Registry['manifest']> &
    Record<string, unknown>;
  const facts = { ...manifest, features: features.length, benignRows: calibration.rows };
  const { featureGroups: _, benignMedians: __, ...told } = facts as Record<string, unknown>;
  const learned = folder === undefined ? {} : { learned: learnedOf(new LearnedFolder(folder), id, manifest.list) };
  return JSON.stringify({ ...told, ...learned }, undefined, 2);
}

/** What a model learned, and the features that have moved most since, with their PSI; `nothing` where nothing is kept. */
function learnedOf(folder: LearnedFolder, id: string, list: FeatureListName) {
  const bytes = folder.read(id);
  if (!bytes) return 'nothing';
  const { cleanRows, learned, drift } = decodeScoreState(bytes).state;
  const moved = driftOf(drift)?.features.map(({ feature, psi }) => [FEATURE_LISTS[list][feature]!.name, psi] as const);
  return { cleanRows, isLearning: learned === undefined, drift: moved ? Object.fromEntries(moved) : 'not known yet' };
}
