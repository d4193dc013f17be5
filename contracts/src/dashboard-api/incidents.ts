import { type Static, Type } from '@sinclair/typebox';
import { INCIDENT_KINDS, Incident, SEVERITIES } from '../incident.js';
import { AddressText, Count, OneOf, PageOf, PagingQuery, RangeQuery, Share, TimeMs } from './shapes.js';
import { FlowItem } from './traffic.js';
import { INCIDENT_SORTS, TRIAGE_STATUSES } from './words.js';

const strict = { additionalProperties: false } as const;
const KindSchema = OneOf(INCIDENT_KINDS, 'Kind of finding');
const SeveritySchema = OneOf(SEVERITIES, 'How much it matters');

/** What people did with an incident. */
export const Triage = Type.Object(
  {
    status: OneOf(TRIAGE_STATUSES, 'How far people got'),
    assignee: Type.Optional(Type.String({ description: 'User who takes care of it' })),
    changedBy: Type.Optional(Type.String()),
    changedAtMs: Type.Optional(TimeMs('By the clock')),
    notes: Count('How many notes there are'),
  },
  { description: 'What people did with an incident' },
);
export type Triage = Static<typeof Triage>;

/** A line of the incident list, and what the WebSocket tells of an incident. */
export const IncidentItem = Type.Object(
  {
    id: Type.String(),
    kind: KindSchema,
    severity: SeveritySchema,
    state: OneOf(['open', 'closed'], 'Whether it still goes on'),
    revision: Type.Integer({ description: 'Counts its restatements' }),
    title: Type.String(),
    summary: Type.String(),
    entity: Type.String(),
    confidence: Share('How sure the detector is'),
    score: Share('How far past the threshold, on a log scale'),
    magnitude: Count('Measured over threshold'),
    alerts: Count('How many alerts it holds'),
    startMs: TimeMs('First evidence'),
    endMs: TimeMs('Last evidence'),
    detectedAtMs: TimeMs('When it was found'),
    sources: Type.Array(Type.String(), { description: 'Accused addresses; empty when spoofed' }),
    targets: Type.Array(Type.String()),
    sensors: Type.Array(Type.String()),
    domain: Type.Optional(Type.String()),
    techniques: Type.Array(Type.String(), { description: 'ATT&CK ids' }),
    triage: Triage,
    hiddenBy: Type.Optional(Type.String({ description: 'Id of the suppression that hides it' })),
  },
  { description: 'An incident in short' },
);
export type IncidentItem = Static<typeof IncidentItem>;

export const IncidentPage = Type.Object(
  {
    ...PageOf(IncidentItem, '').properties,
    hidden: Count('Incidents that fit and that a suppression hides (not among the items unless asked for)'),
    kinds: Type.Record(Type.String(), Type.Number(), {
      description: 'Incidents in history by kind, whatever is asked for; hidden ones too',
    }),
  },
  { description: 'Incidents that fit, one page' },
);
export type IncidentPage = Static<typeof IncidentPage>;

/** GET incidents. Lists are repeated parameters: severity=high&severity=critical. */
export const IncidentQuery = Type.Object(
  {
    ...PagingQuery,
    ...RangeQuery,
    state: Type.Optional(OneOf(['open', 'closed'], 'Default: both')),
    severity: Type.Optional(Type.Array(SeveritySchema, { maxItems: SEVERITIES.length })),
    kind: Type.Optional(Type.Array(KindSchema, { maxItems: INCIDENT_KINDS.length })),
    status: Type.Optional(Type.Array(OneOf(TRIAGE_STATUSES, 'Triage'), { maxItems: TRIAGE_STATUSES.length })),
    assignee: Type.Optional(Type.String({ maxLength: 64 })),
    address: Type.Optional(AddressText('Among sources or targets')),
    text: Type.Optional(Type.String({ maxLength: 200, description: 'In title, summary, entity or domain' })),
    sort: Type.Optional(OneOf(INCIDENT_SORTS, 'Default detectedAtMs')),
    order: Type.Optional(OneOf(['ascending', 'descending'], 'Default descending')),
    hidden: Type.Optional(OneOf(['without', 'with', 'only'], 'Hidden ones; default without')),
  },
  { ...strict, description: 'Which incidents' },
);
export type IncidentQuery = Static<typeof IncidentQuery>;

/** A note on an incident. Plain text, never HTML. */
export const Note = Type.Object(
  { id: Type.String(), text: Type.String(), author: Type.String(), atMs: TimeMs('By the clock') },
  { description: 'A note' },
);
export type Note = Static<typeof Note>;

/** One restatement of an incident, for its timeline. */
export const Restatement = Type.Object(
  {
    revision: Type.Integer(),
    state: Type.String(),
    severity: SeveritySchema,
    magnitude: Count('Measured over threshold'),
    alerts: Count('Alerts'),
    endMs: TimeMs('Last evidence then'),
  },
  { description: 'One restatement' },
);
export type Restatement = Static<typeof Restatement>;

/** GET incidents/{id}: the whole argument. */
export const IncidentDetail = Type.Object(
  {
    incident: Incident,
    item: IncidentItem,
    notes: Type.Array(Note),
    timeline: Type.Array(Restatement, { description: 'Oldest first; as far as this server heard them' }),
    flows: Type.Array(FlowItem, { description: 'Flows behind it that history has (incident.flows names all)' }),
    similar: Type.Array(IncidentItem, { description: 'Same kind, or same addresses; most alike first' }),
  },
  { description: 'One incident, in full' },
);
export type IncidentDetail = Static<typeof IncidentDetail>;

/** PATCH incidents/{id}/triage. What is absent stays; assignee null takes it back. */
export const TriageBody = Type.Object(
  {
    status: Type.Optional(OneOf(TRIAGE_STATUSES, 'How far people got')),
    assignee: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Null()])),
  },
  { ...strict, minProperties: 1, description: 'A change of triage' },
);
export type TriageBody = Static<typeof TriageBody>;

/** POST incidents/{id}/notes. */
export const NoteBody = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: 4000 }) },
  { ...strict, description: 'A new note' },
);
export type NoteBody = Static<typeof NoteBody>;

const ruleParts = {
  incidentKind: Type.Optional(KindSchema),
  address: Type.Optional(AddressText('A source or target: an address, or a prefix such as 10.0.0.0/8')),
  entity: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Exactly this entity' })),
  domain: Type.Optional(Type.String({ minLength: 1, maxLength: 253, description: 'This domain or one below it' })),
};

/** What a "hide these" rule fits: all that is given must fit; at least one must be given. */
export const SuppressionRule = Type.Object(ruleParts, {
  ...strict,
  minProperties: 1,
  description: 'Which incidents to hide',
});
export type SuppressionRule = Static<typeof SuppressionRule>;

/** POST suppressions. */
export const SuppressionBody = Type.Object(
  {
    rule: SuppressionRule,
    reason: Type.String({ minLength: 3, maxLength: 1000, description: 'Why, for a colleague' }),
    expiresAtMs: TimeMs('Needed: when it ends by the clock, at most a year from now'),
    everywhere: Type.Optional(
      Type.Boolean({
        description:
          'Nobody else is told either: incidents that begin from now on are not printed, not sent and not kept. For rules ' +
          'of a kind, an entity or both. Default: no',
      }),
    ),
  },
  { ...strict, description: 'A new suppression' },
);
export type SuppressionBody = Static<typeof SuppressionBody>;

/** A rule that hides incidents from lists, feed and threat level. They stay in history, and are counted. */
export const HiddenRule = Type.Object(
  {
    id: Type.String(),
    rule: SuppressionRule,
    reason: Type.String(),
    author: Type.String(),
    createdAtMs: TimeMs('By the clock'),
    expiresAtMs: TimeMs('By the clock'),
    isActive: Type.Boolean({ description: 'Not expired' }),
    everywhere: Type.Boolean({ description: 'What fits and begins after it was made is told to nobody, and not kept' }),
    hidden: Count('Incidents in history that it hides'),
  },
  { description: 'A suppression' },
);
export type HiddenRule = Static<typeof HiddenRule>;
export const HiddenRuleList = Type.Object({ items: Type.Array(HiddenRule) }, { description: 'All suppressions' });
export type HiddenRuleList = Static<typeof HiddenRuleList>;

/** POST suppressions/preview with a SuppressionRule: what it would have hidden. */
export const SuppressionPreview = Type.Object(
  {
    matched: Count('Incidents in history that fit'),
    total: Count('Incidents in history'),
    bySeverity: Type.Record(Type.String(), Type.Number(), { description: 'Those that fit, by severity' }),
    sample: Type.Array(IncidentItem, { description: 'The newest that fit, at most 20' }),
  },
  { description: 'What a rule would have hidden' },
);
export type SuppressionPreview = Static<typeof SuppressionPreview>;
