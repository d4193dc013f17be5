import type { ActivityTable, NoteTable } from '@weir/contracts';
import type { HostConfig } from '../config.js';
import type { Argument, DetectorCard } from './detector.js';
import type { KeyedCounts, KeyedEntry } from './keyed-counts.js';

/** Looks at pairs of hosts, or at clients and domains, row by row, over a sliding window of five minutes. */
export interface KeyedDetector extends DetectorCard {
  readonly counts: KeyedCounts;
  /** Called for each activity row of the pane whose originator this partition counts: leave early. */
  observeActivity?(activity: ActivityTable, i: number, config: HostConfig): void;
  /** Called for each note of the pane: leave early. */
  observeNote?(notes: NoteTable, i: number, config: HostConfig): void;
  /** Measured over threshold: an alert from 1 on. */
  magnitude(entry: KeyedEntry, config: HostConfig): number;
  argue(entry: KeyedEntry, config: HostConfig): Argument;
}
