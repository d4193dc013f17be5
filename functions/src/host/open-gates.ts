import { WINDOW_LENGTHS_S } from '@weir/contracts';
import { thresholdDetector } from '../rules/threshold-detector.js';
import type { HostConfig } from './config.js';
import { HOST_DETECTORS, type HostDetector } from './detectors/index.js';
import { FIELD } from './fields.js';

/** What the windows of one length must reach before a detector is asked: numbers in a row, as they are tested for each host and pane. */
export interface Gates {
  /** By FIELD, the least value of each, and who is asked then. A detector with several stands several times. */
  readonly fields: Int32Array;
  readonly leasts: Float64Array;
  readonly detectors: readonly HostDetector[];
  /** No gate opens for a window with less in it: packets of both directions, and rows and notes that were counted. */
  readonly leastSeen: number;
}

/** What gates of detectors count: of each no more than there were packets or contributions. Rules may read anything. */
const COUNTED: ReadonlySet<number> = new Set([
  ...[FIELD.startedOut, FIELD.startedIn, FIELD.probesOut, FIELD.probesIn, FIELD.arpRequestsOut],
  ...[FIELD.synIn, FIELD.udpUnansweredIn, FIELD.icmpIn, FIELD.strayIn, FIELD.reflectedIn, FIELD.unaskedIn],
  ...[FIELD.establishedIn, FIELD.icmpPeakIn, FIELD.maybeReflectedIn, FIELD.contributions],
]);

const known = new WeakMap<HostConfig, readonly Gates[]>();

/** The gates of each window length, by index into WINDOW_LENGTHS_S, as these thresholds set them. */
export function gatesOf(config: HostConfig): readonly Gates[] {
  let gates = known.get(config);
  if (gates === undefined) {
    gates = WINDOW_LENGTHS_S.map((_, window) => gatesOfWindow(config, window));
    known.set(config, gates);
  }
  return gates;
}

function gatesOfWindow(config: HostConfig, window: number): Gates {
  const looking = [...HOST_DETECTORS, ...config.rules.map(thresholdDetector)].filter(({ windows }) =>
    windows.includes(window),
  );
  const rows = looking.flatMap((detector) => detector.gate.anyOf.map((field) => ({ field, detector })));
  const leasts = Float64Array.from(rows, ({ detector }) => detector.gate.least(config, window));
  return {
    fields: Int32Array.from(rows, ({ field }) => field),
    leasts,
    leastSeen: rows.every(({ field }) => COUNTED.has(field)) ? Math.min(...leasts) : 0,
    detectors: rows.map(({ detector }) => detector),
  };
}

/** Where nobody looks. */
export const NO_GATES: readonly Gates[] = WINDOW_LENGTHS_S.map(() => ({
  fields: new Int32Array(),
  leasts: new Float64Array(),
  leastSeen: Number.POSITIVE_INFINITY,
  detectors: [],
}));
