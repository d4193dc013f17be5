import type { Alert, Incident, Severity, Suppression } from '@weir/contracts';
import { openState, sealState } from '../features/sealed-state.js';
import type { RuleException } from '../rules/rules.js';
import type { AlertBatch } from '../runtime/port.js';

/** Version of what `encodeIncidentState` writes. */
const LAYOUT_VERSION = 2;

/** How incidents are made from alerts. */
export interface IncidentConfig {
  /** Addresses of all host partitions; time goes as far as the slowest of them. */
  upstreams: readonly string[];
  /** An alert that starts no later than this after an incident's last evidence joins it. Unit: s. */
  mergeGapS: number;
  /** Incidents open at one time; beyond, the least severe is closed early. */
  maxOpen: number;
  /** Alerts that may wait for the slowest upstream; beyond, new ones are dropped. */
  maxPending: number;
  /** Findings that are not to be told. */
  exceptions: readonly RuleException[];
}

export const DEFAULT_INCIDENT_CONFIG = { mergeGapS: 600, maxOpen: 4096, maxPending: 65_536, exceptions: [] };

/** What is known of one host partition. */
export interface Upstream {
  /** How often it has begun anew. */
  run: number;
  nextSequence: number;
  /** No further alert of it was detected before this second. */
  watermarkS: number;
}

/** An open incident with what its next statement depends on. */
export interface OpenIncident {
  /** All that its alerts say so far. */
  incident: Incident;
  /** The alert whose words the incident uses: of greatest magnitude, then earliest detected, then smallest id. */
  strongest: Pick<Alert, 'id' | 'magnitude' | 'detectedAtMs'>;
  /** Latest alerts, so that one that comes again is not counted again. */
  recentAlertIds: Set<string>;
  /** Event time of the last statement. */
  statedAtMs: number;
  statedSeverity: Severity;
  /** Magnitude at which it is stated again at once. */
  restateAtMagnitude: number;
  /** Whether alerts have changed it since the last statement. */
  changed: boolean;
  /** Not told so far: an operator has suppressed it. */
  isSuppressed: boolean;
}

/** What went wrong or was cut short, since the start. */
export interface IncidentCounters {
  batchesRepeated: number;
  batchesMissing: number;
  /** Dropped: from an address that is not among the configured upstreams. */
  batchesUnknown: number;
  /** Came after their upstream's watermark had passed them; counted, and used all the same. */
  alertsLate: number;
  /** Dropped because too many were waiting. */
  alertsDropped: number;
  /** Closed early because too many were open. */
  incidentsClosedEarly: number;
  /** Opened without being told, as an operator wished. */
  incidentsSuppressed: number;
  /** Suppressions that found no room. */
  suppressionsRefused: number;
  /** Left out, as an exception of the user covers them. */
  alertsExcepted: number;
}

/** State of one incident partition. Key: `incident/<n>`; an open incident leaves it when it closes. */
export interface IncidentPartitionState {
  upstreams: Map<string, Upstream>;
  /** The run under way: how often time has begun anew. */
  run: number;
  /** Batches of later runs, in order of arrival. */
  held: AlertBatch[];
  /** Alerts that an upstream may still precede, in order of arrival. */
  pending: Alert[];
  /** By `kind|entity`. */
  open: Map<string, OpenIncident>;
  /** Ids of the latest closed incidents: a late alert with the same first evidence must not overwrite one of them. */
  recentlyClosed: Set<string>;
  /** No open incident is to be closed or restated before this event time. */
  nextDueMs: number;
  /** What is not to be told, by id. */
  suppressions: Map<string, Suppression>;
  counters: IncidentCounters;
}

/** Adds `value` to a set that keeps the latest `limit` of its values. */
export function keepLatest(set: Set<string>, value: string, limit: number): void {
  set.delete(value);
  set.add(value);
  if (set.size > limit) set.delete(set.values().next().value!);
}

/** Event time that nothing reaches. JSON has no infinity. */
export const NEVER_MS = Number.MAX_SAFE_INTEGER;

/** A partition that has heard nothing yet. */
export function initialIncidentState(config: IncidentConfig): IncidentPartitionState {
  return {
    upstreams: new Map(config.upstreams.map((address) => [address, { run: 0, nextSequence: 0, watermarkS: 0 }])),
    run: 0,
    held: [],
    pending: [],
    open: new Map(),
    recentlyClosed: new Set(),
    nextDueMs: NEVER_MS,
    suppressions: new Map(),
    counters: {
      batchesRepeated: 0,
      batchesMissing: 0,
      batchesUnknown: 0,
      alertsLate: 0,
      alertsDropped: 0,
      incidentsClosedEarly: 0,
      incidentsSuppressed: 0,
      suppressionsRefused: 0,
      alertsExcepted: 0,
    },
  };
}

/** The state as bytes: JSON, as incidents are few. */
export function encodeIncidentState(state: IncidentPartitionState): Uint8Array {
  const encoded: Encoded = {
    ...state,
    upstreams: [...state.upstreams],
    open: [...state.open].map(([key, open]) => [key, { ...open, recentAlertIds: [...open.recentAlertIds] }]),
    recentlyClosed: [...state.recentlyClosed],
    suppressions: [...state.suppressions],
  };
  return sealState(LAYOUT_VERSION, (writer) => writer.string(JSON.stringify(encoded)));
}

/** The state in `bytes`. Throws a LayoutError for another layout version or damaged bytes. */
export function decodeIncidentState(bytes: Uint8Array): IncidentPartitionState {
  const read = (reader: { string(): string }) => revive(JSON.parse(reader.string()));
  return openState(bytes, 'incident', { version: LAYOUT_VERSION, read });
}

type Encoded = Omit<
  IncidentPartitionState,
  'upstreams' | 'open' | 'recentlyClosed' | 'suppressions' | 'run' | 'held'
> & {
  run?: number;
  held?: AlertBatch[];
  upstreams: [string, Upstream][];
  recentlyClosed: string[];
  suppressions: [string, Suppression][];
  open: [string, Omit<OpenIncident, 'recentAlertIds'> & { recentAlertIds: string[] }][];
};

function revive(encoded: Encoded): IncidentPartitionState {
  const open = encoded.open.map(([key, value]): [string, OpenIncident] => [
    key,
    { ...value, recentAlertIds: new Set(value.recentAlertIds) },
  ]);
  return {
    ...encoded,
    // Not in states of earlier releases.
    run: encoded.run ?? Math.max(...encoded.upstreams.map(([, { run }]) => run)),
    held: encoded.held ?? [],
    counters: { ...encoded.counters, alertsExcepted: encoded.counters.alertsExcepted ?? 0 },
    upstreams: new Map(encoded.upstreams),
    open: new Map(open),
    recentlyClosed: new Set(encoded.recentlyClosed),
    suppressions: new Map(encoded.suppressions),
  };
}
