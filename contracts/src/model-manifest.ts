import { type Static, Type } from '@sinclair/typebox';
import { FEATURE_LIST_NAMES } from './feature-lists.js';

/** Kinds of model. `fusion` has no graph of its own: it joins the tail probabilities of others. */
export const MODEL_KINDS = [
  'isolation-forest',
  'autoencoder',
  'boosting',
  'guarded-boosting',
  'cluster',
  'contrast',
  'sequence',
  'fusion',
] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

/** What a model may be called: the name of its folder in the registry. */
export const MODEL_ID = /^[a-z0-9][a-z0-9.-]{0,63}$/;

const sha256 = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description });
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });

const Tail = Type.Object(
  {
    threshold: Type.Number({ description: 'Score from which the fitted tail holds' }),
    shape: Type.Number({ minimum: -1, maximum: 1, description: 'Of the generalised Pareto distribution' }),
    scale: Type.Number({ exclusiveMinimum: 0, description: 'Of the same' }),
    share: share('Benign rows above the threshold'),
  },
  { description: 'Fitted tail: P(S > s) = share (1 + shape (s − threshold) / scale)^(−1/shape)' },
);

const Cells = Type.Object(
  {
    observedDays: Type.Number({ exclusiveMinimum: 0, description: 'Time that they span' }),
    strangest: Type.Array(Type.Number(), {
      maxItems: 1024,
      description: '−log10 of the tail probability of the strangest row of each, largest first',
    }),
  },
  { description: 'Benign (source, ten minutes) that models had not seen: what an alarm budget is spent on' },
);

/** How rare a score is among benign rows. */
export const Calibration = Type.Object(
  {
    rows: Type.Integer({ minimum: 1, description: 'Benign rows it was made from' }),
    quantiles: Type.Array(Type.Tuple([share('Quantile'), Type.Number({ description: 'Score' })]), {
      minItems: 2,
      maxItems: 4096,
      description: 'Scores of benign rows by quantile, ascending',
    }),
    tail: Type.Optional(Tail),
    cells: Type.Optional(Cells),
  },
  { $id: 'Calibration', description: 'How rare a score is among benign rows' },
);
export type Calibration = Static<typeof Calibration>;

/** What `manifest.json` beside a model says. What it holds besides (data, versions, seeds, metrics) is for people. */
export const ModelManifest = Type.Object(
  {
    version: Type.Literal(1),
    id: Type.String({ pattern: MODEL_ID.source, description: 'Name of its folder' }),
    kind: Type.Union(
      MODEL_KINDS.map((kind) => Type.Literal(kind)),
      { description: 'Kind of model' },
    ),
    list: Type.Union(
      FEATURE_LIST_NAMES.map((name) => Type.Literal(name)),
      { description: 'Feature list' },
    ),
    features: Type.Array(Type.Object({ name: Type.String(), unit: Type.String() }), { maxItems: 256 }),
    featuresSha256: sha256('Of the compact JSON of [name, unit] of each feature'),
    input: Type.Optional(Type.String({ description: 'Name of the input, float32 [rows, features]' })),
    output: Type.Optional(Type.String({ description: 'Name of the output, float32 [rows]: higher is stranger' })),
    scores: Type.Literal('higher-is-stranger'),
    members: Type.Optional(
      Type.Array(Type.String({ pattern: MODEL_ID.source }), {
        minItems: 1,
        maxItems: 8,
        description: 'Fusion: the models that it joins',
      }),
    ),
    combine: Type.Optional(
      Type.Union([Type.Literal('mean'), Type.Literal('max'), Type.Literal('fisher')], {
        description: 'Fusion: mean, least or geometric mean of the tail probabilities',
      }),
    ),
    calibration: Calibration,
    benignMedians: Type.Optional(
      Type.Array(Type.Number(), { maxItems: 256, description: 'Of each feature, for explanations' }),
    ),
    featureGroups: Type.Optional(
      Type.Array(Type.Object({ name: Type.String(), features: Type.Array(Type.String()) }), {
        maxItems: 64,
        description: 'Features that are explained together, as they say much the same',
      }),
    ),
    digest: Type.Optional(Type.Object({ modelSha256: sha256('Of model.onnx') })),
    metrics: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { $id: 'ModelManifest', description: 'What a trained model is, and how to use it' },
);
export type ModelManifest = Omit<Static<typeof ModelManifest>, 'kind' | 'list'> & {
  kind: ModelKind;
  list: (typeof FEATURE_LIST_NAMES)[number];
};
