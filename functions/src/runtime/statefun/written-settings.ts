import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type DetectionConfig, parseDetectionConfig } from '../../config.js';
import { type AlarmSettings, ModelError } from '../../score/index.js';
import type { ServedModels } from './score-binding.js';
import type { ServeOptions } from './serve.js';
import { parseStatefunSettings } from './settings.js';

/** Rules of a user may be long; bytes that say to become more are none. */
const MOST_TEXT_BYTES = 16 * 2 ** 20;

/** Everything that decides what a state becomes. */
interface Written {
  readonly config: object;
  /** Of the lists, which would make each state longer than it is. */
  readonly listsDigest: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly models?: WrittenModels | undefined;
}

interface WrittenModels {
  readonly ids: readonly string[];
  readonly alarms: AlarmSettings;
  readonly keepsLearned: boolean;
}

/** What the functions are set with, as bytes: equal where states come about equally. */
export function writeSettings({ config, settings, models }: ServeOptions): Uint8Array {
  const { hostPartitions, incidentPartitions, sensors, records, windows, silenceTimeoutS } = settings;
  const written: Written = {
    config: withLists(config, []),
    listsDigest: createHash('sha256').update(JSON.stringify(config.host.lists)).digest('hex'),
    settings: { hostPartitions, incidentPartitions, sensors, records, windows, silenceTimeoutS },
    models: models && writtenModels(models),
  };
  return deflateRawSync(JSON.stringify(written));
}

function writtenModels({ selections, alarms, keepsLearned }: ServedModels): WrittenModels {
  return { ids: selections.map(({ id }) => id), alarms, keepsLearned };
}

function withLists(config: DetectionConfig, lists: DetectionConfig['host']['lists']): DetectionConfig {
  return { ...config, host: { ...config.host, lists } };
}

/**
 * What writeSettings wrote, with the surroundings and lists of `now`. A model that is no longer to be had is left out. Throws a
 * ConfigError or what inflating and parsing throw, for other bytes.
 */
export function readSettings(bytes: Uint8Array, now: ServeOptions): ServeOptions {
  const text = inflateRawSync(bytes, { maxOutputLength: MOST_TEXT_BYTES }).toString();
  const { config, settings, models } = JSON.parse(text) as Written;
  return {
    ...now,
    config: withLists(parseDetectionConfig(config), now.config.host.lists),
    settings: parseStatefunSettings(settings),
    models: models && modelsOf(models, now.models),
  };
}

function modelsOf({ ids, ...rest }: WrittenModels, now: ServedModels | undefined): ServedModels {
  const shelf = now?.shelf ?? EMPTY_SHELF;
  const selections = ids.flatMap((id) => {
    try {
      return [shelf.open(id)];
    } catch (error) {
      if (error instanceof ModelError) return [];
      throw error;
    }
  });
  return { ...rest, selections, shelf };
}

const EMPTY_SHELF: ServedModels['shelf'] = {
  open: refuseModel,
  get: refuseModel,
};

function refuseModel(id: string): never {
  throw new ModelError(id, 'the functions run without models.');
}
