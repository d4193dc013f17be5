import { CAPABILITIES, type CapabilityName } from '@weir/contracts/dashboard-api';
import type { Parts } from '../parts.js';
import { RequestError } from '../ports.js';

type Missing = (parts: Parts) => string | undefined;

const NO_MODELS = 'This server was started without a registry of models: rules and statistics find the incidents.';
const RETRAINING = 'A command trains: weir train --from capture.pcap. What it makes can be chosen here.';

/** Why something does not work in this mode, by capability; undefined: it works. */
const REASONS: Readonly<Record<CapabilityName, Missing>> = {
  'live-traffic': () => undefined,
  'capture-control': ({ ports }) => ports.controls.missing('capture-control'),
  'capture-filter': ({ ports }) => ports.controls.missing('capture-filter'),
  thresholds: ({ ports }) => ports.controls.missing('thresholds'),
  'threshold-preview': () => undefined,
  models: ({ ports }) => ports.controls.missing('models') ?? (ports.controls.models ? undefined : NO_MODELS),
  retraining: ({ ports }) => ports.controls.missing('retraining') ?? RETRAINING,
  'test-traffic': ({ ports }) =>
    ports.testTraffic ? ports.controls.missing('test-traffic') : 'This server cannot send test traffic.',
  analyse: ({ analyses }) => (analyses ? undefined : 'This server was started without the analysis of files.'),
  generate: ({ generations }) =>
    generations ? undefined : 'This server was started without the making of sample data.',
  map: ({ places }) =>
    places ? undefined : 'No GeoIP database was given. Start with --geoip FILE, an .mmdb file of cities.',
  suppressions: () => undefined,
  'suppressions-everywhere': ({ ports }) => ports.controls.missing('suppressions-everywhere'),
  users: ({ settings }) =>
    settings.login === 'password'
      ? undefined
      : 'Only the link of the terminal lets in. Start with a login to have users.',
  tokens: () => undefined,
  export: () => undefined,
  'export-parquet': () => undefined,
};

/** Why a capability is missing, or undefined when it is there. */
export function missing(parts: Parts, name: CapabilityName): string | undefined {
  return REASONS[name](parts);
}

/** Throws a RequestError with the reason when a capability is missing. */
export function need(parts: Parts, name: CapabilityName): void {
  const reason = missing(parts, name);
  if (reason !== undefined) throw new RequestError(409, reason);
}

/** All capabilities, for the page. */
export function capabilityList(parts: Parts) {
  return CAPABILITIES.map((name) => {
    const reason = missing(parts, name);
    return { name, available: reason === undefined, ...(reason === undefined ? {} : { reason }) };
  });
}
