import type { ActivityTable, NoteTable } from '@weir/contracts';
import type { HostConfig } from '../config.js';
import type { HostWindow } from '../host-window.js';
import type { Argument, DetectorCard } from './detector.js';
import type { Touched } from './stores/touched.js';

/** Stores hear of time in steps of this: their periods are multiples of it. Unit: s. */
export const ROLL_EVERY_S = 10;

/** What the host function must know of anything that a keyed detector speaks about. */
export interface KeyedFinding {
  /** By which it is told from the others of its detector. */
  key: number;
  /** Sensors behind what is known of it, as bits: of this period, and of the one before. */
  sensors: number;
  sensorsBefore: number;
  /** In this pane. */
  isTouched: boolean;
}

/** Where a keyed detector keeps what it has counted. Bounded; what it holds does not depend on the order of a pane's rows. */
export interface KeyedStore<Entry extends KeyedFinding> {
  /** Start of the period in which a finding is said once, and again when it has doubled. Unit: s. */
  readonly halfStartS: number;
  /** Sensor of what is counted now, as a bit. */
  sensorBit: number;
  /** Reports when there is something to take. */
  readonly touched: Touched<Entry>;
  /** Lets time come to `second`, a multiple of ROLL_EVERY_S, before anything of its panes is counted. May be called again. */
  rollTo(second: number): void;
  /** The pane is complete: what it has touched. */
  takeTouched(): readonly Entry[];
  /** What `restore` takes back, as JSON can hold it. */
  snapshot(): unknown;
  restore(snapshot: unknown): void;
}

/**
 * Looks at pairs of hosts, at clients and domains, or at addresses and what stands for them, row by row. Each hook is
 * called for every row of its kind: leave early.
 */
export interface KeyedDetector<Entry extends KeyedFinding = KeyedFinding> extends DetectorCard {
  readonly counts: KeyedStore<Entry>;
  /** Rows in which a flow has ended, its payload was measured, or much was sent, where this partition counts the originator. */
  observeActivity?(activity: ActivityTable, i: number, config: HostConfig): void;
  /**
   * Rows in which a flow was answered, established or ended, where this partition counts the responder: so all that is
   * known of a server, by all of its clients, comes together.
   */
  observeService?(activity: ActivityTable, i: number, config: HostConfig): void;
  /** Rows of ICMP and ICMPv6, where this partition counts the originator. */
  observeIcmp?(activity: ActivityTable, i: number, config: HostConfig): void;
  /** Rows with a breach of protocol that means something, where this partition counts the originator. */
  observeBreach?(activity: ActivityTable, i: number, config: HostConfig): void;
  /** The longest window of a host that has probed, when it closes; looked at at once. */
  observeWindow?(window: HostWindow, config: HostConfig): void;
  /** The shortest window of a host that was sent what floods are made of in the pane that has just become complete. */
  observePane?(window: HostWindow, second: number, config: HostConfig): void;
  /** Whether what it has found explains what this host is sent, so that detectors of single hosts need not. With `observePane`. */
  explains?(window: HostWindow, config: HostConfig): boolean;
  /** Kinds of note that it looks at, where it looks at notes. */
  readonly noteKinds?: readonly number[];
  /** Each note of these kinds, and of no other. */
  observeNote?(notes: NoteTable, i: number, config: HostConfig): void;
  /** Measured over threshold: an alert from 1 on. */
  magnitude(entry: Entry, config: HostConfig): number;
  argue(entry: Entry, config: HostConfig): Argument;
}
