import { parseAddress, type TrafficWindow, WINDOW_FEATURE_LENGTHS_S, WINDOW_MEASURES } from '@weir/contracts';
import type { FeatureRows } from './feature-rows.js';

/** Hosts whose longer windows are remembered; beyond, those told of longest ago are forgotten. */
const MAX_HOSTS = 32_768;
/** A longer window that ended this many of its lengths ago tells nothing of now. */
const STALE_LENGTHS = 2;
const MEASURES = WINDOW_MEASURES.length;
const UNKNOWN = Number.NaN;

interface Newest {
  endMs: number;
  values: Float32Array;
}

/**
 * Makes a row each time a window of ten seconds of a host closes, together with the newest minute and five minutes of the
 * same host. What is kept follows from the windows in their order, and a host's windows come from one partition.
 */
export class WindowRows {
  /** By address: the newest window of each longer length. */
  private readonly hosts = new Map<string, (Newest | undefined)[]>();

  /** Takes a closed window; appends a row to `rows` when it is a host's shortest. */
  take(window: TrafficWindow, rows: FeatureRows): void {
    if (window.scope !== 'host' || window.address === undefined) return;
    const length = WINDOW_FEATURE_LENGTHS_S.indexOf(((window.endMs - window.startMs) / 1000) as 10);
    if (length > 0) this.remember(window.address, length, window);
    if (length === 0) this.append(window.address, window, rows);
  }

  private remember(address: string, length: number, window: TrafficWindow): void {
    const known = this.hosts.get(address) ?? [];
    this.hosts.delete(address);
    known[length] = { endMs: window.endMs, values: valuesOf(window) };
    this.hosts.set(address, known);
    if (this.hosts.size > MAX_HOSTS) this.hosts.delete(this.hosts.keys().next().value!);
  }

  private append(address: string, window: TrafficWindow, rows: FeatureRows): void {
    const row = rows.append();
    const keys = rows.keys.columns;
    keys.timeUs[row] = window.endMs * 1000;
    keys.startUs[row] = window.startMs * 1000;
    keys.tellableS[row] = Math.ceil(window.endMs / 1000);
    keys.source.bytes.set(parseAddress(address), row * 16);
    keys.destination.bytes.fill(0, row * 16, row * 16 + 16);
    keys.sourcePort[row] = keys.destinationPort[row] = keys.protocol[row] = 0;
    const at = row * rows.width;
    rows.matrix.set(valuesOf(window), at);
    const known = this.hosts.get(address) ?? [];
    for (let length = 1; length < WINDOW_FEATURE_LENGTHS_S.length; length++) {
      const newest = known[length];
      const staleMs = STALE_LENGTHS * WINDOW_FEATURE_LENGTHS_S[length]! * 1000;
      const to = at + length * MEASURES;
      if (newest && window.endMs - newest.endMs <= staleMs) rows.matrix.set(newest.values, to);
      else rows.matrix.fill(UNKNOWN, to, to + MEASURES);
    }
  }
}

function valuesOf(window: TrafficWindow): Float32Array {
  return Float32Array.from(WINDOW_MEASURES, ({ field }) => window[field]);
}
