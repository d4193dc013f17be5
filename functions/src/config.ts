import { type Static, Type } from '@sinclair/typebox';
import { ValueErrorType } from '@sinclair/typebox/errors';
import { Value } from '@sinclair/typebox/value';
import { FlowSettings } from './flow/config.js';
import { HostConfig } from './host/config.js';
import { RuleException } from './rules/rules.js';

const IncidentSettings = Type.Object(
  {
    mergeGapS: Type.Integer({
      default: 600,
      minimum: 1,
      maximum: 86_400,
      unit: 's',
      description: 'Alerts about the same thing within this gap are one incident',
    }),
    exceptions: Type.Array(RuleException, { default: [], maxItems: 1024, description: 'Exceptions of a rule file' }),
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
  const wrong = [...Value.Errors(DetectionConfig, filled)].map(({ type, path, message, value }) => {
    const name = path.slice(1).replaceAll('/', '.') || 'configuration';
    if (type === ValueErrorType.ObjectAdditionalProperties) return `there is no setting ${name}.${nearMiss(path)}`;
    return `${name} is ${JSON.stringify(value)}. ${message}.`;
  });
  throw new ConfigError(wrong.join('\n'));
}

/** The setting that differs from the one at `path` only in case, dashes or underscores: how most typing errors look. */
function nearMiss(path: string): string {
  const names = path.slice(1).split('/');
  const plain = (name: string) => name.toLowerCase().replaceAll(/[-_]/g, '');
  const wrong = plain(names.pop()!);
  let schema: { properties?: Record<string, object> } | undefined = DetectionConfig;
  for (const name of names) schema = schema?.properties?.[name];
  const known = Object.keys(schema?.properties ?? {});
  const meant = known.find((name) => plain(name) === wrong);
  return meant ? ` Did you mean ${meant}?` : ` Beside it there are: ${known.join(', ')}.`;
}

/** The settings that hold when nothing is said. */
export const DEFAULT_DETECTION_CONFIG: DetectionConfig = parseDetectionConfig({});
