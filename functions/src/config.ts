import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { FlowSettings } from './flow/config.js';
import { HostConfig } from './host/config.js';

const IncidentSettings = Type.Object(
  {
    mergeGapS: Type.Integer({
      default: 600,
      minimum: 1,
      maximum: 86_400,
      unit: 's',
      description: 'Alerts about the same thing within this gap are one incident',
    }),
    maxOpen: Type.Integer({ default: 4096, minimum: 1, unit: 'incident', description: 'Incidents held open' }),
  },
  { default: {}, description: 'Incidents', additionalProperties: false },
);

/** Everything that decides what is detected. Each value has a unit, a default and a description. */
export const DetectionConfig = Type.Object(
  {
    allowedLatenessMs: Type.Integer({
      default: 1000,
      minimum: 0,
      maximum: 60_000,
      unit: 'ms',
      description: 'How far behind the newest packet a packet may come and still count in its own second',
    }),
    flow: FlowSettings,
    host: HostConfig,
    incident: IncidentSettings,
  },
  { $id: 'DetectionConfig', description: 'Settings of detection', additionalProperties: false },
);
export type DetectionConfig = Static<typeof DetectionConfig>;

/** A setting that cannot be used; the message names it, its value and what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The settings in `input` (what is not named takes its default). Throws a ConfigError that lists all that is wrong. */
export function parseDetectionConfig(input: unknown): DetectionConfig {
  const filled = Value.Default(DetectionConfig, Value.Clone(input ?? {}));
  if (Value.Check(DetectionConfig, filled)) return filled;
  const wrong = [...Value.Errors(DetectionConfig, filled)].map(
    ({ path, message, value }) =>
      `${path.slice(1).replaceAll('/', '.') || 'configuration'} is ${JSON.stringify(value)}. ${message}.`,
  );
  throw new ConfigError(wrong.join('\n'));
}

/** The settings that hold when nothing is said. */
export const DEFAULT_DETECTION_CONFIG: DetectionConfig = parseDetectionConfig({});
