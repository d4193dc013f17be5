import { StatefunFunction } from '@weir/contracts';
import type { DetectionConfig } from '../../config.js';
import { AddressFunction, type Surroundings } from './address-function.js';
import { ControlFunction } from './control-function.js';
import { type Callable, Dispatcher } from './dispatcher.js';
import { bindFlow } from './flow-binding.js';
import { bindHost } from './host-binding.js';
import { bindIncident } from './incident-binding.js';
import type { Log } from './log.js';
import { Metrics } from './metrics.js';
import { partitionIds } from './partition-id.js';
import { StatefunServer } from './server.js';
import type { StatefunSettings } from './settings.js';
import { StateCache } from './state-cache.js';

/** What the functions are served with. */
export interface ServeOptions {
  readonly config: DetectionConfig;
  readonly settings: StatefunSettings;
  readonly log: Log;
  /** Unix epoch in ms. */
  readonly nowMs: () => number;
}

/** All functions, ready to be called. */
export function createDispatcher({ config, settings, log, nowMs }: ServeOptions, metrics = new Metrics()): Dispatcher {
  const { hostPartitions, incidentPartitions, sensors, records, windows, silenceTimeoutS, onUnreadableState } =
    settings;
  const around: Surroundings = { log, metrics, nowMs, onUnreadableState, cache: new StateCache(settings.cacheBytes) };
  const flow = bindFlow({ ...config.flow, hostPartitions, records });
  const { host, allowedLatenessMs } = config;
  const hosts = bindHost(
    { host, allowedLatenessMs, incidentPartitions, sensors, windows, silenceTimeoutS },
    hostPartitions,
  );
  const upstreams = partitionIds(hostPartitions).map((id) => `host/${id}`);
  const incidents = bindIncident({ ...config.incident, upstreams }, incidentPartitions);
  const { flow: flowType, host: hostType, incident: incidentType, control: controlType } = StatefunFunction;
  return new Dispatcher(
    new Map<string, Callable>([
      [flowType, new AddressFunction(flow, flowType, around)],
      [hostType, new AddressFunction(hosts, hostType, around)],
      [incidentType, new AddressFunction(incidents, incidentType, around)],
      [controlType, new ControlFunction({ hostPartitions, incidentPartitions }, around)],
    ]),
    metrics,
  );
}

/** A server of all functions; it listens when started. */
export function createStatefunServer(options: ServeOptions): StatefunServer {
  const { host, port, maxRequestBytes } = options.settings;
  const { log, nowMs } = options;
  const metrics = new Metrics();
  const dispatcher = createDispatcher(options, metrics);
  return new StatefunServer({ host, port, maxRequestBytes, dispatcher, log, metrics, nowMs });
}
