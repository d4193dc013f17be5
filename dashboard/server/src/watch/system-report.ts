import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { SystemHealth } from '@weir/contracts/dashboard-api';
import type { Parts } from '../parts.js';
import type { StageCount } from '../ports.js';
import { sizeOf } from '../store/retention.js';
import type { TABLES } from '../store/schema.js';

/** Rates are over the last so many seconds, in samples of one each. */
const SAMPLES = 10;
const SAMPLE_MS = 1000;
const COUNTED = [
  'incidents',
  'flows',
  'windows',
  'peers',
  'health',
  'audit',
] as const satisfies (keyof typeof TABLES)[];

/** How the system is, with rates from samples that are taken while the server runs. */
export class SystemReport {
  private readonly delay = monitorEventLoopDelay({ resolution: 20 });
  private samples: { atMs: number; totals: Map<string, number> }[] = [];

  constructor(private readonly parts: Parts) {
    this.delay.enable();
    setInterval(() => this.sample(), SAMPLE_MS).unref();
  }

  async make(): Promise<SystemHealth> {
    const { settings, startedAtMs, watch } = this.parts;
    const { rss, heapUsed } = process.memoryUsage();
    const eventLoopDelayMs = Math.max(0, this.delay.percentile(99) / 1e6 || 0);
    this.delay.reset();
    const { clients, thinned, resynced, refused } = watch.hub.counts();
    return {
      version: settings.version,
      nodeVersion: process.version,
      startedAtMs,
      memoryBytes: rss,
      heapBytes: heapUsed,
      eventLoopDelayMs,
      store: await this.store(),
      stages: this.stageCounts().map((stage) => ({ ...stage, perSecond: this.rateOf(stage) })),
      live: { clients, thinned, resynced, refused },
      blindSpots: this.blindSpots(),
    };
  }

  private async store(): Promise<SystemHealth['store']> {
    const { history, settings } = this.parts;
    const { database } = history;
    const counts = COUNTED.map((name) => `(SELECT count(*) FROM ${name}) AS ${name}`);
    const [rows] = await database.rows<Record<string, number>>(`SELECT ${counts.join(', ')}`);
    const [oldest] = await database.rows<{ ms: number | null }>(
      'SELECT least((SELECT min(end_ms) FROM flows), (SELECT min(start_ms) FROM windows)) AS ms',
    );
    return {
      path: settings.historyPath,
      bytes: await sizeOf(database),
      ...(oldest?.ms == null ? {} : { oldestMs: oldest.ms }),
      rows: { ...rows },
      writeLagMs: history.lastWriteMs,
      retentionDays: settings.retention.days,
      retentionBytes: settings.retention.bytes,
    };
  }

  private stageCounts(): StageCount[] {
    const { ports, feed, watch } = this.parts;
    const { events, flowsThinned, refused, lag } = feed.counts();
    const { published, thinned } = watch.hub.counts();
    return [
      ...(ports.stages?.() ?? []),
      {
        name: 'history',
        unit: 'event',
        total: events,
        dropped: flowsThinned + refused,
        ...(lag === undefined ? {} : { lag }),
      },
      { name: 'live', unit: 'message', total: published, dropped: thinned },
    ];
  }

  private sample(): void {
    const totals = new Map(this.stageCounts().map(({ name, total }) => [name, total]));
    this.samples = [...this.samples.slice(-SAMPLES), { atMs: this.parts.nowMs(), totals }];
  }

  private rateOf({ name, total }: StageCount): number {
    const [first] = this.samples;
    const before = first?.totals.get(name);
    const elapsedS = (this.parts.nowMs() - (first?.atMs ?? 0)) / 1000;
    return before === undefined || elapsedS <= 0 ? 0 : Math.max(0, total - before) / elapsedS;
  }

  private blindSpots(): SystemHealth['blindSpots'] {
    const { feed, watch } = this.parts;
    const { flowsThinned, refused } = feed.counts();
    const spots = watch.sensors.blindSpots();
    if (flowsThinned > 0) spots.push({ what: `${flowsThinned} flows were not kept, as they came too fast.` });
    if (refused > 0) spots.push({ what: `${refused} messages could not be understood.` });
    return spots;
  }
}
