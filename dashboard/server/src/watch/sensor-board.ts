import type { SensorHealth } from '@weir/contracts';
import type { Overview, Sensor, SystemHealth } from '@weir/contracts/dashboard-api';
import type { SensorFacts } from '../ports.js';

/** A sensor is silent when it was not heard of for this long, ms by the clock. */
const SILENT_MS = 30_000;
/** Sensors kept; the one not heard for longest gives way. */
const MOST_SENSORS = 1000;
/** Share of packets dropped from which the view counts as impaired. */
const IMPAIRED_SHARE = 0.01;
/** Watermarks from here on mean that the sensor has ended. */
const END_MS = 0xffff_0000 * 1000;
/** A rate is taken over at least this long, ms. */
const RATE_MS = 1000;

interface Heard {
  health: SensorHealth;
  heardAtMs: number;
  rate: number;
  rateFrom: { atMs: number; packets: number };
}

export interface SensorBoardOptions {
  readonly nowMs: () => number;
  readonly facts: (sensor: string) => SensorFacts | undefined;
  /** Capture time is not the clock's, so there is no lag to tell. */
  readonly isReplay: boolean;
}

/** How each sensor is, from what was last heard of it. */
export class SensorBoard {
  private readonly heard = new Map<string, Heard>();

  constructor(private readonly options: SensorBoardOptions) {}

  /** Notes a health message that came at `heardAtMs`. */
  note(health: SensorHealth, heardAtMs: number): void {
    const last = this.heard.get(health.sensor);
    this.heard.delete(health.sensor);
    this.heard.set(health.sensor, { health, heardAtMs, ...rateAfter(last, health, heardAtMs) });
    if (this.heard.size > MOST_SENSORS) this.heard.delete(this.heard.keys().next().value!);
  }

  sensors(): Sensor[] {
    return [...this.heard.values()].map((heard) => this.sensorOf(heard)).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Packets of all sensors since they began. */
  get packets(): number {
    let packets = 0;
    for (const { health } of this.heard.values()) packets += health.packetsCaptured;
    return packets;
  }

  /** How well Weir sees, in one word and one sentence. */
  overall(): Overview['health'] {
    const sensors = this.sensors();
    if (sensors.length === 0) return { status: 'waiting', reason: 'No sensor has been heard of yet.' };
    const silent = sensors.filter(({ state }) => state === 'silent' || state === 'stopped');
    if (silent.length === sensors.length) return { status: 'blind', reason: `Nothing comes from ${listed(silent)}.` };
    if (silent.length > 0) return { status: 'impaired', reason: `Nothing comes from ${listed(silent)}.` };
    const worst = sensors.reduce((a, b) => (b.droppedShare > a.droppedShare ? b : a));
    if (worst.droppedShare >= IMPAIRED_SHARE) {
      return { status: 'impaired', reason: `${worst.name} dropped ${percent(worst.droppedShare)} of its packets.` };
    }
    if (sensors.every(({ state }) => state === 'ended')) {
      return { status: 'ended', reason: 'The input was read to its end; what was found stays here.' };
    }
    return { status: 'good', reason: `${capital(listed(sensors))} ${sensors.length === 1 ? 'delivers' : 'deliver'}.` };
  }

  /** What cannot be seen right now, and since when. */
  blindSpots(): SystemHealth['blindSpots'] {
    return this.sensors().flatMap(({ name, state, heardAtMs, health, droppedShare }) => {
      const spots: SystemHealth['blindSpots'] = [];
      if (state === 'silent') spots.push({ what: `Sensor ${name} is silent.`, since: heardAtMs });
      if (state === 'stopped') spots.push({ what: `Capture of sensor ${name} was stopped.` });
      if (droppedShare > 0) spots.push({ what: `Sensor ${name} dropped ${percent(droppedShare)} of its packets.` });
      if (health.packetsUndecoded > 0) {
        spots.push({ what: `Sensor ${name}: ${health.packetsUndecoded} packets could not be decoded to a transport.` });
      }
      return spots;
    });
  }

  private sensorOf({ health, heardAtMs, rate }: Heard): Sensor {
    const { interfaces = [], source, filter, state } = this.options.facts(health.sensor) ?? factsOf(health);
    const nowMs = this.options.nowMs();
    const dropped = health.packetsDroppedByKernel + health.packetsDroppedByInterface;
    const isEnded = health.atMs >= END_MS;
    return {
      name: health.sensor,
      health,
      state: state ?? (isEnded ? 'ended' : nowMs - heardAtMs > SILENT_MS ? 'silent' : 'running'),
      heardAtMs,
      ...(this.options.isReplay || isEnded ? {} : { lagMs: Math.max(0, heardAtMs - health.atMs) }),
      packetsPerSecond: nowMs - heardAtMs > SILENT_MS || isEnded ? 0 : rate,
      droppedShare: dropped > 0 ? dropped / (dropped + health.packetsCaptured) : 0,
      interfaces,
      ...(source === undefined ? {} : { source }),
      ...(filter === undefined ? {} : { filter }),
    };
  }
}

/** What the agent tells of itself. */
function factsOf({ agent }: SensorHealth): Partial<SensorFacts> {
  if (!agent) return {};
  const interfaces = agent.interfaces.map((name) => ({ name, isUp: true, addresses: [] }));
  return { interfaces, source: agent.source, filter: agent.filter, ...(agent.isCapturing ? {} : { state: 'stopped' }) };
}

function rateAfter(last: Heard | undefined, { packetsCaptured: packets }: SensorHealth, atMs: number) {
  // Counts begin again when a sensor does.
  if (!last || packets < last.rateFrom.packets) return { rate: 0, rateFrom: { atMs, packets } };
  const elapsedMs = atMs - last.rateFrom.atMs;
  if (elapsedMs < RATE_MS) return { rate: last.rate, rateFrom: last.rateFrom };
  return { rate: ((packets - last.rateFrom.packets) * 1000) / elapsedMs, rateFrom: { atMs, packets } };
}

function listed(sensors: readonly Sensor[]): string {
  const names = sensors.slice(0, 3).map(({ name }) => name);
  const more = sensors.length - names.length;
  return `${sensors.length === 1 ? 'sensor' : 'sensors'} ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const percent = (share: number) => `${(share * 100).toFixed(share < 0.01 ? 2 : 1)} %`;
