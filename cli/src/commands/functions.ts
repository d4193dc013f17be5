import {
  ConfigError,
  createStatefunServer,
  parseSensors,
  parseStatefunSettings,
  type StatefunServer,
  type StatefunSettings,
} from '@weir/functions';
import { type Call, defineCommand } from '../command.js';
import { ExitCode, UsageError } from '../errors.js';
import type { Io } from '../io.js';
import { LOG_OPTIONS, openLog } from '../log/options.js';
import { SERVED_MODEL_OPTIONS, servedModelsOf } from '../models/served-models.js';
import type { OptionTable, OptionValues } from '../options/declaration.js';
import { detectionConfigOf, detectionFilesOf } from '../rules/with-rules.js';
import { collectLessOften } from '../v8-flags.js';

// Without defaults, as an option that is not given leaves the word to the environment, and that to the settings.
const FUNCTIONS_OPTIONS = {
  host: { type: 'text', value: 'ADDRESS', description: 'Address to listen on; default 127.0.0.1' },
  port: { type: 'integer', value: 'N', minimum: 0, maximum: 65_535, description: 'Port to listen on; default 8000' },
  config: { type: 'text', value: 'FILE', description: 'Detection settings; WEIR_CONFIG' },
  rules: { type: 'text', value: 'FILE', description: 'Thresholds, exceptions and lists of your own (docs/rules.md); WEIR_RULES' },
  sensors: { type: 'text', value: 'LIST', description: 'Sensors and their flow partitions that time waits for, such as office/4,lab/2; WEIR_SENSORS' },
  'host-partitions': { type: 'integer', value: 'N', minimum: 1, description: 'Default 1; WEIR_HOST_PARTITIONS' },
  'incident-partitions': { type: 'integer', value: 'N', minimum: 1, description: 'Default 1; WEIR_INCIDENT_PARTITIONS' },
  records: { type: 'text', value: 'WHICH', choices: ['none', 'ended', 'all'], description: 'Flow records told on network_flows; default ended; WEIR_RECORDS' },
  windows: { type: 'text', value: 'WHICH', choices: ['none', 'network', 'all'], description: 'Windows told on normal_traffic; default network; WEIR_WINDOWS' },
  'silence-timeout': { type: 'integer', value: 'N', minimum: 15, unit: 's', description: 'Silence after which a sensor is no longer waited for; default 60; WEIR_SILENCE_TIMEOUT' },
  'on-unreadable-state': { type: 'text', value: 'WHAT', choices: ['refuse', 'reset'], description: 'State of another version: wait with it, or give it up; default refuse; WEIR_ON_UNREADABLE_STATE' },
  'max-request-mb': { type: 'integer', value: 'N', minimum: 1, unit: 'MB', description: 'Largest request; default 128' },
  ...SERVED_MODEL_OPTIONS,
  ...LOG_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

const MEGABYTE = 2 ** 20;

export const functions = defineCommand({
  name: 'functions',
  usage: '',
  maxOperands: 0,
  description:
    'Answers Flink at POST /statefun until it is told to stop; GET /healthz, /readyz and /metrics are for who runs it. ' +
    'State is kept by Flink: any number of these may run side by side, and each may be killed at any time. Options go ' +
    'before the environment. All must have the same partitions, sensors, detection settings, rules and models.',
  options: FUNCTIONS_OPTIONS,
  examples: [
    { line: 'weir functions', meaning: 'For a Flink on this machine.' },
    {
      line: 'weir functions --host 0.0.0.0 --sensors office/4,lab/2',
      meaning: 'In a container, for two known sensors.',
    },
    { line: 'weir functions --model flow-fusion --alarms-per-day 5', meaning: 'With a model beside the rules.' },
  ],
  run: serve,
});

async function serve({ options, io }: Call<typeof FUNCTIONS_OPTIONS>): Promise<number> {
  collectLessOften();
  const settings = settingsOf(options, io.env);
  const config = await detectionConfigOf(detectionFilesOf(options, io.env));
  const models = await servedModelsOf(options, io.env);
  const { log, close } = openLog({ ...options, 'log-level': options['log-level'] ?? 'info' }, io);
  const server = await createStatefunServer({ config, settings, models, log, nowMs: io.nowMs });
  try {
    const port = await listen(server, settings);
    log.info({ ...settings, port, models: models?.selections.map(({ id }) => id) }, 'serving functions');
    await stopAsked(io.stop);
    log.info({}, 'stopping: the calls under way are answered');
    await server.stop();
    log.info({}, 'stopped');
  } finally {
    close();
  }
  return ExitCode.ok;
}

/** What is given as an option, else in the environment, else by default. Throws a UsageError. */
function settingsOf(options: OptionValues<typeof FUNCTIONS_OPTIONS>, env: Io['env']): StatefunSettings {
  const megabytes = options['max-request-mb'];
  try {
    return parseStatefunSettings({
      host: options.host,
      port: options.port,
      sensors: parseSensors(options.sensors ?? env.WEIR_SENSORS ?? ''),
      hostPartitions: options['host-partitions'] ?? said(env.WEIR_HOST_PARTITIONS),
      incidentPartitions: options['incident-partitions'] ?? said(env.WEIR_INCIDENT_PARTITIONS),
      records: options.records ?? said(env.WEIR_RECORDS),
      windows: options.windows ?? said(env.WEIR_WINDOWS),
      silenceTimeoutS: options['silence-timeout'] ?? said(env.WEIR_SILENCE_TIMEOUT),
      onUnreadableState: options['on-unreadable-state'] ?? said(env.WEIR_ON_UNREADABLE_STATE),
      maxRequestBytes: megabytes === undefined ? undefined : megabytes * MEGABYTE,
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(`${error.message}\nCorrect the option or the WEIR_ variable. See weir help functions.`);
  }
}

/** A variable that is set to nothing says nothing: compose files pass on what is not set so. */
function said(value: string | undefined): string | undefined {
  return value || undefined;
}

async function listen(server: StatefunServer, { host, port }: StatefunSettings): Promise<number> {
  try {
    return await server.start();
  } catch (error) {
    throw new UsageError(
      `cannot listen on ${host}:${port}: ${(error as Error).message}. Choose another --port or --host.`,
    );
  }
}

function stopAsked(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
}
