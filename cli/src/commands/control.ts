import { ContractError, Control, checkAgainst, controlKey, Topic } from '@weir/contracts';
import { type Call, type Command, defineCommand } from '../command.js';
import { ExitCode, UsageError } from '../errors.js';
import { readJsonInput } from '../input-text.js';
import { type Connect, connectKafka, KAFKA_OPTIONS, kafkaSettings, openBroker, telling } from '../kafka-options.js';
import { LOG_OPTIONS, openLog } from '../log/options.js';
import type { OptionTable } from '../options/declaration.js';

const CONTROL_OPTIONS = {
  ...KAFKA_OPTIONS,
  sensor: { type: 'text', value: 'NAME', description: 'capture-…: the sensor that is meant' },
  interface: { type: 'text', value: 'NAME', description: 'capture-source: interface to capture' },
  filter: { type: 'text', value: 'BPF', description: 'capture-source: only packets that match; empty: all' },
  settings: { type: 'text', value: 'FILE', description: 'thresholds: JSON with the detection settings that are to change' },
  id: { type: 'text', value: 'NAME', description: 'suppress, unsuppress: name of the suppression' },
  'incident-kind': { type: 'text', value: 'KIND', description: 'suppress: kind of incident; without it every kind' },
  entity: { type: 'text', value: 'ENTITY', description: 'suppress: entity of the incident; without it every entity' },
  reason: { type: 'text', value: 'TEXT', description: 'suppress: why' },
  until: { type: 'text', value: 'TIME', description: 'suppress: end, capture time such as 2030-01-31T12:00:00Z' },
  name: { type: 'text', value: 'NAME', description: 'model, model-shadow: names in the registry, separated by commas; none for none' },
  'alarms-per-day': { type: 'number', value: 'N', unit: 'alarms', minimum: 0.001, maximum: 1e6, description: 'model-alarms: alarms a day that you accept' },
  threshold: { type: 'number', value: 'X', minimum: 0, maximum: 1, description: 'model-alarms: alarm from this score on, instead of a budget' },
  ...LOG_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

type ControlCall = Call<typeof CONTROL_OPTIONS>;

const KINDS = Control.anyOf.map(({ properties }) => properties.kind.const as string);

/** The control command with its way to Kafka. */
export function controlCommand(connect: Connect): Command {
  return defineCommand({
    name: 'control',
    usage: 'KIND',
    maxOperands: 1,
    description:
      `Sends one message to the topic controls. KIND is one of ${KINDS.join(', ')}. Nobody signs controls yet: who may ` +
      'write to the topic may steer Weir.',
    options: CONTROL_OPTIONS,
    examples: [
      { line: 'weir control capture-stop --sensor office --kafka localhost:9092', meaning: 'Pauses a sensor.' },
      {
        line: 'weir control capture-source --sensor office --interface eth1 --filter udp --kafka localhost:9092',
        meaning: 'Points a live sensor elsewhere.',
      },
    ],
    run: (call: ControlCall) => sendControl(call, connect),
  });
}

export const control = controlCommand(connectKafka);

async function sendControl(call: ControlCall, connect: Connect): Promise<number> {
  const message = controlOf(call);
  await handOver(message, call, connect);
  call.io.stdout.write(`${JSON.stringify(message)}\n`);
  return ExitCode.ok;
}

/** Sends a control to the broker that the options name. Rejects with a UsageError. */
export async function handOver(
  message: Control,
  { options, io }: Pick<Call<typeof KAFKA_OPTIONS & typeof LOG_OPTIONS>, 'options' | 'io'>,
  connect: Connect,
): Promise<void> {
  const settings = kafkaSettings(options, io);
  const { log, close } = openLog(options, io);
  try {
    const broker = await openBroker(connect, settings, log);
    const producer = broker.producer();
    const value = Buffer.from(JSON.stringify(message));
    await telling(async () => {
      await producer.connect();
      await producer.send([{ topic: Topic.controls, key: controlKey(message), value }]);
    }).finally(() => producer.disconnect().catch(() => undefined));
  } finally {
    close();
  }
}

function controlOf({ operands, options }: ControlCall): Control {
  const kind = operands[0];
  const shape = Control.anyOf.find(({ properties }) => properties.kind.const === kind);
  if (!shape)
    throw new UsageError(
      `${kind === undefined ? 'no kind of control given' : `"${kind}" is no control`}. Choose from: ${KINDS.join(', ')}.`,
    );
  try {
    const given = Object.entries(fieldsOf(options)).filter(([, value]) => value !== undefined);
    const stray = given.find(([name]) => !Object.hasOwn(shape.properties, name));
    if (stray)
      throw new UsageError(`a ${kind} has no ${stray[0]}. It has: ${Object.keys(shape.properties).join(', ')}.`);
    refuseMissing(
      kind!,
      shape,
      given.map(([name]) => name),
    );
    return checkAgainst({ ...shape, $id: kind }, { kind, ...Object.fromEntries(given) }) as Control;
  } catch (error) {
    if (error instanceof ContractError) throw new UsageError(error.message);
    throw error;
  }
}

/** What the message cannot do without must be given; kind aside, which is. Throws a UsageError. */
function refuseMissing(kind: string, { required = [] }: { required?: string[] }, given: readonly string[]): void {
  const missing = required.filter((field) => field !== 'kind' && !given.includes(field));
  if (missing.length === 0) return;
  throw new UsageError(`${kind} needs ${missing.map(optionOfField).join(' and ')}. See weir help control.`);
}

/** The option that fills a field of the message. */
function optionOfField(field: string): string {
  if (field === 'untilMs') return '--until TIME';
  if (field === 'alarmsPerDay') return '--alarms-per-day N';
  const name = field === 'incidentKind' ? 'incident-kind' : field;
  const option = (CONTROL_OPTIONS as OptionTable)[name];
  return option?.type === 'text' ? `--${name} ${option.value}` : `"${field}"`;
}

function fieldsOf(options: ControlCall['options']): Record<string, unknown> {
  const { sensor, filter, id, entity, reason, name, settings, until } = options;
  return {
    sensor,
    interface: options.interface,
    filter,
    settings: settings === undefined ? undefined : readJsonInput(settings),
    id,
    incidentKind: options['incident-kind'],
    entity,
    reason,
    untilMs: until === undefined ? undefined : readTime(until),
    name,
    alarmsPerDay: options['alarms-per-day'],
    scoreThreshold: options.threshold,
  };
}

function readTime(text: string): number {
  const timeMs = Date.parse(text);
  if (!Number.isNaN(timeMs)) return timeMs;
  throw new UsageError(`--until cannot be "${text}". Give a time such as 2030-01-31T12:00:00Z.`);
}
