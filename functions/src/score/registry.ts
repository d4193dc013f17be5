import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURE_LISTS, featuresSha256, MODEL_ID, type ModelManifest, parseModelManifest } from '@weir/contracts';
import { type Model, openModel } from './model.js';
import { ModelError } from './model-error.js';
import { hostilityOf, MOST_MODEL_BYTES } from './model-guard.js';

const MOST_MANIFEST_BYTES = 4 * 1024 * 1024;
/** Differing names told in one refusal. */
const NAMES_TOLD = 5;

/** A folder of models: `<id>/manifest.json` and, but for fusions, `<id>/model.onnx`. */
export class Registry {
  constructor(readonly folder: string) {}

  /** Ids of all folders that hold a manifest, in order. */
  ids(): string[] {
    if (!existsSync(this.folder)) return [];
    const isModel = (name: string) => MODEL_ID.test(name) && existsSync(join(this.folder, name, 'manifest.json'));
    return readdirSync(this.folder).filter(isModel).sort();
  }

  /** The manifest of a model, checked against the features of this version. Throws a ModelError. */
  manifest(id: string): ModelManifest {
    if (!MODEL_ID.test(id))
      throw new ModelError(id, 'that is no name of a model. Use lower-case letters, digits, - and .');
    const text = this.read(id, 'manifest.json', MOST_MANIFEST_BYTES).toString('utf8');
    const manifest = parsed(id, text);
    if (manifest.id !== id) throw new ModelError(id, `its manifest is that of "${manifest.id}".`);
    checkFeatures(manifest);
    checkShape(manifest);
    return manifest;
  }

  /** Loads a model with a graph. Rejects with a ModelError. */
  async load(id: string): Promise<Model> {
    return this.open(id);
  }

  /** Loads a model with a graph, at once. Throws a ModelError. */
  open(id: string): Model {
    const manifest = this.manifest(id);
    if (manifest.kind === 'fusion')
      throw new ModelError(id, 'it is a fusion, and joins others rather than scoring itself.');
    const bytes = this.read(id, 'model.onnx', MOST_MODEL_BYTES);
    const { digest } = manifest;
    if (digest && createHash('sha256').update(bytes).digest('hex') !== digest.modelSha256)
      throw new ModelError(id, 'model.onnx is not the file that its manifest was written for. Copy both again.');
    const hostility = hostilityOf(bytes);
    if (hostility !== undefined) throw new ModelError(id, hostility);
    return openModel(manifest, bytes);
  }

  private read(id: string, name: string, mostBytes: number): Buffer {
    const path = join(this.folder, id, name);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) throw new ModelError(id, `${path} is missing. Known: ${this.ids().join(', ') || 'none'}.`);
    if (size > mostBytes) throw new ModelError(id, `${path} has ${size} bytes. At most ${mostBytes} are read.`);
    return readFileSync(path);
  }
}

function parsed(id: string, text: string): ModelManifest {
  try {
    return parseModelManifest(text);
  } catch (error) {
    throw new ModelError(id, `its manifest is ${(error as Error).message}`);
  }
}

/** The features must be those of this version, name by name and unit by unit. */
function checkFeatures({ id, list, features, featuresSha256: said }: ModelManifest): void {
  const running = FEATURE_LISTS[list];
  const nameAt = (k: number, of: readonly { name: string; unit: string }[]) =>
    of[k] ? `${of[k].name} [${of[k].unit}]` : 'nothing';
  const differing: string[] = [];
  for (let k = 0; k < Math.max(running.length, features.length); k++)
    if (nameAt(k, running) !== nameAt(k, features))
      differing.push(`${nameAt(k, features)} where ${nameAt(k, running)} is computed`);
  if (differing.length > 0) {
    const more = differing.length > NAMES_TOLD ? `, and ${differing.length - NAMES_TOLD} more` : '';
    throw new ModelError(
      id,
      `it was trained on other features: ${differing.slice(0, NAMES_TOLD).join('; ')}${more}. Train it again (weir train).`,
    );
  }
  if (said !== featuresSha256(features)) throw new ModelError(id, 'featuresSha256 is not that of its features.');
}

function checkShape({ id, kind, features, benignMedians, members, calibration }: ModelManifest): void {
  if (benignMedians && benignMedians.length !== features.length)
    throw new ModelError(id, `it has ${benignMedians.length} medians for ${features.length} features.`);
  if (kind === 'fusion' && !members) throw new ModelError(id, 'it is a fusion of nothing. Name its members.');
  const { quantiles } = calibration;
  const isAscending = quantiles.every(
    ([q, s], k) => k === 0 || (q >= quantiles[k - 1]![0] && s >= quantiles[k - 1]![1]),
  );
  if (!isAscending) throw new ModelError(id, 'the quantiles of its calibration do not ascend.');
}
