import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FEATURE_LIST_NAMES, FEATURE_LISTS } from '@weir/contracts';
import {
  type AlarmSettings,
  DRIFT_ALARM,
  ModelError,
  Registry,
  type ScoreStatus,
  type ScoringOptions,
  type Selection,
  type ShadowStatus,
  selectModels,
} from '@weir/functions';
import { UsageError } from '../errors.js';
import type { OptionTable, OptionValues } from '../options/declaration.js';
import { counted } from '../report/numbers.js';
import { readModelsInUse } from './in-use.js';
import { LearnedFolder } from './learned-folder.js';

/** The models that come with Weir. The same path from src and from dist. */
const BUNDLED = fileURLToPath(new URL('../../../models/registry', import.meta.url));

export const REGISTRY_OPTION = {
  registry: {
    type: 'text',
    value: 'DIR',
    description: 'Models: folder that they are read from (default: those that come with Weir)',
  },
} as const satisfies OptionTable;

/** Options of every command that scores. */
export const MODEL_OPTIONS = {
  model: { type: 'text', value: 'ID', description: 'Models: score with these as well, separated by commas, such as flow-fusion' },
  'alarms-per-day': {
    type: 'number', value: 'N', unit: 'alarms', default: 5, minimum: 0.001, maximum: 1e6,
    description: 'Models: alarms a day that you accept; an alarm is one source in ten minutes',
  },
  threshold: {
    type: 'number', value: 'X', minimum: 0, maximum: 1,
    description: 'Models: alarm from this score on (1 − share of benign rows as strange), such as 0.9999, instead of a budget',
  },
  learned: {
    type: 'text', value: 'DIR',
    description: 'Models: keep in this folder what they learn of this network, for the next run (default: it is forgotten)',
  },
  ...REGISTRY_OPTION,
} as const satisfies OptionTable; // biome-ignore format: one option a line or two

export type ModelValues = OptionValues<typeof MODEL_OPTIONS>;

/** The registry that is meant. */
export function registryOf({ registry }: OptionValues<typeof REGISTRY_OPTION>): Registry {
  return new Registry(registry ?? BUNDLED);
}

/** A model's id as it is in the registry: `isolation-forest` is `flow-isolation-forest` where only that is known. */
export function fullId({ folder }: Registry, name: string): string {
  const candidates = [name, ...FEATURE_LIST_NAMES.map((list) => `${list}-${name}`)];
  return candidates.find((id) => existsSync(join(folder, id, 'manifest.json'))) ?? name;
}

/** Models named in text, separated by commas, or those in use; `none` for none. Rejects with a UsageError. */
export async function chooseModels(options: Pick<ModelValues, 'model' | 'registry'>): Promise<Selection[]> {
  const registry = registryOf(options);
  const names = options.model?.split(',') ?? readModelsInUse(registry.folder).use;
  if (names.length === 1 && names[0] === 'none') return [];
  return loadModels(registry, names);
}

/** Loads models by name. Rejects with a UsageError that says what is wrong with which. */
export async function loadModels(registry: Registry, names: readonly string[]): Promise<Selection[]> {
  try {
    return await selectModels(
      registry,
      names.map((name) => fullId(registry, name.trim())),
    );
  } catch (error) {
    if (error instanceof ModelError) throw new UsageError(error.message);
    throw error;
  }
}

/** What the options say about scoring; undefined when no model is to score. Rejects with a UsageError. */
export async function scoringOf(options: ModelValues): Promise<ScoringOptions | undefined> {
  const registry = registryOf(options);
  const selections = await chooseModels(options);
  const shadow = await loadModels(registry, readModelsInUse(registry.folder).shadow ?? []);
  if (selections.length + shadow.length === 0) return undefined;
  return { selections, shadow, alarms: alarmsOf(options), learned: learnedOf(options) };
}

/** Where what is learned is kept; undefined where it is not. `failed` as in LearnedFolder. Throws a UsageError. */
export function learnedOf(
  { learned }: Pick<ModelValues, 'learned'>,
  failed?: (error: Error) => void,
): LearnedFolder | undefined {
  return learned === undefined ? undefined : new LearnedFolder(learned, failed);
}

/** The alarm settings that the options ask for. */
export function alarmsOf(options: Pick<ModelValues, 'alarms-per-day' | 'threshold'>): AlarmSettings {
  return { alarmsPerDay: options['alarms-per-day'], scoreThreshold: options.threshold };
}

/** What a model did, in a line or two. */
export function statusText(status: ScoreStatus): string {
  const { model, rows, alarms, isLearning, cleanRows, neededRows, smallestAlarmsPerDay: smallest, threshold } = status;
  const did = `Model ${model}: ${rows.toLocaleString('en-US')} rows scored, ${counted(alarms, 'alarm')}, alarm from one benign row in ${oneIn(threshold)} on.`;
  if (isLearning)
    return `${did} Still learning this network (${cleanRows} of ${neededRows} clean rows): compared with what it was trained on, and a tenfold margin.`;
  return `${did} Learned from this network; what was seen bears out ${perDay(smallest!)} at the least, below that the threshold is extrapolated.${driftText(status)}`;
}

/** In which features this network has moved from what was learned; nothing where it has not. */
function driftText({ drift, list }: ScoreStatus): string {
  const moved = drift?.features.filter(({ psi }) => psi >= DRIFT_ALARM) ?? [];
  if (moved.length === 0) return drift ? ' This network is as it was learned.' : '';
  const names = moved.map(({ feature, psi }) => `${FEATURE_LISTS[list][feature]!.name} (${psi.toFixed(2)})`);
  return ` This network has moved from what was learned (PSI from ${DRIFT_ALARM}): ${names.join(', ')}. Learn it again, or train on it (weir train).`;
}

function oneIn(strangeness: number): string {
  return Number((10 ** strangeness).toPrecision(2)).toLocaleString('en-US');
}

function perDay(alarms: number): string {
  return `${Number(alarms.toPrecision(2)).toLocaleString('en-US')} alarms a day`;
}

/** How models in the shadow did, in a few lines. */
export function shadowText({ both, onlyInUse, onlyShadow, examples }: ShadowStatus): string {
  const lines = examples.map((title) => `  only in the shadow: ${title}`);
  const counts = `${both} alarms of both, ${onlyInUse} only of models in use, ${onlyShadow} only of those in the shadow.`;
  return [`Models in the shadow: ${counts}`, ...lines].join('\n');
}
