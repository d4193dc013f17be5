// Which flow directions' first payloads were looked at: one table of fixed size. Directions that share a slot push each
// other out and are then looked at again, so the effort is bounded and depends on packet order alone.

import * as G from './generated';
import { BLOCK, DIRECTION_BYTES, DIRECTION_SLOTS, DIRECTIONS, PACKETS } from './memory';

// A slot: key of the direction, second and number of payloads seen, expected first sequence number.
const SEEN: usize = 4;
const FIRST_SEQUENCE: usize = 8;
// Seconds are kept modulo this, beside the count in the low bits.
const TIME_MASK: i32 = 0x07ff_ffff;
const COUNT_BITS: i32 = 4;
const COUNT_MASK: i32 = 3;
// Set beside the count when the stream's SYN was seen, so that FIRST_SEQUENCE holds.
const SYN_SEEN: i32 = 4;
// A direction that was idle for longer is looked at anew.
const IDLE_S: i32 = 60;

/** Payloads of a direction whose entropy is measured; the protocol is guessed from the first alone. */
export const MEASURED_PAYLOADS: i32 = 2;

/** Whether the payload that was counted last holds the very first bytes of its stream. */
export let isStreamStart: bool = false;

/** 1 when the packet of row `i` comes from the endpoint with the larger hash. */
export function directionOf(i: usize): i32 {
  return load<u8>(BLOCK + i, G.BLOCK_direction);
}

/** Remembers that a stream begins in the direction of row `i`. */
export function beginStream(i: usize): void {
  const key = directionKey(i);
  const slot = slotOf(key);
  store<i32>(slot, key);
  store<i32>(slot, (second(i) << COUNT_BITS) | SYN_SEEN, SEEN);
  store<i32>(slot, load<i32>(PACKETS + (i << 2), G.PACKETS_tcpSequence) + 1, FIRST_SEQUENCE);
}

/** How many payloads of row `i`'s direction came before, up to MEASURED_PAYLOADS; counts this one. */
export function countPayload(i: usize): i32 {
  const key = directionKey(i);
  const slot = slotOf(key);
  const now = second(i);
  const seen = load<i32>(slot, SEEN);
  const idleS = (now - (seen >>> COUNT_BITS)) & TIME_MASK;
  // A small step back in time wraps round to a large idle time; both that and a real pause within the window count.
  const isFresh = load<i32>(slot) != key || (idleS > IDLE_S && idleS < TIME_MASK - IDLE_S);
  const flags = isFresh ? 0 : seen & (COUNT_MASK | SYN_SEEN);
  const count = flags & COUNT_MASK;
  store<i32>(slot, key);
  store<i32>(slot, (now << COUNT_BITS) | (count < MEASURED_PAYLOADS ? flags + 1 : flags), SEEN);
  const sequence = load<i32>(PACKETS + (i << 2), G.PACKETS_tcpSequence);
  isStreamStart = (flags & SYN_SEEN) != 0 && load<i32>(slot, FIRST_SEQUENCE) == sequence;
  return count;
}

function slotOf(key: i32): usize {
  return DIRECTIONS + <usize>(key & (DIRECTION_SLOTS - 1)) * DIRECTION_BYTES;
}

function directionKey(i: usize): i32 {
  const hash = load<i32>(PACKETS + (i << 2), G.PACKETS_flowHash);
  return directionOf(i) != 0 ? hash ^ <i32>0x9e3779b9 : hash;
}

function second(i: usize): i32 {
  return <i32>(<i64>(load<f64>(PACKETS + (i << 3), G.PACKETS_timeUs) / 1e6)) & TIME_MASK;
}
