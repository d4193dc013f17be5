import { Decoder } from '@weir/capture-agent';
import {
  type Dashboard,
  FeedBus,
  type ServerSettings,
  SettingsError,
  StoreError,
  startDashboard,
} from '@weir/dashboard-server';
import { type DetectionConfig, EmbeddedRuntime, type RuntimeSink } from '@weir/functions';
import { aborted, type InputValues, openAgentInput } from '../agent/agent-input.js';
import { UsageError } from '../errors.js';
import type { Io } from '../io.js';
import type { Logger } from '../log/logger.js';
import { alarmsOf, chooseModels, learnedOf, type ModelValues, registryOf } from '../models/model-options.js';
import type { AgentResult } from '../pipeline.js';
import type { DetectionFiles } from '../rules/with-rules.js';
import { chooseSource, type DefaultInput } from '../source-options.js';
import { BusSink } from './bus-sink.js';
import { EmbeddedControls } from './embedded-controls.js';
import { ModelChoice } from './model-choice.js';
import { type DashboardValues, DEFAULT_LISTEN, serverSettings } from './options.js';
import { createTestTraffic } from './test-traffic.js';
import { createAnalyser, createGenerator } from './work-processes.js';

/** A run with a dashboard. */
export interface DashboardRun {
  readonly options: InputValues & DashboardValues & ModelValues;
  readonly operands: readonly string[];
  readonly io: Io;
  readonly log: Logger;
  readonly config: DetectionConfig;
  /** Where the settings come from, for files that are looked into. */
  readonly files: DetectionFiles;
  /** What is read when nothing is named. */
  readonly fallback: DefaultInput;
  /** Hears everything as well: what is printed. */
  readonly sink: RuntimeSink;
  readonly onProgress?: (packets: number) => void;
  /** Called when the input is at its end; the dashboard stays until it is stopped. */
  readonly ended: (result: AgentResult, url: string) => void;
}

/** Detection and dashboard in one process, until stopped. Rejects with a UsageError or SourceError. */
export async function runWithDashboard(run: DashboardRun): Promise<void> {
  const { options, operands, io, log, config, sink } = run;
  const { sensor } = options;
  const decoder = new Decoder();
  const input = await openAgentInput({
    options: { ...options, partitions: 1, 'new-run': true },
    operands,
    io,
    decoder,
    allowedLatenessMs: config.allowedLatenessMs,
    choose: (parts) => chooseSource(parts, run.fallback),
  });
  const isLive = options.interface !== undefined;
  const bus = new FeedBus((error) =>
    log.error({ reason: String((error as Error)?.message ?? error) }, 'the history could not be written'),
  );
  const told = new BusSink(bus, decoder, io.elapsedMs);
  const selections = await chooseModels(options);
  const unkept = (error: Error) => log.error({ reason: error.message }, 'what models learned is not kept');
  const runtime = new EmbeddedRuntime({
    config,
    sensor,
    sink: told.sink(sink),
    windows: 'all',
    records: 'ended',
    // Without a model too, as one may be chosen on the page.
    scoring: { selections, alarms: alarmsOf(options), learned: learnedOf(options, unkept) },
  });
  const models = new ModelChoice(registryOf(options), runtime, selections);
  const settle = async () => {
    try {
      await runtime.settle();
      models.settled();
    } catch (error) {
      log.error({ error: String(error) }, 'a model failed, and scores no more');
      models.giveUp();
    }
  };
  const controls = new EmbeddedControls(input, { isLive, sensor, config, functions: runtime, models });
  const settings = serverSettings(options, { mode: 'embedded', source: nameOf(input.name, run), isReplay: !isLive });
  await input.open();
  const dashboard = await start(settings, options, {
    feed: bus,
    ports: {
      controls,
      analyser: createAnalyser(run.files),
      generator: createGenerator(),
      testTraffic: createTestTraffic(),
      stages: () => told.stages(),
    },
    nowMs: () => Date.now(),
    onError: (error) => log.error({ error: String((error as Error)?.stack ?? error) }, 'the dashboard failed'),
    say: (what) => io.stderr.write(textOf(what)),
  }).catch(async (error) => {
    await input.close();
    throw error;
  });
  try {
    const result = await input.read(
      (batch) => {
        told.batch(batch);
        runtime.deliver(batch);
        run.onProgress?.(batch.counters.packetsCaptured);
      },
      () => settle().then(() => bus.ready()),
      { always: settle },
    );
    await settle();
    controls.ended();
    run.ended(result, dashboard.url);
    await aborted(io.stop);
  } finally {
    await dashboard.stop();
  }
}

/** What is watched, in words for the page. */
function nameOf(name: string, { fallback, options }: DashboardRun): string {
  return name === fallback.path ? `the bundled capture at ${options.speed ?? fallback.speed}` : name;
}

const LISTEN_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'ports below 1024 need root',
};

type Start = Omit<Parameters<typeof startDashboard>[0], 'settings'>;

/** Starts on the default port, or on any other when that is taken and none was asked for. */
export async function start(settings: ServerSettings, options: DashboardValues, parts: Start): Promise<Dashboard> {
  try {
    return await startDashboard({ ...parts, settings });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' && options.listen === undefined && settings.port === DEFAULT_LISTEN.port) {
      return start({ ...settings, port: 0 }, options, parts);
    }
    if (error instanceof SettingsError || error instanceof StoreError) throw new UsageError(withRemedy(error.message));
    if (code?.startsWith('EADDR') || code === 'EACCES') {
      const reason = LISTEN_REASONS[code] ?? code;
      throw new UsageError(
        `cannot listen on ${settings.host}:${settings.port}: ${reason}. Choose another with --listen.`,
      );
    }
    throw error;
  }
}

/** The server's words, with the options of the command. */
function withRemedy(message: string): string {
  return message
    .replace('Add a login with passwords', 'Add --login')
    .replace('Give a certificate and a key', 'Give --tls-cert and --tls-key')
    .replace('or allow it explicitly', 'or say --insecure');
}

/** What the server says to whoever started it. */
export function textOf(what: Parameters<Start['say']>[0]): string {
  const address = `\nDashboard: ${what.url}\n`;
  switch (what.kind) {
    case 'link':
      return `${address}(good once; Ctrl-C ends it)\n\n`;
    case 'first-password':
      return `${address}First login: admin, password ${what.password}\n(shown once; change it after the first login)\n\n`;
    case 'address':
      return `${address}\n`;
  }
}
