import { type Static, Type } from '@sinclair/typebox';
import { HiddenRule, IncidentItem } from './incidents.js';
import { Sensor } from './operation.js';
import { Overview } from './overview.js';
import { Count } from './shapes.js';
import { FlowItem, TrafficPoint } from './traffic.js';
import { Analysis, Generation } from './work.js';

/*
 * The WebSocket at /api/v1/live. The first message is `welcome`. When it was not resumed, `snapshot` follows; then changes,
 * each with the next sequence number. To go on after a break, connect with ?run=…&since=SEQUENCE of the last message.
 * The server sends only; a client may send nothing but pings of the protocol itself.
 */

const sequence = Type.Integer({ minimum: 0, description: 'Of the last change in it; grows, with gaps where thinned' });

/** First message. `resumed` false: forget everything, a snapshot follows. */
export const Welcome = Type.Object({
  kind: Type.Literal('welcome'),
  run: Type.String({ description: 'This start of the server; sequence numbers count within it' }),
  sequence,
  resumed: Type.Boolean(),
});

/** All there is to begin with: replaces what the client had. Also sent in the middle, to a client that fell far behind. */
export const Snapshot = Type.Object({
  kind: Type.Literal('snapshot'),
  sequence,
  overview: Overview,
  incidents: Type.Array(IncidentItem, { description: 'Newest 200, newest first; older ones by GET incidents' }),
  traffic: Type.Object({
    stepS: Type.Integer({ minimum: 10 }),
    points: Type.Array(TrafficPoint, { description: 'Newest hour of capture time, oldest first' }),
  }),
  seconds: Type.Array(TrafficPoint, {
    description: 'Newest ten minutes in steps of 1 s, oldest first; empty where no sensor tells of seconds',
  }),
  flows: Type.Array(FlowItem, { description: 'Newest 200, newest first' }),
  sensors: Type.Array(Sensor),
  suppressions: Type.Array(HiddenRule),
  analyses: Type.Array(Analysis),
});
export type Snapshot = Static<typeof Snapshot>;

/** An incident is new, was restated, triaged, hidden or shown again: replaces the one with its id. Never thinned. */
export const IncidentChanged = Type.Object({
  kind: Type.Literal('incident'),
  sequence,
  incident: IncidentItem,
  isNew: Type.Boolean(),
});

/** Traffic steps that are new or grew: each replaces the one with its startMs. */
export const TrafficChanged = Type.Object({
  kind: Type.Literal('traffic'),
  sequence,
  stepS: Type.Integer({ minimum: 1, description: '10, or 1 for seconds' }),
  points: Type.Array(TrafficPoint),
});

/** At most once a second. */
export const OverviewChanged = Type.Object({ kind: Type.Literal('overview'), sequence, overview: Overview });

/** New flows, at most 100 a message and 4 messages a second; `skipped` were left out of this stream (history may have them). */
export const FlowsSeen = Type.Object({
  kind: Type.Literal('flows'),
  sequence,
  flows: Type.Array(FlowItem, { description: 'Oldest first' }),
  skipped: Count('Left out'),
});

/** All sensors as they are now; at most once a second. */
export const SensorsChanged = Type.Object({ kind: Type.Literal('sensors'), sequence, sensors: Type.Array(Sensor) });

/** All suppressions as they are now. */
export const SuppressionsChanged = Type.Object({
  kind: Type.Literal('suppressions'),
  sequence,
  suppressions: Type.Array(HiddenRule),
});

/** An analysis went on. */
export const AnalysisChanged = Type.Object({ kind: Type.Literal('analysis'), sequence, analysis: Analysis });

/** Sample data went on. */
export const GenerationChanged = Type.Object({ kind: Type.Literal('generation'), sequence, generation: Generation });

/** This client was slow: so many messages were left out for it (flows, traffic, overview, sensors; never incidents). */
export const Thinned = Type.Object({
  kind: Type.Literal('thinned'),
  sequence,
  messages: Count('Left out since the last such message'),
});

/** What the server sends on the WebSocket, one JSON object a text message. */
export const LiveMessage = Type.Union(
  [
    Welcome, Snapshot, IncidentChanged, TrafficChanged, OverviewChanged, FlowsSeen, SensorsChanged, SuppressionsChanged,
    AnalysisChanged, GenerationChanged, Thinned,
  ],
  { description: 'What the server sends on the WebSocket' },
); // biome-ignore format: a list to read
export type LiveMessage = Static<typeof LiveMessage>;

/** A change, before it has its number. */
export type LiveChange = DistributiveOmit<
  Exclude<LiveMessage, { kind: 'welcome' | 'snapshot' | 'thinned' }>,
  'sequence'
>;
type DistributiveOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never;
