import {
  type ActivityTable,
  FlowEvent,
  finish,
  formatAddress,
  formatEndpoint,
  hashAddress,
  mix,
} from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { emptyEntry, type LastingEntry, LastingKeys } from '../stores/lasting-keys.js';

/** Services are looked at for silence once in this time. Unit: s. */
const LOOK_EVERY_S = 60;
/** The least that steady use may be set to. */
const LEAST_STEADY_MINUTES = 1;
const IDLE_S = 86_400;
/** A break after which use is not steady. Unit: s. */
const LONG_BREAK_S = 120;

interface Service extends LastingEntry {
  server: string;
  port: number;
  /** Since when it was used without a long break, and the longest break since. Unit: µs. */
  steadyFromUs: number;
  longestBreakUs: number;
  /** How long it is silent; 0 while it is used. Unit: s. */
  silentS: number;
  /** Told since it was used last. */
  isTold: boolean;
}

/**
 * Services, among which those that have fallen silent come up by themselves. Nobody looks at one that is used, so use is
 * noted at once, by whole seconds: then the order of a second's rows does not matter.
 */
class Services extends LastingKeys<Service> {
  private nowS = 0;
  private lookedAtS = 0;
  /** Those that were used for a while without a long break, as of `generation`: most never are, and need no second look. */
  private steady = new Set<Service>();
  private steadyGeneration = -1;

  use(service: Service, timeUs: number): void {
    const secondUs = beginningOfSecond(timeUs);
    if (service.lastUs < secondUs) beginSecond(service, secondUs);
    service.sensors |= this.sensorBit;
    service.lastUs = Math.max(service.lastUs, timeUs);
    if (isSteady(service)) this.steady.add(service);
  }

  override rollTo(second: number): void {
    super.rollTo(second);
    this.nowS = second;
    if (second - this.lookedAtS >= LOOK_EVERY_S) this.touched.report();
  }

  override takeTouched(): readonly Service[] {
    const silent: Service[] = [];
    if (this.nowS - this.lookedAtS < LOOK_EVERY_S) return silent;
    this.lookedAtS = this.nowS - (this.nowS % LOOK_EVERY_S);
    this.dropForgotten();
    for (const service of this.steady) {
      service.silentS = Math.max(0, this.nowS - Math.ceil(service.lastUs / 1e6));
      if (service.silentS >= LOOK_EVERY_S && !service.isTold) silent.push(service);
    }
    // In an order that does not depend on when they became steady.
    return silent.sort((a, b) => a.key - b.key);
  }

  /** Keys may have left, or have come from a stored state. */
  private dropForgotten(): void {
    if (this.steadyGeneration === this.generation) return;
    this.steadyGeneration = this.generation;
    this.steady.clear();
    for (const service of this.all) if (isSteady(service)) this.steady.add(service);
  }
}

function isSteady({ lastUs, steadyFromUs }: Service): boolean {
  return lastUs - steadyFromUs >= LEAST_STEADY_MINUTES * 60e6;
}

/** A service that was used all the time, and is not any more. */
export class TrafficStopped implements KeyedDetector<Service> {
  readonly name = 'traffic-stopped';
  readonly kind = 'anomaly';
  readonly sees = 'A service to which connections were made without a long break for an hour, and then none.';
  readonly how =
    'The times of connections that were answered are kept for each service. It has stopped when it is silent for the threshold and for ten times its longest break, while other traffic goes on.';
  readonly blindTo = 'Services that are used with long breaks, and links on which all traffic stops at once.';
  readonly evadedBy = 'A connection now and then.';
  readonly techniques = [{ id: 'T1489', name: 'Service Stop' }];
  readonly advice = ['Look whether the service answers, and whether its machine and the way to it are up.'];
  readonly counts: Services;

  constructor(config: HostConfig) {
    this.counts = new Services(
      { maxKeys: config.maxLastingKeys, idleS: () => IDLE_S, periodS: IDLE_S },
      () => undefined,
    );
  }

  observeService(activity: ActivityTable, i: number): void {
    const c = activity.columns;
    if (!(c.events[i]! & (FlowEvent.answered | FlowEvent.established))) return;
    const port = c.responderPort[i]!;
    const key = finish(mix(mix(59, hashAddress(c.responderAddress.words, i * 4)), (c.protocol[i]! << 16) | port));
    const entry = this.counts.get(key) ?? this.counts.add(() => newService(key, activity, i));
    if (entry) this.counts.use(entry, c.timeUs[i]!);
  }

  magnitude(
    { silentS, isTold, lastUs, steadyFromUs, longestBreakUs }: Service,
    { trafficStopped }: HostConfig,
  ): number {
    if (isTold || silentS === 0 || lastUs - steadyFromUs < trafficStopped.steadyMinutes * 60e6) return 0;
    return silentS / Math.max(trafficStopped.silentMinutes * 60, longestBreakUs / 1e5);
  }

  argue(entry: Service, { trafficStopped }: HostConfig): Argument {
    const { server, port, silentS, lastUs, steadyFromUs, longestBreakUs } = entry;
    entry.isTold = true;
    const steadyMinutes = (lastUs - steadyFromUs) / 60e6;
    return {
      entity: `${server}:${port}`,
      severity: 'low',
      confidence: 0.6,
      startUs: lastUs,
      endUs: lastUs + silentS * 1e6,
      sources: [],
      targets: [server],
      title: `Nobody reaches ${formatEndpoint(server, port)} any more`,
      summary: `Connections to ${formatEndpoint(server, port)} were answered for ${readable(steadyMinutes)} minutes with no break above ${readable(longestBreakUs / 1e6)} s, and none for ${readable(silentS / 60)} minutes now.`,
      evidence: [
        {
          measure: 'time without an answered connection',
          unit: 's',
          value: silentS,
          normal: longestBreakUs / 1e6,
          threshold: trafficStopped.silentMinutes * 60,
        },
        { measure: 'time of steady use before', unit: 'min', value: steadyMinutes },
      ],
      counterfactual: 'One connection that is answered.',
      flows: [],
    };
  }
}

function newService(key: number, { columns: c }: ActivityTable, i: number): Service {
  return {
    ...emptyEntry(key),
    server: formatAddress(c.responderAddress.bytes, i * 16),
    port: c.responderPort[i]!,
    steadyFromUs: 0,
    longestBreakUs: 0,
    silentS: 0,
    isTold: false,
  };
}

// Not by a remainder: of numbers beyond 32 bits that takes longer than all else here.
function beginningOfSecond(timeUs: number): number {
  return Math.floor(timeUs / 1e6) * 1e6;
}

/** The service is used again, in the second that begins at `secondUs`. */
function beginSecond(service: Service, secondUs: number): void {
  const { lastUs } = service;
  const breakUs = lastUs === 0 ? 0 : secondUs - beginningOfSecond(lastUs);
  service.silentS = 0;
  service.isTold = false;
  // After a long break it begins to be steady anew.
  if (lastUs === 0 || breakUs > LONG_BREAK_S * 1e6) {
    service.steadyFromUs = secondUs;
    service.longestBreakUs = 0;
  } else if (breakUs > service.longestBreakUs) service.longestBreakUs = breakUs;
  if (service.firstUs === 0) service.firstUs = secondUs;
}
