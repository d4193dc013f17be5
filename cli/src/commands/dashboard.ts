import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { KafkaFeed } from '@weir/dashboard-server';
import { aborted } from '../agent/agent-input.js';
import { type Call, defineCommand } from '../command.js';
import { ClusterControls } from '../dashboard/cluster-controls.js';
import { ClusterModels } from '../dashboard/cluster-models.js';
import { DASHBOARD_OPTIONS, serverSettings } from '../dashboard/options.js';
import { start, textOf } from '../dashboard/run-embedded.js';
import { createAnalyser, createGenerator } from '../dashboard/work-processes.js';
import { ExitCode } from '../errors.js';
import type { Io } from '../io.js';
import { connectKafka, KAFKA_OPTIONS, kafkaSettings, openBroker } from '../kafka-options.js';
import { LOG_OPTIONS, openLog } from '../log/options.js';
import { fullId, registryOf } from '../models/model-options.js';
import type { OptionTable } from '../options/declaration.js';
import { DETECTION_OPTIONS, detectionConfigOf, detectionFilesOf } from '../rules/with-rules.js';
import { collectLessOften } from '../v8-flags.js';

const CLUSTER_OPTIONS = {
  ...KAFKA_OPTIONS,
  ...DASHBOARD_OPTIONS,
  config: { ...DETECTION_OPTIONS.config, description: 'Detection settings for files that are looked into; WEIR_CONFIG' },
  rules: { ...DETECTION_OPTIONS.rules, description: 'Rules of your own for files that are looked into, as given to the functions; WEIR_RULES' },
  login: { ...DASHBOARD_OPTIONS.login, default: true, description: 'A one-time link in place of users with passwords' },
  ...LOG_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

export const dashboard = defineCommand({
  name: 'dashboard',
  usage: '',
  maxOperands: 0,
  description:
    'Reads incidents, flows, traffic and health from Kafka, keeps them, and serves the dashboard behind a login. The ' +
    'first password is made and printed once. Each history is a consumer group of its own, so several can run.',
  options: CLUSTER_OPTIONS,
  examples: [
    { line: 'weir dashboard --kafka localhost:9092 --history weir.duckdb', meaning: 'On http://127.0.0.1:8080.' },
    {
      line: 'weir dashboard --kafka kafka:9092 --listen 0.0.0.0:8443 --tls-cert a.pem --tls-key a.key',
      meaning: 'For others too, encrypted.',
    },
  ],
  run: serve,
});

async function serve(call: Call<typeof CLUSTER_OPTIONS>): Promise<number> {
  collectLessOften();
  const { options, io } = call;
  const kafka = kafkaSettings(options, io);
  const files = detectionFilesOf(options, io.env);
  // Told now, not when the first file is looked into.
  await detectionConfigOf(files);
  const { log, close } = openLog(options, io);
  const broker = await openBroker(connectKafka, kafka, log);
  const controls = new ClusterControls(broker, clusterModels(io.env));
  const { brokers, clientId, tls, sasl } = kafka;
  const onError = (error: unknown) =>
    log.warn({ brokers, reason: (error as Error)?.message ?? String(error) }, 'the dashboard met an error and goes on');
  const feed = new KafkaFeed({ brokers, clientId, tls, sasl, group: groupOf(options.history), onError });
  try {
    const settings = serverSettings(options, { mode: 'cluster', source: brokers.join(', '), isReplay: false });
    const server = await start(settings, options, {
      feed,
      ports: { controls, analyser: createAnalyser(files), generator: createGenerator() },
      nowMs: () => Date.now(),
      onError,
      say: (what) => io.stderr.write(textOf(what)),
    });
    await aborted(io.stop);
    await server.stop();
  } finally {
    await controls.close();
    close();
  }
  return ExitCode.ok;
}

/** What the functions score with, as they and this server are told alike. */
function clusterModels({ WEIR_MODEL: names, WEIR_REGISTRY: folder }: Io['env']): ClusterModels | undefined {
  if (!names) return undefined;
  const registry = registryOf({ registry: folder || undefined });
  const ids = names === 'none' ? [] : names.split(',').map((name) => fullId(registry, name.trim()));
  return new ClusterModels(registry, ids);
}

/** Two histories never share what they read; the same history goes on under the same name. */
function groupOf(history: string | undefined): string {
  const name = history === undefined ? randomUUID() : `${hostname()}:${resolve(history)}`;
  return `weir-dashboard-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}
