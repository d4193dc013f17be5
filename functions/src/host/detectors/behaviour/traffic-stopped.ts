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
import { type LastingBounds, type LastingEntry, LastingKeys } from '../stores/lasting-keys.js';

/** Services are looked at for silence once in this time. Unit: s. */
const LOOK_EVERY_S = 60;
const IDLE_S = 86_400;
/** A break after which use is not steady. Unit: s. */
const LONG_BREAK_S = 120;

/** What is known of a service. Since when it is used, and was last, the entry itself says. */
interface Service {
  readonly server: string;
  readonly port: number;
  /** Since when it was used without a long break, and the longest break since. Unit: µs. */
  steadyFromUs: number;
  longestBreakUs: number;
  /** How long it is silent; 0 while it is used. Unit: s. */
  silentS: number;
  /** Told since it was used last. */
  isTold: boolean;
}

type ServiceEntry = LastingEntry<Service>;

/**
 * Services, among which those that have fallen silent come up by themselves. Nobody looks at one that is used, so use is
 * noted at once, by whole seconds: then the order of a second's rows does not matter.
 */
class Services extends LastingKeys<Service> {
  private nowS = 0;
  private lookedAtS = 0;
  /** Those that are steady. Most never are, and need no second look. Undefined: to be found out. */
  private steady: Set<ServiceEntry> | undefined;

  constructor(
    bounds: LastingBounds<Service>,
    /** Time of use without a long break, from which a service is steady. Unit: min. */
    private steadyMinutes: number,
  ) {
    super(bounds, () => undefined);
  }

  use(entry: ServiceEntry, timeUs: number, steadyMinutes: number): void {
    if (steadyMinutes !== this.steadyMinutes) this.steady = undefined;
    this.steadyMinutes = steadyMinutes;
    const secondUs = beginningOfSecond(timeUs);
    if (entry.lastUs < secondUs) beginSecond(entry, secondUs);
    entry.sensors |= this.sensorBit;
    if (timeUs > entry.lastUs) entry.lastUs = timeUs;
    if (this.isSteady(entry)) this.steady?.add(entry);
  }

  private isSteady({ lastUs, about }: ServiceEntry): boolean {
    return lastUs - about.steadyFromUs >= this.steadyMinutes * 60e6;
  }

  override rollTo(second: number): void {
    super.rollTo(second);
    this.nowS = second;
    if (second - this.lookedAtS >= LOOK_EVERY_S) this.touched.report();
  }

  override takeTouched(): readonly ServiceEntry[] {
    const silent: ServiceEntry[] = [];
    if (this.nowS - this.lookedAtS < LOOK_EVERY_S) return silent;
    this.lookedAtS = this.nowS - (this.nowS % LOOK_EVERY_S);
    this.steady ??= new Set([...this.all].filter((entry) => this.isSteady(entry)));
    for (const entry of this.steady) {
      entry.about.silentS = Math.max(0, this.nowS - Math.ceil(entry.lastUs / 1e6));
      if (entry.about.silentS >= LOOK_EVERY_S && !entry.about.isTold) silent.push(entry);
    }
    // In an order that does not depend on when they became steady.
    return silent.sort((a, b) => a.key - b.key);
  }

  protected override forget(entry: ServiceEntry): void {
    super.forget(entry);
    this.steady?.delete(entry);
  }

  override snapshot(): object {
    return { ...super.snapshot(), steadyMinutes: this.steadyMinutes };
  }

  override restore(snapshot: object): void {
    super.restore(snapshot);
    this.steadyMinutes = (snapshot as { steadyMinutes: number }).steadyMinutes;
    this.steady = undefined;
  }
}

/** A service that was used all the time, and is not any more. */
export class TrafficStopped implements KeyedDetector<ServiceEntry> {
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
      config.trafficStopped.steadyMinutes,
    );
  }

  observeService(activity: ActivityTable, i: number, { trafficStopped }: HostConfig): void {
    const c = activity.columns;
    if (!(c.events[i]! & (FlowEvent.answered | FlowEvent.established))) return;
    const port = c.responderPort[i]!;
    const key = finish(mix(mix(59, hashAddress(c.responderAddress.words, i * 4)), (c.protocol[i]! << 16) | port));
    const entry = this.counts.get(key) ?? this.counts.add(key, () => newService(activity, i));
    if (entry) this.counts.use(entry, c.timeUs[i]!, trafficStopped.steadyMinutes);
  }

  magnitude({ about, lastUs }: ServiceEntry, { trafficStopped }: HostConfig): number {
    const { silentS, isTold, steadyFromUs, longestBreakUs } = about;
    if (isTold || silentS === 0 || lastUs - steadyFromUs < trafficStopped.steadyMinutes * 60e6) return 0;
    return silentS / Math.max(trafficStopped.silentMinutes * 60, longestBreakUs / 1e5);
  }

  argue({ about, lastUs }: ServiceEntry, { trafficStopped }: HostConfig): Argument {
    const { server, port, silentS, steadyFromUs, longestBreakUs } = about;
    about.isTold = true;
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

function newService({ columns: c }: ActivityTable, i: number): Service {
  return {
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
function beginSecond(entry: ServiceEntry, secondUs: number): void {
  const { lastUs, about } = entry;
  const breakUs = lastUs === 0 ? 0 : secondUs - beginningOfSecond(lastUs);
  about.silentS = 0;
  about.isTold = false;
  // After a long break it begins to be steady anew.
  if (lastUs === 0 || breakUs > LONG_BREAK_S * 1e6) {
    about.steadyFromUs = secondUs;
    about.longestBreakUs = 0;
  } else if (breakUs > about.longestBreakUs) about.longestBreakUs = breakUs;
  if (entry.firstUs === 0) entry.firstUs = secondUs;
}
