import { type Static, Type } from '@sinclair/typebox';
import { Incident, SEVERITIES } from '../incident.js';
import { Count, OneOf, Share, TimeMs } from './shapes.js';

const strict = { additionalProperties: false } as const;
const Status = OneOf(['queued', 'running', 'done', 'failed'], 'How far it is');

/** An uploaded file and what was found in it. GET analyses, and `analysis` on the WebSocket. */
export const Analysis = Type.Object(
  {
    id: Type.String(),
    fileName: Type.String({ description: 'As the client called it; only ever text' }),
    fileBytes: Count('Size as uploaded'),
    status: Status,
    progress: Share('How much of the file has been read'),
    message: Type.String({ description: 'What is wrong when it failed; else what it is doing' }),
    packets: Count('Read so far'),
    incidents: Count('Found so far'),
    startedBy: Type.String(),
    startedAtMs: TimeMs('By the clock'),
    finishedAtMs: Type.Optional(TimeMs('By the clock')),
  },
  { description: 'An analysis of an uploaded file' },
);
export type Analysis = Static<typeof Analysis>;
/** GET analyses, newest first; the server keeps the last 20. */
export const AnalysisList = Type.Object(
  { items: Type.Array(Analysis), maxBytes: Count('Largest upload') },
  { description: 'Analyses' },
);
export type AnalysisList = Static<typeof AnalysisList>;

/** A flow in the scatter plot. */
export const ScatterPoint = Type.Object(
  {
    startMs: TimeMs('First packet'),
    durationMs: Count('First to last packet'),
    bytes: Count('Frame bytes of both sides'),
    packets: Count('Packets of both sides'),
    originator: Type.String(),
    responder: Type.String(),
    responderPort: Type.Integer(),
    protocol: Type.Integer(),
    isAnomalous: Type.Boolean({ description: 'An incident names it, or its originator is accused at the time' }),
  },
  { description: 'A flow in the scatter plot' },
);
export type ScatterPoint = Static<typeof ScatterPoint>;

/** A distribution: `counts[i]` values in [edges[i], edges[i + 1]), log-spaced. */
export const Distribution = Type.Object(
  {
    measure: OneOf(['durationMs', 'bytes', 'packets'], 'Of a flow'),
    unit: Type.String(),
    edges: Type.Array(Type.Number()),
    normal: Type.Array(Type.Number(), { description: 'Flows that are not anomalous' }),
    anomalous: Type.Array(Type.Number()),
  },
  { description: 'A distribution of flows' },
);
export type Distribution = Static<typeof Distribution>;

/** GET analyses/{id}: with the results once it is done. */
export const AnalysisDetail = Type.Object(
  {
    analysis: Analysis,
    result: Type.Optional(
      Type.Object({
        incidents: Type.Array(Incident, { description: 'At most 1000, most severe first' }),
        flows: Count('Flows in the file'),
        scatter: Type.Array(ScatterPoint, { description: 'An even sample of at most 2000; all anomalous ones first' }),
        distributions: Type.Array(Distribution),
        startMs: Type.Optional(TimeMs('First flow')),
        endMs: Type.Optional(TimeMs('Last flow')),
        warnings: Type.Array(Type.String(), { description: 'What was wrong in the file' }),
        severities: Type.Record(Type.String(), Type.Number(), { description: `Incidents by ${SEVERITIES.join(', ')}` }),
      }),
    ),
  },
  { description: 'One analysis' },
);
export type AnalysisDetail = Static<typeof AnalysisDetail>;

/** GET generations/options: what sample data can have in it. */
export const GenerationOptions = Type.Object(
  {
    attacks: Type.Array(Type.Object({ name: Type.String(), description: Type.String() })),
    formats: Type.Array(OneOf(['pcap', 'csv'], 'pcap: packets; csv: flows with a label')),
    maxDurationS: Count('Longest, seconds'),
  },
  { description: 'What can be generated' },
);
export type GenerationOptions = Static<typeof GenerationOptions>;

/** POST generations. */
export const GenerationBody = Type.Object(
  {
    startMs: TimeMs('Time of the first packet'),
    durationS: Type.Integer({ minimum: 10, maximum: 3600, description: 'Seconds' }),
    attacks: Type.Array(Type.String({ maxLength: 32 }), {
      maxItems: 10,
      uniqueItems: true,
      description: 'Names of attacks; empty: benign only',
    }),
    format: OneOf(['pcap', 'csv'], 'What to download'),
    seed: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 0xffff_ffff, description: 'Same seed, same file; default 1' }),
    ),
  },
  { ...strict, description: 'Sample data to make' },
);
export type GenerationBody = Static<typeof GenerationBody>;

/** Sample data. GET generations/{id}; its file is at generations/{id}/file, labels at generations/{id}/truth. */
export const Generation = Type.Object(
  {
    id: Type.String(),
    status: Status,
    message: Type.String(),
    request: GenerationBody,
    fileName: Type.String(),
    fileBytes: Count('0 until done'),
    startedAtMs: TimeMs('By the clock'),
  },
  { description: 'Sample data' },
);
export type Generation = Static<typeof Generation>;
/** GET generations, newest first; the server keeps the last 10. */
export const GenerationList = Type.Object({ items: Type.Array(Generation) }, { description: 'Sample data made' });
export type GenerationList = Static<typeof GenerationList>;

/** POST test-traffic: sends harmless packets of an attack on the loopback interface, to see that Weir finds it. */
export const TestTrafficBody = Type.Object(
  { attack: Type.String({ maxLength: 32 }), seconds: Type.Integer({ minimum: 1, maximum: 60 }) },
  { ...strict, description: 'Test traffic to send' },
);
export type TestTrafficBody = Static<typeof TestTrafficBody>;
