import { WINDOW_LENGTHS_S } from '@weir/contracts';
import { FIELD, SET } from './fields.js';

/** How a host lies in the arrays of a HostTable. */

/** Row of the whole network, which is counted as one more host. */
export const NETWORK_ROW = 0;

/** The shortest window's block, then the longer ones'. */
export const BLOCK_STRIDE = FIELD.size + (WINDOW_LENGTHS_S.length - 1) * FIELD.carried;
/** Copied over the blocks of a host that is forgotten. */
export const EMPTY_BLOCKS = new Float64Array(BLOCK_STRIDE);
/** Handles of sets, of all windows. */
export const SET_STRIDE = WINDOW_LENGTHS_S.length * SET.size;

/** Links and marks of a row, in `marks`. */
export const MARK = {
  /** Second in which the row was last counted. */
  lastS: 0,
  /** How many contributions it has had, as far as that matters. */
  contributions: 1,
  olderRow: 2,
  newerRow: 3,
  isProved: 4,
  /** Start of the shortest window in whose list the row stands. */
  listedForS: 5,
  stride: 6,
} as const;

/** Room that a decoded table has at least: it lives for one call, in which a few hosts may be new. */
export const MIN_DECODED_ROWS = 64;

/** Contributions after which a host is no longer among the first to be forgotten. */
export const PROVED_AFTER = 4;

/**
 * Seconds after which an untouched host is forgotten, if unproved, and if proved. One that comes less often than each
 * minute stays below every threshold; and what is proved has passed through the longest window twice.
 */
export const IDLE_S = [60, 600] as const;
