import type { FlowItem, LiveChange } from '@weir/contracts/dashboard-api';

/** Flows in one message, and messages a second. */
const MOST_A_MESSAGE = 100;
const EACH_MS = 250;
/** Newest flows kept for a snapshot. */
const KEPT = 200;

/** Thins new flows to what a page can show; history has them all. */
export class FlowStream {
  private newest: FlowItem[] = [];
  private waiting: FlowItem[] = [];
  private skipped = 0;
  private total = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly publish: (change: LiveChange) => void) {}

  /** Flows since the server began. */
  get count(): number {
    return this.total;
  }

  /** The newest, newest first. */
  latest(): FlowItem[] {
    return [...this.newest].reverse();
  }

  add(flows: readonly FlowItem[]): void {
    if (flows.length === 0) return;
    this.total += flows.length;
    this.newest = [...this.newest, ...flows.slice(-KEPT)].slice(-KEPT);
    const all = [...this.waiting, ...flows.slice(-MOST_A_MESSAGE)];
    this.skipped += this.waiting.length + flows.length - Math.min(all.length, MOST_A_MESSAGE);
    this.waiting = all.slice(-MOST_A_MESSAGE);
    this.timer ??= setTimeout(() => this.send(), EACH_MS);
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private send(): void {
    this.timer = undefined;
    this.publish({ kind: 'flows', flows: this.waiting, skipped: this.skipped });
    this.waiting = [];
    this.skipped = 0;
  }
}
