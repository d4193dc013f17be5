import { type Static, Type } from '@sinclair/typebox';
import { INCIDENT_KINDS } from '../incident.js';
import { SensorHealth } from '../sensor-health.js';
import { IncidentItem } from './incidents.js';
import { Count, OneOf, TimeMs } from './shapes.js';

const strict = { additionalProperties: false } as const;
const SensorName = Type.String({ pattern: '^[a-z0-9-]{1,32}$', description: 'Name of the sensor' });

/** A sensor as the page Control shows it. */
export const Sensor = Type.Object(
  {
    name: SensorName,
    health: SensorHealth,
    state: OneOf(
      ['running', 'stopped', 'ended', 'silent'],
      'ended: its input is at its end; silent: not heard for a while',
    ),
    heardAtMs: TimeMs('When it was last heard, by the clock'),
    lagMs: Type.Optional(Count('Clock less capture time; absent for a replay')),
    packetsPerSecond: Count('Over the last messages'),
    droppedShare: Type.Number({ minimum: 0, maximum: 1, description: 'Dropped, of captured and dropped' }),
    source: Type.Optional(Type.String({ description: 'Interface or file, where known' })),
    interfaces: Type.Array(
      Type.Object({ name: Type.String(), isUp: Type.Boolean(), addresses: Type.Array(Type.String()) }),
      { description: 'What it could capture from; empty where unknown' },
    ),
    filter: Type.Optional(Type.String({ description: 'Capture filter in force, where known; empty: everything' })),
  },
  { description: 'A sensor' },
);
export type Sensor = Static<typeof Sensor>;
export const SensorList = Type.Object({ items: Type.Array(Sensor) }, { description: 'All sensors' });
export type SensorList = Static<typeof SensorList>;

/** POST controls: something an operator asks for. 409 with the reason where this mode cannot. */
export const ControlBody = Type.Union(
  [
    Type.Object({ kind: Type.Literal('capture-start'), sensor: SensorName }, strict),
    Type.Object({ kind: Type.Literal('capture-stop'), sensor: SensorName }, strict),
    Type.Object(
      {
        kind: Type.Literal('capture-source'),
        sensor: SensorName,
        interface: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        filter: Type.Optional(Type.String({ maxLength: 1024, description: 'BPF; empty: everything' })),
      },
      strict,
    ),
    Type.Object(
      {
        kind: Type.Literal('thresholds'),
        settings: Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), {
          description: 'Part of the detection settings',
        }),
      },
      strict,
    ),
    Type.Object(
      {
        kind: Type.Literal('model'),
        name: Type.String({ minLength: 1, maxLength: 128, description: 'A model of the registry, or none' }),
      },
      strict,
    ),
  ],
  { description: 'What an operator asks for' },
);
export type ControlBody = Static<typeof ControlBody>;

/** Answer of POST controls. */
export const ControlAnswer = Type.Object(
  {
    done: Type.Boolean({ description: 'false: handed on, it takes effect when the sensor or function reads it' }),
    message: Type.String({ description: 'One sentence' }),
  },
  { description: 'What became of a control' },
);
export type ControlAnswer = Static<typeof ControlAnswer>;

/** GET controls: those given through this server, newest first, at most 200. */
export const ControlLog = Type.Object(
  {
    items: Type.Array(
      Type.Object({ atMs: TimeMs('By the clock'), by: Type.String(), control: ControlBody, answer: ControlAnswer }),
    ),
  },
  { description: 'Controls given' },
);
export type ControlLog = Static<typeof ControlLog>;

/** One detection setting, for the page Control. */
export const Setting = Type.Object(
  {
    path: Type.String({ description: 'Such as host.portScan.failedShare' }),
    value: Type.Union([Type.Number(), Type.String(), Type.Boolean()]),
    default: Type.Union([Type.Number(), Type.String(), Type.Boolean()]),
    minimum: Type.Optional(Type.Number()),
    maximum: Type.Optional(Type.Number()),
    unit: Type.String(),
    description: Type.String(),
    fixed: Type.Optional(Type.String({ description: 'Why it cannot change while Weir runs; absent: it can' })),
  },
  { description: 'One detection setting' },
);
export type Setting = Static<typeof Setting>;
/** GET settings. */
export const SettingList = Type.Object({ items: Type.Array(Setting) }, { description: 'Detection settings in force' });
export type SettingList = Static<typeof SettingList>;

/**
 * POST thresholds/preview: which incidents of the last `hours` would be left if thresholds of a kind were `factor` times as
 * high, or if only so many a day were wanted, from their magnitudes; or with other settings, from their evidence. Lower
 * thresholds cannot be previewed: what was not found was not kept.
 */
export const ThresholdPreviewBody = Type.Union(
  [
    Type.Object(
      {
        kind: Type.Literal('factor'),
        incidentKind: Type.Optional(OneOf(INCIDENT_KINDS, 'Default: all kinds')),
        factor: Type.Number({ minimum: 1, maximum: 1000, description: 'Thresholds times this' }),
        hours: Type.Integer({ minimum: 1, maximum: 720 }),
      },
      strict,
    ),
    Type.Object(
      {
        kind: Type.Literal('budget'),
        perDay: Type.Number({ minimum: 0, maximum: 100_000, description: 'Incidents a day that the operator accepts' }),
        hours: Type.Integer({ minimum: 1, maximum: 720 }),
      },
      strict,
    ),
    Type.Object(
      {
        kind: Type.Literal('settings'),
        settings: Type.Record(Type.String({ maxLength: 128 }), Type.Number(), {
          maxProperties: 200,
          description: 'New values by path, such as host.portScan.ports.in10s',
        }),
        hours: Type.Integer({ minimum: 1, maximum: 720 }),
      },
      strict,
    ),
  ],
  { description: 'A question about thresholds' },
);
export type ThresholdPreviewBody = Static<typeof ThresholdPreviewBody>;

/** Answer of POST thresholds/preview. */
export const ThresholdPreview = Type.Object(
  {
    before: Count('Incidents in the stretch'),
    after: Count('Of which would be left'),
    factor: Type.Number({
      description: 'Thresholds times this; for a budget: the least that keeps it; for settings 1',
    }),
    untold: Type.Array(Type.String(), { description: 'Paths of settings whose effect history cannot tell' }),
    fromMs: TimeMs('Start of the stretch'),
    toMs: TimeMs('End of the stretch'),
    lost: Type.Array(IncidentItem, { description: 'Those that would be gone, most severe first, at most 20' }),
  },
  { description: 'What would have been left' },
);
export type ThresholdPreview = Static<typeof ThresholdPreview>;

/** A model of the registry. */
export const Model = Type.Object(
  {
    name: Type.String({ description: 'In the registry' }),
    kind: Type.String({ description: 'Such as isolation-forest or fusion' }),
    list: Type.String({ description: 'Features that it scores; one model scores each list' }),
    isActive: Type.Boolean({ description: 'It scores now' }),
    doing: Type.Optional(Type.String({ description: 'What it did so far, in a sentence; only when active' })),
    trainedOn: Type.String({ description: 'Which data' }),
    metrics: Type.Record(Type.String(), Type.Number()),
    features: Count('How many'),
    refusal: Type.Optional(Type.String({ description: 'Why it cannot be used' })),
  },
  { description: 'A model' },
);
export type Model = Static<typeof Model>;
/** GET models. `reason` says why there are none. */
export const ModelList = Type.Object(
  { items: Type.Array(Model), reason: Type.Optional(Type.String()) },
  { description: 'Models that can score' },
);
export type ModelList = Static<typeof ModelList>;

/** GET health: the page System. */
export const SystemHealth = Type.Object(
  {
    version: Type.String(),
    nodeVersion: Type.String(),
    startedAtMs: TimeMs('By the clock'),
    memoryBytes: Count('Resident memory of this process'),
    heapBytes: Count('Of which JavaScript'),
    eventLoopDelayMs: Count('99th percentile since the last question'),
    store: Type.Object({
      path: Type.String({ description: 'File, or "memory"' }),
      bytes: Count('Size of the database'),
      oldestMs: Type.Optional(TimeMs('Oldest row')),
      rows: Type.Record(Type.String(), Type.Number(), { description: 'By table' }),
      writeLagMs: Count('How long the newest rows waited to be written'),
      retentionDays: Count('Rows older than this are removed'),
      retentionBytes: Count('Oldest rows are removed beyond this'),
    }),
    stages: Type.Array(
      Type.Object({
        name: Type.String({ description: 'Such as capture, flow, host, incident, history, live' }),
        perSecond: Count('Over the last 10 s by the clock'),
        unit: Type.String({ description: 'What is counted' }),
        total: Count('Since the start'),
        dropped: Count('Lost, thinned or refused'),
        lag: Type.Optional(Count('Messages behind (Kafka)')),
      }),
    ),
    live: Type.Object({
      clients: Count('WebSockets open'),
      thinned: Count('Messages left out for slow clients'),
      resynced: Count('Times a client was so slow that it got a new snapshot'),
      refused: Count('Clients turned away'),
    }),
    blindSpots: Type.Array(
      Type.Object({ what: Type.String({ description: 'One sentence' }), since: Type.Optional(TimeMs('')) }),
      { description: 'What Weir cannot see right now' },
    ),
  },
  { description: 'How the system is' },
);
export type SystemHealth = Static<typeof SystemHealth>;
