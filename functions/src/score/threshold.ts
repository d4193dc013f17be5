import type { Calibration } from '@weir/contracts';
import type { AlarmSettings } from './config.js';

/** Strangeness of the strangest row of each benign (source, ten minutes), largest first, and the time that they span. */
export interface Cells {
  readonly observedDays: number;
  readonly strangest: readonly number[];
}

/** Assumed of a network of which nothing is known yet: rows a day. */
const ASSUMED_ROWS_PER_DAY = 100_000;
/** Until this network is learned a row must be this many decades rarer. */
const LEARNING_MARGIN = 1;
/** How many decades beyond what was observed a threshold may go. */
const MOST_DECADES_BEYOND = 3;

/**
 * Strangeness that a row must exceed to be an alarm. Within the observed time as many cells pass as the budget allows in it;
 * a budget for less than one is met by going beyond the strangest by as many decades as it falls short.
 */
export function thresholdFor(cells: Cells | undefined, { alarmsPerDay, scoreThreshold }: AlarmSettings): number {
  if (scoreThreshold !== undefined) return -Math.log10(Math.max(1e-12, 1 - scoreThreshold));
  if (!cells || cells.strangest.length === 0) return Math.log10(ASSUMED_ROWS_PER_DAY / alarmsPerDay);
  const { observedDays, strangest } = cells;
  const allowed = alarmsPerDay * observedDays;
  if (allowed < 1) return strangest[0]! + Math.min(MOST_DECADES_BEYOND, -Math.log10(allowed));
  return strangest[Math.min(strangest.length - 1, Math.floor(allowed))]!;
}

/**
 * The threshold that holds until this network is learned. The training rows were a sample, and this network is likely to
 * have more of them a day, of other kinds: so rows must be rarer by what is assumed, and by a margin.
 */
export function factoryThreshold({ rows, cells }: Calibration, alarms: AlarmSettings): number {
  const threshold = thresholdFor(cells, alarms);
  if (alarms.scoreThreshold !== undefined) return threshold;
  const rowsPerDay = cells ? rows / cells.observedDays : ASSUMED_ROWS_PER_DAY;
  return threshold + Math.max(0, Math.log10(ASSUMED_ROWS_PER_DAY / rowsPerDay)) + LEARNING_MARGIN;
}

/** The smallest budget that observed time alone can bear out: one alarm in all of it. Unit: 1/day. */
export function smallestAlarmsPerDay({ observedDays }: Cells): number {
  return 1 / observedDays;
}
