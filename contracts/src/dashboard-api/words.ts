/** Lists that both sides of the dashboard's API name. No schema here, so that a page can take them without one. */

/** Where the REST API lives; the version changes when an older page could no longer read it. */
export const API_BASE = '/api/v1';

/** Path of the WebSocket. */
export const LIVE_PATH = `${API_BASE}/live`;

/** Header that every changing request of a cookie session carries, with the session's `csrfToken`. */
export const CSRF_HEADER = 'x-weir-csrf';

/** What a user may do, least first: look; triage and control; manage users and tokens. Each may do what those before may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What an API token may do. */
export const TOKEN_SCOPES = ['read', 'triage', 'control', 'analyse', 'admin'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** How far people got with an incident. `false-alarm` and `closed` are ends. */
export const TRIAGE_STATUSES = ['new', 'acknowledged', 'closed', 'false-alarm'] as const;
export type TriageStatus = (typeof TRIAGE_STATUSES)[number];

/** How threatened the network is now. `none`: nothing open. */
export const THREAT_LEVELS = ['none', 'low', 'medium', 'high'] as const;
export type ThreatLevel = (typeof THREAT_LEVELS)[number];

/** What may or may not work in this mode; see Capability. */
export const CAPABILITIES = [
  'live-traffic', 'capture-control', 'capture-filter', 'thresholds', 'threshold-preview', 'models', 'retraining',
  'test-traffic', 'analyse', 'generate', 'map', 'suppressions', 'suppressions-everywhere', 'users', 'tokens', 'export', 'export-parquet',
] as const; // biome-ignore format: a list to read
export type CapabilityName = (typeof CAPABILITIES)[number];

/** Tables that can be exported. */
export const EXPORT_TABLES = ['incidents', 'flows', 'traffic', 'hosts', 'sensors', 'audit'] as const;
export type ExportTable = (typeof EXPORT_TABLES)[number];

/** Formats of an export. */
export const EXPORT_FORMATS = ['csv', 'json', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Orders of the incident list. */
export const INCIDENT_SORTS = ['detectedAtMs', 'startMs', 'severity', 'magnitude', 'confidence', 'kind'] as const;
export type IncidentSort = (typeof INCIDENT_SORTS)[number];

/** Measures that a heat map or a host list may be about. */
export const HOST_MEASURES = ['packets', 'bytes', 'connections', 'failedShare'] as const;
export type HostMeasure = (typeof HOST_MEASURES)[number];

/** Reasons with which the server closes a WebSocket. */
export const LIVE_CLOSE = {
  /** The session ended or its rights changed: log in again. */
  signedOut: 4001,
  /** As many clients as the server takes: try again later. */
  tooMany: 4008,
  /** The client sent what it may not. */
  refused: 4003,
} as const;
