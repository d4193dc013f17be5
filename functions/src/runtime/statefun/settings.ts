import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { ConfigError } from '../../config.js';

const partitions = (description: string, value: number) =>
  Type.Integer({ default: value, minimum: 1, maximum: 1024, unit: 'partition', description });

/** A sensor that host partitions wait for from the start. */
export const KnownSensor = Type.Object({
  name: Type.String({ pattern: '^[a-z0-9-]{1,32}$' }),
  partitions: Type.Integer({ minimum: 1, maximum: 65_536, description: 'Flow partitions that it fills' }),
});
export type KnownSensor = Static<typeof KnownSensor>;

/** How the functions are served to Flink. What is detected is set by DetectionConfig. */
export const StatefunSettings = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1', description: 'Address to listen on' }),
    port: Type.Integer({
      default: 8000,
      minimum: 0,
      maximum: 65_535,
      description: 'Port to listen on; 0: any free one',
    }),
    hostPartitions: partitions('Host partitions; state under another number is refused', 1),
    incidentPartitions: partitions('Incident partitions; state under another number is refused', 1),
    sensors: Type.Array(KnownSensor, { default: [], description: 'Sensors that must be heard before time begins' }),
    records: Type.Union([Type.Literal('none'), Type.Literal('ended'), Type.Literal('all')], {
      default: 'ended',
      description: 'Flow records that go to network_flows',
    }),
    windows: Type.Union([Type.Literal('none'), Type.Literal('network'), Type.Literal('all')], {
      default: 'network',
      description: 'Windows that go to normal_traffic',
    }),
    silenceTimeoutS: Type.Integer({
      default: 60,
      minimum: 15,
      maximum: 86_400,
      unit: 's',
      description: 'A sensor that says nothing for so long is no longer waited for, and told as silent',
    }),
    onUnreadableState: Type.Union([Type.Literal('refuse'), Type.Literal('reset')], {
      default: 'refuse',
      description: 'State that this version cannot read: keep it and wait, or put it aside and begin anew',
    }),
    maxRequestBytes: Type.Integer({
      default: 128 * 2 ** 20,
      minimum: 2 ** 20,
      unit: 'byte',
      description: 'Largest request',
    }),
    cacheBytes: Type.Integer({ default: 256 * 2 ** 20, minimum: 0, unit: 'byte', description: 'Decoded states kept' }),
  },
  { $id: 'StatefunSettings', description: 'How the functions are served', additionalProperties: false },
);
export type StatefunSettings = Static<typeof StatefunSettings>;

/**
 * The settings in `input`; what is undefined takes its default, and numbers may be text. Throws a ConfigError that lists all
 * that is wrong.
 */
export function parseStatefunSettings(input: Readonly<Record<string, unknown>>): StatefunSettings {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const filled = Value.Default(StatefunSettings, Value.Convert(StatefunSettings, given));
  if (Value.Check(StatefunSettings, filled)) return filled;
  const wrong = [...Value.Errors(StatefunSettings, filled)].map(
    ({ path, message, value }) => `${path.slice(1) || 'settings'} is ${JSON.stringify(value)}. ${message}.`,
  );
  throw new ConfigError(wrong.join('\n'));
}

/** The sensors in text such as `office/4,lab/2`; none in an empty one. Throws a ConfigError that names the part. */
export function parseSensors(text: string): KnownSensor[] {
  const parts = text.split(',').map((part) => part.trim());
  const sensors = parts.filter((part) => part !== '').map(parseSensor);
  const twice = sensors.find(({ name }, k) => sensors.findIndex((other) => other.name === name) < k);
  // Time would wait for partitions that the sensor never fills.
  if (twice)
    throw new ConfigError(`the sensor "${twice.name}" is named twice. Name each once, with all its partitions.`);
  return sensors;
}

function parseSensor(part: string): KnownSensor {
  const [name, partitions, ...rest] = part.split('/');
  const sensor = { name, partitions: Number(partitions) };
  if (rest.length === 0 && Value.Check(KnownSensor, sensor)) return sensor;
  throw new ConfigError(`"${part}" is no sensor with its flow partitions. Expected such as office/4.`);
}
