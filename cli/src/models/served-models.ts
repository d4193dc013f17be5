import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEFAULT_ALARM_SETTINGS,
  ModelError,
  Registry,
  type Selection,
  type ServedModels,
  Shelf,
} from '@weir/functions';
import { UsageError } from '../errors.js';
import type { Io } from '../io.js';
import type { OptionTable, OptionValues } from '../options/declaration.js';
import { mlflowOf, pullModel } from './mlflow.js';
import { fullId, REGISTRY_OPTION, registryOf } from './model-options.js';

// Without defaults, as an option that is not given leaves the word to the environment.
export const SERVED_MODEL_OPTIONS = {
  model: { type: 'text', value: 'ID', description: 'Score with these models as well, separated by commas; none: until one is chosen; default: no scoring; WEIR_MODEL' },
  'alarms-per-day': { type: 'number', value: 'N', unit: 'alarms', minimum: 0.001, maximum: 1e6, description: 'Models: alarms a day that you accept; default 5; WEIR_ALARMS_PER_DAY' },
  threshold: { type: 'number', value: 'X', minimum: 0, maximum: 1, description: 'Models: alarm from this score on, instead of a budget; WEIR_THRESHOLD' },
  'keep-learned': { type: 'flag', description: 'Models: what they learned outlives the end of all sensors; WEIR_KEEP_LEARNED' },
  'model-stage': { type: 'text', value: 'STAGE', description: 'Models: fetch them at the start from the MLflow server of MLFLOW_TRACKING_URI, in this stage or with this alias; WEIR_MODEL_STAGE' },
  ...REGISTRY_OPTION,
} as const satisfies OptionTable; // biome-ignore format: one option a line

type Values = OptionValues<typeof SERVED_MODEL_OPTIONS>;

/** The models that functions are to be served with; undefined for no scoring. Rejects with a UsageError. */
export async function servedModelsOf(options: Values, env: Io['env']): Promise<ServedModels | undefined> {
  const names = (options.model ?? env.WEIR_MODEL)?.trim();
  if (!names) return undefined;
  const ids = names === 'none' ? [] : names.split(',').map((name) => name.trim());
  const registry = await registryWith(ids, options, env);
  const shelf = new Shelf(registry);
  return {
    selections: opened(
      shelf,
      ids.map((id) => fullId(registry, id)),
    ),
    alarms: {
      alarmsPerDay:
        options['alarms-per-day'] ??
        numberIn(env, 'WEIR_ALARMS_PER_DAY', SERVED_MODEL_OPTIONS['alarms-per-day']) ??
        DEFAULT_ALARM_SETTINGS.alarmsPerDay,
      scoreThreshold: options.threshold ?? numberIn(env, 'WEIR_THRESHOLD', SERVED_MODEL_OPTIONS.threshold),
    },
    keepsLearned: options['keep-learned'] || flagIn(env, 'WEIR_KEEP_LEARNED'),
    shelf,
  };
}

/** Where the models lie: in the registry, or in a new folder with what MLflow has of them. */
async function registryWith(ids: readonly string[], options: Values, env: Io['env']): Promise<Registry> {
  const stage = options['model-stage'] ?? env.WEIR_MODEL_STAGE;
  if (!stage) return registryOf({ registry: options.registry ?? (env.WEIR_REGISTRY || undefined) });
  const registry = new Registry(mkdtempSync(join(tmpdir(), 'weir-models-')));
  for (const name of ids) await refusedAsUsage(() => pullModel(mlflowOf(env), registry, { name, stage }));
  return registry;
}

function opened(shelf: Shelf, ids: readonly string[]): Selection[] {
  try {
    const selections = ids.map((id) => shelf.open(id));
    for (const [k, { id, list }] of selections.entries()) {
      const other = selections.slice(0, k).find((before) => before.list === list);
      if (other) throw new ModelError(id, `"${other.id}" already scores ${list}. Choose one of them.`);
    }
    return selections;
  } catch (error) {
    throw asUsage(error);
  }
}

async function refusedAsUsage<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw asUsage(error);
  }
}

function asUsage(error: unknown): unknown {
  return error instanceof ModelError ? new UsageError(error.message) : error;
}

/** A number in the bounds of the option that it stands for; undefined where the variable is not set. */
function numberIn(
  env: Io['env'],
  name: string,
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
): number | undefined {
  const text = env[name]?.trim();
  if (!text) return undefined;
  const value = Number(text);
  if (value >= minimum && value <= maximum) return value;
  throw new UsageError(`${name} is "${text}". Expected a number from ${minimum} to ${maximum}.`);
}

function flagIn(env: Io['env'], name: string): boolean {
  const text = env[name]?.trim() || 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw new UsageError(`${name} is "${text}". Expected true or false.`);
}
