import { type Static, Type } from '@sinclair/typebox';

const sensor = Type.String({ pattern: '^[a-z0-9-]{1,32}$', description: 'Name of the sensor' });
const suppressionId = Type.String({ minLength: 1, maxLength: 64, description: 'Name of the suppression' });

const CaptureStart = Type.Object(
  { kind: Type.Literal('capture-start'), sensor },
  { description: 'The sensor is to capture' },
);

const CaptureStop = Type.Object(
  { kind: Type.Literal('capture-stop'), sensor },
  { description: 'The sensor is to pause' },
);

const CaptureSource = Type.Object(
  {
    kind: Type.Literal('capture-source'),
    sensor,
    interface: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Network interface' })),
    filter: Type.Optional(Type.String({ maxLength: 1024, description: 'Capture filter; empty: everything' })),
  },
  { description: 'What the sensor is to capture; what is absent stays as it is' },
);

const Thresholds = Type.Object(
  {
    kind: Type.Literal('thresholds'),
    settings: Type.Record(Type.String(), Type.Unknown(), {
      description: 'Part of the detection settings (docs/operations.md); what is absent stays as it is',
    }),
  },
  { description: 'Detection is to use these thresholds from now on' },
);

/** Findings of one kind, about one entity, or both, that are not to be told until a time. */
export const Suppression = Type.Object(
  {
    id: suppressionId,
    incidentKind: Type.Optional(Type.String({ maxLength: 64, description: 'Kind of finding; absent: every kind' })),
    entity: Type.Optional(Type.String({ maxLength: 256, description: 'Entity of the incident; absent: every entity' })),
    reason: Type.String({ minLength: 1, maxLength: 1024, description: 'Why, in words for a colleague' }),
    untilMs: Type.Number({ description: 'Incidents that begin before then. Unix epoch, ms of capture time' }),
  },
  { $id: 'Suppression', description: 'Findings that are not to be told' },
);
export type Suppression = Static<typeof Suppression>;

const Suppress = Type.Object(
  { kind: Type.Literal('suppress'), ...Suppression.properties },
  { description: 'Incidents that fit are counted and not told' },
);

const Unsuppress = Type.Object(
  { kind: Type.Literal('unsuppress'), id: suppressionId },
  { description: 'Takes a suppression back' },
);

const Model = Type.Object(
  {
    kind: Type.Literal('model'),
    name: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'Of the registry; several with commas, at most one for each feature list; none: no model',
    }),
  },
  { description: 'Scoring is to use this model, or these, and no others from now on' },
);

const ModelShadow = Type.Object(
  {
    kind: Type.Literal('model-shadow'),
    name: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'Of the registry; several with commas, at most one for each feature list; none: no model',
    }),
  },
  { description: 'This model, or these, and no others score unheard beside those in use; alarms are compared' },
);

const ModelAlarms = Type.Object(
  {
    kind: Type.Literal('model-alarms'),
    alarmsPerDay: Type.Number({ minimum: 0.001, maximum: 1e6, description: 'Alarms a day that the operator accepts' }),
    scoreThreshold: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'Instead of the budget: alarm from this score on' }),
    ),
  },
  { description: 'Models are to alarm so from now on' },
);

/** What an operator asks of a running Weir: one message of the `controls` topic. */
export const Control = Type.Union(
  [CaptureStart, CaptureStop, CaptureSource, Thresholds, Suppress, Unsuppress, Model, ModelShadow, ModelAlarms],
  { $id: 'Control', description: 'What an operator asks of a running Weir' },
);
export type Control = Static<typeof Control>;

/** Key of a message on the `controls` topic: of messages with one key only the last still holds. */
export function controlKey(control: Control): string {
  switch (control.kind) {
    case 'capture-start':
    case 'capture-stop':
      return `capture/${control.sensor}`;
    case 'capture-source':
      return `capture-source/${control.sensor}`;
    case 'suppress':
    case 'unsuppress':
      return `suppress/${control.id}`;
    case 'thresholds':
    case 'model':
    case 'model-shadow':
    case 'model-alarms':
      return control.kind;
  }
}
