import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FEATURE_LISTS, type FeatureListName, featuresSha256, type ModelManifest } from '@weir/contracts';

/** Just enough of protocol buffers to write a graph by hand: [field, value] pairs. */
type Message = readonly (readonly [number, number | string | Uint8Array])[];

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) + 128);
  }
}

/** A message as bytes. */
export function message(fields: Message): Uint8Array {
  const bytes = fields.flatMap(([field, value]) => {
    if (typeof value === 'number') return [...varint(field * 8), ...varint(value)];
    const content = typeof value === 'string' ? Buffer.from(value) : value;
    return [...varint(field * 8 + 2), ...varint(content.length), ...content];
  });
  return Uint8Array.from(bytes);
}

const FLOAT = 1;

/** A float32 tensor with a name; `extra` adds fields. */
export function tensor(
  name: string,
  sizes: readonly number[],
  values: readonly number[],
  extra: Message = [],
): Uint8Array {
  const data = new Uint8Array(Float32Array.from(values).buffer);
  return message([...sizes.map((size) => [1, size] as const), [2, FLOAT], [8, name], [9, data], ...extra]);
}

function node(operator: string, inputs: readonly string[], output: string): Uint8Array {
  return message([...inputs.map((name) => [1, name] as const), [2, output], [4, operator]]);
}

function valueInfo(name: string, columns: number): Uint8Array {
  const rows = message([[2, 'rows']]);
  const shape = message([
    [1, rows],
    [1, message([[1, columns]])],
  ]);
  return message([
    [1, name],
    [
      2,
      message([
        [
          1,
          message([
            [1, FLOAT],
            [2, shape],
          ]),
        ],
      ]),
    ],
  ]);
}

/** What a tiny model is made of. */
export interface TinyGraph {
  readonly weights: readonly number[];
  readonly operator?: string;
  readonly initializers?: readonly Uint8Array[];
}

/** A graph whose score is the weighted sum of the features; unknown ones count as 0. */
export function tinyGraph({ weights, operator = 'MatMul', initializers = [] }: TinyGraph): Uint8Array {
  const graph = message([
    [1, node('IsNaN', ['features'], 'unknown')],
    [1, node('Where', ['unknown', 'zero', 'features'], 'known')],
    [1, node(operator, ['known', 'weights'], 'score')],
    [2, 'tiny'],
    [5, tensor('zero', [1], [0])],
    [5, tensor('weights', [weights.length, 1], weights)],
    ...initializers.map((initializer) => [5, initializer] as const),
    [11, valueInfo('features', weights.length)],
    [12, valueInfo('score', 1)],
  ]);
  return message([
    [1, 8],
    [7, graph],
    [
      8,
      message([
        [1, ''],
        [2, 17],
      ]),
    ],
  ]);
}

/** The manifest of a tiny model on a list; scores from 0 to 1 are equally common among its benign rows. */
export function tinyManifest(id: string, list: FeatureListName, graph?: Uint8Array): ModelManifest {
  const features = FEATURE_LISTS[list].map(({ name, unit }) => ({ name, unit }));
  return {
    version: 1,
    id,
    kind: 'cluster',
    list,
    features,
    featuresSha256: featuresSha256(features),
    input: 'features',
    output: 'score',
    scores: 'higher-is-stranger',
    calibration: {
      rows: 1000,
      quantiles: [
        [0, 0],
        [0.999, 1],
      ],
      tail: { threshold: 1, shape: 0, scale: 0.5, share: 0.001 },
    },
    benignMedians: features.map(() => 0),
    ...(graph ? { digest: { modelSha256: createHash('sha256').update(graph).digest('hex') } } : {}),
  };
}

/** A registry in a new folder. */
export class TinyRegistry {
  readonly folder = mkdtempSync(join(tmpdir(), 'weir-models-'));

  /** Adds a model; its manifest is a tiny one with `change`. */
  add(id: string, graph: Uint8Array | undefined, change: Partial<ModelManifest> = {}): this {
    mkdirSync(join(this.folder, id), { recursive: true });
    const manifest = { ...tinyManifest(id, change.list ?? 'flow', graph), ...change };
    writeFileSync(join(this.folder, id, 'manifest.json'), JSON.stringify(manifest));
    if (graph) writeFileSync(join(this.folder, id, 'model.onnx'), graph);
    return this;
  }
}

/** Weights that are 0 but for the named features of a list. */
export function weightsOf(list: FeatureListName, said: Readonly<Record<string, number>>): number[] {
  return FEATURE_LISTS[list].map(({ name }) => said[name] ?? 0);
}
