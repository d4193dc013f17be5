import type { SensorHealth, TrafficWindow } from '@weir/contracts';
import type { Analysis, Overview, Snapshot } from '@weir/contracts/dashboard-api';
import type { Feed, FeedBatch, TrafficSecond } from '../feed/feed.js';
import { Hub } from '../live/hub.js';
import type { ControlPort } from '../ports.js';
import { itemsById, listIncidents } from '../queries/incidents.js';
import { overview } from '../queries/overview.js';
import { WINDOW_MS } from '../queries/ranges.js';
import { hiddenRules } from '../queries/suppressions.js';
import { secondPoints, trafficPoints } from '../queries/traffic.js';
import type { History } from '../store/history.js';
import { FlowStream } from './flow-stream.js';
import { SensorBoard } from './sensor-board.js';

const STEP_S = WINDOW_MS / 1000;
/** Overview and sensors are told at most this often, ms. */
const TELL_EACH_MS = 1000;
/** Traffic that a snapshot shows. */
const SNAPSHOT_TRAFFIC_MS = 3_600_000;
/** Of which second by second. */
const SNAPSHOT_SECONDS_MS = 600_000;
const SNAPSHOT_INCIDENTS = 200;

export interface WatchParts {
  readonly history: History;
  readonly feed: Feed;
  readonly controls: ControlPort;
  readonly nowMs: () => number;
  readonly isReplay: boolean;
  /** Whether a sensor that the history knows may still speak. */
  readonly isOwn: (sensor: string) => boolean;
  /** A failure that nobody waits for. */
  readonly onError: (error: unknown) => void;
}

/** Keeps what the feed brings and tells the clients: first kept, then told. */
export class Watch {
  readonly hub: Hub;
  readonly sensors: SensorBoard;
  readonly flows: FlowStream;
  /** Set by whoever runs analyses. */
  analyses: () => Analysis[] = () => [];
  private latestOverview: { atMs: number; overview: Promise<Overview> } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isChanged = true;

  constructor(private readonly parts: WatchParts) {
    const { nowMs, isReplay, controls } = parts;
    this.hub = new Hub({ snapshot: () => this.snapshot(), nowMs });
    this.sensors = new SensorBoard({ nowMs, isReplay, facts: (name) => controls.sensorFacts(name) });
    this.flows = new FlowStream((change) => this.hub.publish(change));
  }

  async start(): Promise<void> {
    const { history, feed } = this.parts;
    for (const { json, heard_at } of await history.database.rows<{ json: string; heard_at: number }>(LAST_HEALTH)) {
      const health = JSON.parse(json) as SensorHealth;
      if (this.parts.isOwn(health.sensor)) this.sensors.note(health, heard_at);
    }
    this.timer = setInterval(() => void this.tell().catch(this.parts.onError), TELL_EACH_MS);
    await feed.start({ positions: await history.positions(), take: (batch) => this.take(batch) });
  }

  async stop(): Promise<void> {
    await this.parts.feed.stop();
    clearInterval(this.timer);
    this.flows.close();
    this.hub.close();
  }

  /** The network at a glance, at most half a second old. */
  overview(): Promise<Overview> {
    const nowMs = this.parts.nowMs();
    const latest = this.latestOverview;
    if (latest && Math.abs(nowMs - latest.atMs) < TELL_EACH_MS / 2) return latest.overview;
    const { history } = this.parts;
    const facts = {
      newestMs: history.newestMs,
      health: this.sensors.overall(),
      packets: this.sensors.packets,
      flows: this.flows.count,
    };
    this.latestOverview = { atMs: nowMs, overview: overview(history.database, facts) };
    return this.latestOverview.overview;
  }

  /** Tells of incidents that people or rules changed. */
  async tellIncidents(ids: readonly string[], fresh: ReadonlySet<string> = new Set()): Promise<void> {
    const items = await itemsById(this.parts.history.database, ids);
    for (const incident of items.reverse())
      this.hub.publish({ kind: 'incident', incident, isNew: fresh.has(incident.id) });
    this.isChanged = true;
    this.latestOverview = undefined;
  }

  /** Applies the suppressions and tells what they changed. */
  async suppressionsChanged(): Promise<void> {
    const { history } = this.parts;
    const changed = await history.applyRules();
    await this.tellIncidents(changed);
    this.hub.publish({ kind: 'suppressions', suppressions: await hiddenRules(history.database, this.parts.nowMs()) });
  }

  private async take(batch: FeedBatch): Promise<void> {
    const { incidents, flows, windows, seconds, health } = await this.parts.history.record(batch);
    for (const message of health.values()) this.sensors.note(message, this.parts.nowMs());
    this.isChanged = true;
    this.flows.add(flows);
    await this.tellIncidents(
      incidents.map(({ id }) => id),
      new Set(incidents.filter(({ isNew }) => isNew).map(({ id }) => id)),
    );
    await this.tellTraffic(windows);
    await this.tellSeconds(seconds, windows);
  }

  private async tellTraffic(windows: readonly TrafficWindow[]): Promise<void> {
    if (windows.length === 0 || !this.hub.isListenedTo) return;
    const starts = windows.map(({ startMs }) => startMs);
    const last = starts.reduce((a, b) => Math.max(a, b));
    // After a pause much may come at once; a page that shows more asks for it.
    const first = Math.max(
      last - SNAPSHOT_TRAFFIC_MS,
      starts.reduce((a, b) => Math.min(a, b)),
    );
    const range = { fromMs: first, toMs: last + 1 };
    const points = await trafficPoints(this.parts.history.database, range, STEP_S);
    this.hub.publish({ kind: 'traffic', stepS: STEP_S, points });
  }

  /** Seconds that were seen, and those of which a complete window now tells more. */
  private async tellSeconds(seconds: readonly TrafficSecond[], windows: readonly TrafficWindow[]): Promise<void> {
    if (seconds.length + windows.length === 0 || !this.hub.isListenedTo) return;
    const starts = [...seconds, ...windows].map(({ startMs }) => startMs);
    const ends = [...seconds.map(({ startMs }) => startMs + 1000), ...windows.map(({ endMs }) => endMs)];
    const toMs = ends.reduce((a, b) => Math.max(a, b));
    const fromMs = Math.max(
      toMs - SNAPSHOT_SECONDS_MS,
      starts.reduce((a, b) => Math.min(a, b)),
    );
    const points = await secondPoints(this.parts.history.database, { fromMs, toMs }, 1);
    if (points.length > 0) this.hub.publish({ kind: 'traffic', stepS: 1, points });
  }

  private async tell(): Promise<void> {
    if (this.parts.history.hasExpiredRule) await this.suppressionsChanged();
    if (!this.isChanged || this.hub.counts().clients === 0) return;
    this.isChanged = false;
    this.hub.publish({ kind: 'sensors', sensors: this.sensors.sensors() });
    this.hub.publish({ kind: 'overview', overview: await this.overview() });
  }

  private async snapshot(): Promise<Omit<Snapshot, 'kind' | 'sequence'>> {
    const { history, nowMs } = this.parts;
    const { database, newestMs } = history;
    const range = { fromMs: newestMs - SNAPSHOT_TRAFFIC_MS, toMs: newestMs + 1 };
    const fine = { ...range, fromMs: newestMs - SNAPSHOT_SECONDS_MS };
    const [glance, incidents, points, seconds, suppressions] = await Promise.all([
      this.overview(),
      listIncidents(database, { pageSize: SNAPSHOT_INCIDENTS }),
      trafficPoints(database, range, STEP_S),
      secondPoints(database, fine, 1),
      hiddenRules(database, nowMs()),
    ]);
    return {
      overview: glance,
      incidents: incidents.items,
      traffic: { stepS: STEP_S, points },
      seconds,
      flows: this.flows.latest(),
      sensors: this.sensors.sensors(),
      suppressions,
      analyses: this.analyses(),
    };
  }
}

const LAST_HEALTH = 'SELECT arg_max(json, heard_at) AS json, max(heard_at) AS heard_at FROM health GROUP BY sensor';
