import type { Incident, SensorHealth, TrafficWindow } from '@weir/contracts';
import type { FlowItem } from '@weir/contracts/dashboard-api';

/** What a sensor saw in one second of capture time so far. A later one of the same second replaces it. */
export interface TrafficSecond {
  readonly sensor: string;
  /** Start of the second, ms of capture time. */
  readonly startMs: number;
  readonly packets: number;
  /** Frame bytes. */
  readonly bytes: number;
  readonly tcpPackets: number;
  readonly udpPackets: number;
  /** ICMP and ICMPv6. */
  readonly icmpPackets: number;
}

/** Something that the dashboard hears. */
export type FeedEvent =
  | { readonly kind: 'incident'; readonly incident: Incident }
  | { readonly kind: 'flow'; readonly flow: FlowItem }
  | { readonly kind: 'window'; readonly window: TrafficWindow }
  | { readonly kind: 'second'; readonly second: TrafficSecond }
  | { readonly kind: 'health'; readonly health: SensorHealth };

/** How far a partition of a topic has been read: `offset` is the next to read, decimal. */
export interface FeedPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** Events that are kept together with how far they bring the reader, or not at all. */
export interface FeedBatch {
  readonly events: readonly FeedEvent[];
  readonly positions: readonly FeedPosition[];
}

/** What a feed counted since its start. */
export interface FeedCounts {
  readonly events: number;
  /** Flows left out, as they came faster than they could be kept. */
  readonly flowsThinned: number;
  /** Messages that could not be understood. */
  readonly refused: number;
  /** Messages not yet read; undefined where there is no queue to look at. */
  readonly lag: number | undefined;
}

/** What the dashboard's server gives a feed. */
export interface FeedTaker {
  /** Where to go on; empty: from the oldest there is. */
  readonly positions: readonly FeedPosition[];
  /** Keeps a batch. Resolves when it cannot be lost any more. */
  take(batch: FeedBatch): Promise<void>;
}

/** Where the dashboard hears from: the embedded bus, or the topics of a cluster. */
export interface Feed {
  start(taker: FeedTaker): Promise<void>;
  counts(): FeedCounts;
  /** Gives what is waiting to the taker, and ends. */
  stop(): Promise<void>;
}
