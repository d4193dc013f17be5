import { type Static, Type } from '@sinclair/typebox';

/** Severities, least first. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export const Severity = Type.Union(
  SEVERITIES.map((s) => Type.Literal(s)),
  { $id: 'Severity', description: 'How much it matters' },
);
export type Severity = (typeof SEVERITIES)[number];

/** Kinds of finding. Wire format: append, never rename. */
export const INCIDENT_KINDS = [
  'port-scan', 'address-sweep', 'syn-flood', 'udp-flood', 'icmp-flood', 'http-flood', 'packet-flood', 'amplification',
  'slow-dos', 'password-guessing', 'dns-tunnel', 'icmp-tunnel', 'data-exfiltration', 'beacon', 'command-and-control',
  'generated-domains', 'malware', 'spam', 'arp-spoofing', 'lateral-movement', 'exploit', 'protocol-violation',
  'high-entropy-payload', 'new-device', 'rare-destination', 'rare-tls-client', 'long-connection', 'rogue-server',
  'anomaly', 'sensor-silent', 'sensor-loss', 'degraded', 'one-sided-traffic', 'sensor-lag', 'sensor-clock', 'rule', 'listed',
] as const; // biome-ignore format: a list to read
export const IncidentKind = Type.Union(
  INCIDENT_KINDS.map((k) => Type.Literal(k)),
  { $id: 'IncidentKind' },
);
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

const TimeMs = (description: string) => Type.Number({ description: `${description}. Unix epoch, ms of capture time.` });

/** One measured fact of an argument. */
export const Evidence = Type.Object(
  {
    measure: Type.String({ description: 'What was measured, in words an operator can check' }),
    unit: Type.String({ description: 'Unit of value, normal and threshold; 1 for plain counts' }),
    value: Type.Number({ description: 'What was measured' }),
    normal: Type.Optional(Type.Number({ description: 'What is usual here, or in benign traffic' })),
    threshold: Type.Optional(Type.Number({ description: 'Where it begins to matter' })),
  },
  { $id: 'Evidence' },
);
export type Evidence = Static<typeof Evidence>;

/** An ATT&CK technique (https://attack.mitre.org). */
export const Technique = Type.Object({ id: Type.String(), name: Type.String() }, { $id: 'Technique' });
export type Technique = Static<typeof Technique>;

/** A flow that shows what an alert says. */
export const FlowReference = Type.Object(
  {
    communityId: Type.String(),
    originator: Type.String({ description: 'Address and port' }),
    responder: Type.String({ description: 'Address and port' }),
    protocol: Type.Integer({ description: 'IANA number' }),
  },
  { $id: 'FlowReference' },
);
export type FlowReference = Static<typeof FlowReference>;

/** How blind the sensors were while the evidence was gathered. */
export const Blindness = Type.Object(
  {
    packetsDropped: Type.Number({ description: 'Dropped by kernel and interface since the sensor began' }),
    packetsLate: Type.Number({
      description: 'Seconds of flows with packets later than the allowed lateness, in the last minute',
    }),
    flowsEvicted: Type.Number({ description: 'Flows that gave way in a full table, in the last minute' }),
    degraded: Type.Boolean({ description: 'A table was full: what is said of single flows may be incomplete' }),
  },
  { $id: 'Blindness' },
);
export type Blindness = Static<typeof Blindness>;

const sensors = Type.Array(Type.String(), { description: 'Sensors that saw the evidence, in order of their names' });

const argument = {
  kind: IncidentKind,
  severity: Severity,
  confidence: Type.Number({ minimum: 0, maximum: 1, description: 'How sure the detector is' }),
  score: Type.Number({ minimum: 0, maximum: 1, description: 'How far past the threshold, on a log scale' }),
  startMs: TimeMs('First evidence'),
  endMs: TimeMs('Last evidence'),
  detectedAtMs: TimeMs('When the watermark first let it out'),
  sources: Type.Array(Type.String(), { description: 'Accused addresses or CIDR blocks; empty when spoofed' }),
  targets: Type.Array(Type.String(), { description: 'Addresses or CIDR blocks aimed at, a sample if many' }),
  domain: Type.Optional(Type.String({ description: 'DNS findings: the domain concerned' })),
  title: Type.String({ description: 'A few words with the addresses' }),
  summary: Type.String({ description: 'One or two sentences with the numbers' }),
  evidence: Type.Array(Evidence),
  counterfactual: Type.String({ description: 'What would have made it normal' }),
  flows: Type.Array(FlowReference),
  techniques: Type.Array(Technique),
  advice: Type.Array(Type.String(), { description: 'What to do next, first thing first' }),
  blindness: Blindness,
};

/** One detector's finding about one window or flow. Its id follows from what it is about: writing it twice changes nothing. */
export const Alert = Type.Object(
  {
    id: Type.String({ description: 'Hash of detector, entity and window start' }),
    detector: Type.String(),
    entity: Type.String({ description: 'What it is about; alerts of one kind and entity make one incident' }),
    magnitude: Type.Number({ minimum: 0, description: 'Measured over threshold; 1 is just at it' }),
    sensors,
    ...argument,
  },
  { $id: 'Alert', description: 'One detector, one window or flow' },
);
export type Alert = Omit<Static<typeof Alert>, 'kind' | 'severity'> & { kind: IncidentKind; severity: Severity };

export const IncidentState = Type.Union([Type.Literal('open'), Type.Literal('closed')], { $id: 'IncidentState' });

/** Alerts about the same thing, over time. */
export const Incident = Type.Object(
  {
    id: Type.String({ description: 'Hash of kind, entity and first evidence' }),
    state: IncidentState,
    revision: Type.Integer({ description: 'Counts the restatements from 0; the highest is the truth' }),
    entity: Type.String(),
    alerts: Type.Integer({ description: 'How many alerts it holds' }),
    sensors,
    magnitude: Type.Number({ minimum: 0, description: 'Largest of its alerts' }),
    ...argument,
  },
  { $id: 'Incident', description: 'Alerts about the same thing, over time' },
);
export type Incident = Omit<Static<typeof Incident>, 'kind' | 'severity'> & { kind: IncidentKind; severity: Severity };
