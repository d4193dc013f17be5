import type { ControlPort } from '@weir/dashboard-server';
import { DetectionConfig } from '@weir/functions';

type Setting = ReturnType<ControlPort['settings']>[number];

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly unit?: string;
  readonly description?: string;
}

/** The settings of detection in a list: each with its value, default, bounds and meaning. */
export function settingList(config: DetectionConfig): Setting[] {
  return settingsIn(DetectionConfig as unknown as Schema, config, '');
}

function settingsIn(schema: Schema, values: unknown, path: string): Setting[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const value = (values as Record<string, unknown> | undefined)?.[name];
    const full = path === '' ? name : `${path}.${name}`;
    if (inner.properties) return settingsIn(inner, value, full);
    if (!isPlain(value)) return [];
    return [settingOf(inner, value, full)];
  });
}

function settingOf(schema: Schema, value: Setting['value'], path: string): Setting {
  const { minimum, maximum, unit = '1', description = '' } = schema;
  return {
    path,
    value,
    default: isPlain(schema.default) ? schema.default : value,
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    unit,
    description,
    ...(isFixed(path) ? { fixed: FIXED } : {}),
  };
}

const FIXED = 'It is read when Weir starts. Write it to a file and start with --config FILE.';
/** Sizes of tables, which are made once. */
const SIZES = ['host.maxHosts', 'host.maxKeys'];

/** Whether a setting cannot change while Weir runs: controls reach the thresholds of the host function only. */
function isFixed(path: string): boolean {
  return !path.startsWith('host.') || SIZES.includes(path);
}

function isPlain(value: unknown): value is Setting['value'] {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
}
