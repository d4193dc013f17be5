import { randomUUID } from 'node:crypto';
import { LIVE_CLOSE, type LiveChange, type Snapshot } from '@weir/contracts/dashboard-api';
import { Ring } from './ring.js';

/** A connected browser. */
export interface LiveClient {
  /** Bytes that were sent and that the network has not taken yet. */
  readonly bufferedBytes: number;
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** Where a client wants to go on. */
export interface Resume {
  readonly run: string;
  readonly since: number;
}

/** What the hub counted. */
export interface HubCounts {
  readonly clients: number;
  readonly published: number;
  readonly thinned: number;
  readonly resynced: number;
  readonly refused: number;
}

export interface HubOptions {
  readonly maxClients?: number;
  readonly ringEntries?: number;
  readonly ringBytes?: number;
  /** All there is, as of now. */
  readonly snapshot: () => Promise<Omit<Snapshot, 'kind' | 'sequence'>>;
  readonly nowMs: () => number;
}

/** A client with more than this buffered gets no transient messages, … */
const THIN_BYTES = 256 * 1024;
/** … and with more than this nothing at all until it has taken some. */
const WAIT_BYTES = 1024 * 1024;
/** One snapshot serves all clients that come within this time. */
const SNAPSHOT_MS = 1000;
const PUMP_MS = 100;
/** A client that left may come back and resume for at least this long. */
const AWAY_MS = 5 * 60_000;
/** A client that takes nothing for this long is let go. */
const STUCK_MS = 60_000;

/** The snapshot that was made last, or is being made. */
interface LatestSnapshot {
  readonly atMs: number;
  /** Number of the last change that is surely in it. */
  readonly sequence: number;
  readonly text: Promise<{ sequence: number; text: string }>;
}

interface Attached {
  readonly client: LiveClient;
  /** Number of the next change to send; nothing while a snapshot is made. */
  next: number | undefined;
  thinned: number;
  /** When it was last seen to take something, or to have taken all. */
  tookAtMs: number;
  /** What it had not taken when that was looked at last, and what was sent since. */
  bufferedBytes: number;
  sentBytes: number;
}

/**
 * Sends every change to every client, in order and numbered. A client has no queue of its own but a place in one bounded
 * ring, so that memory does not grow with slow clients: they get fewer messages, then a new snapshot.
 */
export class Hub {
  readonly run = randomUUID();
  private readonly ring: Ring;
  private readonly attached = new Map<LiveClient, Attached>();
  private readonly maxClients: number;
  private latest: LatestSnapshot | undefined;
  private timer: NodeJS.Timeout | undefined;
  private leftAtMs = Number.NEGATIVE_INFINITY;
  private thinned = 0;
  private resynced = 0;
  private refused = 0;

  constructor(private readonly options: HubOptions) {
    this.ring = new Ring({ entries: options.ringEntries ?? 5000, bytes: options.ringBytes ?? 8 * 1024 * 1024 });
    this.maxClients = options.maxClients ?? 500;
  }

  /** Tells all clients. */
  publish(change: LiveChange): void {
    this.ring.add(change);
    for (const attached of this.attached.values()) this.pump(attached);
  }

  /** Welcomes a client: what it missed when it resumes within the ring, else a snapshot; then changes. */
  attach(client: LiveClient, resume?: Resume): void {
    if (this.attached.size >= this.maxClients) {
      this.refused++;
      client.close(LIVE_CLOSE.tooMany, `This server takes ${this.maxClients} live clients. Close another page.`);
      return;
    }
    const resumed = resume !== undefined && this.canResume(resume);
    const attached: Attached = {
      client,
      next: resumed ? resume.since + 1 : undefined,
      thinned: 0,
      tookAtMs: this.options.nowMs(),
      bufferedBytes: 0,
      sentBytes: 0,
    };
    this.attached.set(client, attached);
    const sequence = resumed ? resume.since : this.ring.lastSequence;
    give(attached, JSON.stringify({ kind: 'welcome', run: this.run, sequence, resumed }));
    if (resumed) this.pump(attached);
    else void this.sendSnapshot(attached);
    this.timer ??= setInterval(() => this.pumpAll(), PUMP_MS).unref();
  }

  /** Whether anybody listens, or may come back for what was said meanwhile. */
  get isListenedTo(): boolean {
    return this.attached.size > 0 || this.options.nowMs() - this.leftAtMs < AWAY_MS;
  }

  detach(client: LiveClient): void {
    if (this.attached.delete(client)) this.leftAtMs = this.options.nowMs();
    if (this.attached.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  counts(): HubCounts {
    const { thinned, resynced, refused } = this;
    return { clients: this.attached.size, published: this.ring.lastSequence, thinned, resynced, refused };
  }

  /** Lets all clients go. */
  close(): void {
    for (const { client } of this.attached.values()) client.close(1001, 'The server ends.');
    this.attached.clear();
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private canResume({ run, since }: Resume): boolean {
    return run === this.run && since >= this.ring.oldestSequence - 1 && since <= this.ring.lastSequence;
  }

  private pumpAll(): void {
    const nowMs = this.options.nowMs();
    for (const attached of [...this.attached.values()]) {
      if (hasTaken(attached)) attached.tookAtMs = nowMs;
      if (nowMs - attached.tookAtMs > STUCK_MS) {
        this.detach(attached.client);
        attached.client.close(1013, 'This client takes nothing. Connect again.');
      } else this.pump(attached);
    }
  }

  /** Sends what the client has not got and can take. */
  private pump(attached: Attached): void {
    const { client } = attached;
    while (attached.next !== undefined && attached.next <= this.ring.lastSequence) {
      const buffered = client.bufferedBytes;
      if (buffered > WAIT_BYTES) return;
      const entry = this.ring.get(attached.next);
      if (!entry) {
        this.resynced++;
        void this.sendSnapshot(attached);
        return;
      }
      attached.next++;
      if (entry.isTransient && buffered > THIN_BYTES) attached.thinned++;
      else this.send(attached, entry.text, entry.sequence);
    }
  }

  private send(attached: Attached, text: string, sequence: number): void {
    if (attached.thinned > 0) {
      this.thinned += attached.thinned;
      give(attached, JSON.stringify({ kind: 'thinned', sequence: sequence - 1, messages: attached.thinned }));
      attached.thinned = 0;
    }
    give(attached, text);
  }

  private async sendSnapshot(attached: Attached): Promise<void> {
    attached.next = undefined;
    try {
      const { sequence, text } = await this.snapshotText();
      if (this.attached.get(attached.client) !== attached) return;
      give(attached, text);
      attached.next = sequence + 1;
      this.pump(attached);
    } catch {
      this.detach(attached.client);
      attached.client.close(1011, 'The server could not read its history. Connect again.');
    }
  }

  private snapshotText(): Promise<{ sequence: number; text: string }> {
    const nowMs = this.options.nowMs();
    if (this.latest && this.isGood(this.latest, nowMs)) return this.latest.text;
    // Changes are published after they were kept: what comes later than this number is in the snapshot or follows it.
    const sequence = this.ring.lastSequence;
    const text = this.options
      .snapshot()
      .then((snapshot) => ({ sequence, text: JSON.stringify({ kind: 'snapshot', sequence, ...snapshot }) }));
    this.latest = { atMs: nowMs, sequence, text };
    text.catch(() => (this.latest = undefined));
    return text;
  }

  /** Whether it is of this second, and what has changed since is still in the ring: else who has it needs another at once. */
  private isGood({ atMs, sequence }: LatestSnapshot, nowMs: number): boolean {
    return Math.abs(nowMs - atMs) < SNAPSHOT_MS && sequence >= this.ring.oldestSequence - 1;
  }
}

function give(attached: Attached, text: string): void {
  attached.client.send(text);
  attached.sentBytes += text.length;
}

/** Whether it has taken anything since this was asked last, or has nothing left to take. */
function hasTaken(attached: Attached): boolean {
  const { bufferedBytes } = attached.client;
  const before = attached.bufferedBytes + attached.sentBytes;
  attached.bufferedBytes = bufferedBytes;
  attached.sentBytes = 0;
  return bufferedBytes === 0 || bufferedBytes < before;
}
