import { hostPartitionAddress, StatefunFunction } from '@weir/contracts';
import type { DetectionConfig } from '../../config.js';
import { DEFAULT_ALARM_SETTINGS, SCORE_ADDRESS, type ScoreSettings } from '../../score/index.js';
import { AddressFunction, type Surroundings } from './address-function.js';
import { ControlFunction } from './control-function.js';
import { type Callable, Dispatcher } from './dispatcher.js';
import { bindFlow } from './flow-binding.js';
import { bindHost } from './host-binding.js';
import { bindIncident } from './incident-binding.js';
import { COMPLAIN_EVERY_MS, type Log, Seldom } from './log.js';
import { Metrics } from './metrics.js';
import { MOST_LINES_BYTES } from './parcel.js';
import { partitionIds } from './partition-id.js';
import { RecordsFunction } from './records-function.js';
import { bindScore, type ServedModels, scoredLists, withUpstreams } from './score-binding.js';
import { watchModels } from './score-watch.js';
import { StatefunServer } from './server.js';
import type { StatefunSettings } from './settings.js';
import { spreadRefusal } from './spread.js';
import { StateCache } from './state-cache.js';
import { readSettings, writeSettings } from './written-settings.js';

/** What the functions are served with. */
export interface ServeOptions {
  readonly config: DetectionConfig;
  readonly settings: StatefunSettings;
  /** Models that score beside the detectors. Default: none, and none can be chosen. */
  readonly models?: ServedModels | undefined;
  readonly log: Log;
  /** Unix epoch in ms. */
  readonly nowMs: () => number;
}

/** All functions, ready to be called. */
export function createDispatcher(options: ServeOptions, metrics = new Metrics()): Dispatcher {
  const { settings, models, log, nowMs } = options;
  const { hostPartitions, incidentPartitions, onUnreadableState } = settings;
  const cache = new StateCache(settings.cacheBytes);
  const around: Surroundings = { log, metrics, nowMs, onUnreadableState, cache, mostLinesBytes: MOST_LINES_BYTES };
  const { flow, hosts, scores, incidents } = withSettings({
    ...options,
    models: models && { watch: watchModels(metrics), ...models },
  });
  const {
    flow: flowType,
    host: hostType,
    score: scoreType,
    incident: incidentType,
    control: controlType,
    records: recordsType,
  } = StatefunFunction;
  return new Dispatcher(
    new Map<string, Callable>([
      [flowType, new AddressFunction(flow, flowType, around)],
      [hostType, new AddressFunction(hosts, hostType, around)],
      [scoreType, new AddressFunction(scores, scoreType, around)],
      [incidentType, new AddressFunction(incidents, incidentType, around)],
      [controlType, new ControlFunction({ hostPartitions, incidentPartitions }, around)],
      [recordsType, new RecordsFunction(around)],
    ]),
    metrics,
  );
}

/** The functions that have state. */
function bindAll(options: ServeOptions) {
  const { config, settings, models } = options;
  const { hostPartitions, incidentPartitions, sensors, records, windows, silenceTimeoutS } = settings;
  const lists = models && scoredLists(models);
  const flow = bindFlow({ ...config.flow, hostPartitions, records }, lists);
  const { host, allowedLatenessMs } = config;
  const hosts = bindHost(
    { host, allowedLatenessMs, incidentPartitions, sensors, windows, silenceTimeoutS },
    hostPartitions,
    lists && { incidentPartitions, withWindows: lists.includes('host-window') },
  );
  const hostAddresses = partitionIds(hostPartitions).map((id) => hostPartitionAddress(Number(id)));
  const upstreams = models ? [...hostAddresses, SCORE_ADDRESS] : hostAddresses;
  const incidents = withUpstreams(bindIncident({ ...config.incident, upstreams }, incidentPartitions), upstreams);
  // There even without models: what is on its way to it when they are taken out of use must arrive somewhere.
  const scores = bindScore(scoreSettings(options, hostAddresses), models);
  return { flow, hosts, scores, incidents };
}

/** The functions that have state, which write with it what they were set with. */
function withSettings(options: ServeOptions): ReturnType<typeof bindAll> {
  const settings = writeSettings(options);
  const { flow, hosts, scores, incidents } = bindAll(options);
  // After a change of settings, all states come with the same ones.
  let last: { bytes: Buffer; bound: ReturnType<typeof bindAll> } | undefined;
  const under = (bytes: Uint8Array) => {
    if (!last?.bytes.equals(bytes)) last = { bytes: Buffer.from(bytes), bound: bindAll(readSettings(bytes, options)) };
    return last.bound;
  };
  const refusalUnder = (bytes: Uint8Array) => spreadRefusal(bytes, options);
  return {
    flow: { ...flow, settings, refusalUnder, under: (bytes) => under(bytes).flow },
    hosts: { ...hosts, settings, refusalUnder, under: (bytes) => under(bytes).hosts },
    scores: { ...scores, settings, refusalUnder, under: (bytes) => under(bytes).scores },
    incidents: { ...incidents, settings, refusalUnder, under: (bytes) => under(bytes).incidents },
  };
}

function scoreSettings(
  { config, settings, models, log, nowMs }: ServeOptions,
  hosts: readonly string[],
): ScoreSettings {
  const complaints = new Seldom(COMPLAIN_EVERY_MS, nowMs);
  return {
    selections: models?.selections ?? [],
    alarms: models?.alarms ?? DEFAULT_ALARM_SETTINGS,
    keepsLearned: models?.keepsLearned ?? false,
    flow: config.flow,
    allowedLatenessMs: config.allowedLatenessMs,
    sensors: settings.sensors.map(({ name }) => name),
    hosts,
    incidentPartitions: settings.incidentPartitions,
    find: (id, fingerprint) => {
      try {
        return models?.shelf.get(id, fingerprint);
      } catch (error) {
        const reason = (error as Error).message;
        if (complaints.allows(id)) log.error({ model: id, reason }, 'a model in use is gone: its list is not scored');
        return undefined;
      }
    },
    failed: (error) => {
      const reason = error instanceof Error ? error.stack : String(error);
      if (complaints.allows('')) log.error({ reason }, 'models failed and score no more: choose others');
    },
  };
}

/** A server of all functions; it listens when started. */
export function createStatefunServer(options: ServeOptions): StatefunServer {
  const { host, port, maxRequestBytes } = options.settings;
  const { log, nowMs } = options;
  const metrics = new Metrics();
  const dispatcher = createDispatcher(options, metrics);
  return new StatefunServer({ host, port, maxRequestBytes, dispatcher, log, metrics, nowMs });
}
