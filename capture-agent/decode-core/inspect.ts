// Last pass: what lies behind the headers. DNS and entropy are done here; whatever else there is to see in the first payload
// of a direction, ARP and quoted packets are for the other side, for which the pass stops at the row.

import { BROKEN_MESSAGE, MESSAGE, pointAt, readMessage, textEnd } from './dns';
import { payloadEntropy } from './entropy';
import * as G from './generated';
import { BLOCK, BYTES, DIRECTION_BYTES, DIRECTION_SLOTS, DIRECTIONS, load16, PACKETS } from './memory';

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
// Payloads of a direction whose entropy is measured; the protocol is guessed from the first alone.
const MEASURED_PAYLOADS: i32 = 2;

/** End of the rows' note texts so far; the other side moves it on when it writes one. */
export let textAt: i32 = 0;
/** Whether the payload of the row at which the pass stopped holds the very first bytes of its stream. */
export let isStreamStart: bool = false;

export function setTextAt(at: i32): void {
  textAt = at;
}

/** Ends the text of row `row` at `textAt`. */
export function endText(row: i32): void {
  store<i32>(PACKETS + (<usize>row << 2), textAt, G.PACKETS_noteText + 4);
}

/** Looks at rows `[from, rows)`. Returns the first at which the other side must look too, or `rows`. */
export function inspect(from: i32, rows: i32): i32 {
  for (let row = from; row < rows; row++) {
    const look = load<u8>(BLOCK + <usize>row, G.BLOCK_look);
    if (look != 0) {
      if (look == G.Look_arp || look == G.Look_quotedPacket) return row;
      if (look == G.Look_streamStart) beginStream(<usize>row);
      if (load<i32>(BLOCK + (<usize>row << 2), G.BLOCK_payloadAt) != 0 && inspectPayload(<usize>row, look)) return row;
    }
    endText(row);
  }
  return rows;
}

/** Looks at the payload of a TCP segment, a datagram or a ping. Returns whether its protocol is to be guessed. */
function inspectPayload(i: usize, look: i32): bool {
  const start = BYTES + <usize>load<i32>(BLOCK + (i << 2), G.BLOCK_payloadAt);
  const end = BYTES + <usize>load<i32>(BLOCK + (i << 2), G.BLOCK_payloadEnd);
  const wireEnd = start + <usize>load<u32>(PACKETS + (i << 2), G.PACKETS_payloadBytes);
  const protocol = load<u8>(PACKETS + i, G.PACKETS_protocol);
  pointAt(end, wireEnd, look == G.Look_fragment);
  if (protocol == G.Protocol_udp) {
    if (isDnsDatagram(i, start)) return false;
  } else if (protocol == G.Protocol_tcp && isDnsSegment(i, start, end, wireEnd)) return false;
  const seen = countPayload(i);
  if (seen >= MEASURED_PAYLOADS) return false;
  store<u8>(PACKETS + i, <u8>payloadEntropy(start, end), G.PACKETS_payloadEntropy);
  return seen == 0 && (protocol == G.Protocol_udp || protocol == G.Protocol_tcp);
}

/** DNS, multicast DNS (RFC 6762) and LLMNR (RFC 4795); false leaves the payload to the guesses. */
function isDnsDatagram(i: usize, start: usize): bool {
  const source = <i32>load<u16>(PACKETS + (i << 1), G.PACKETS_sourcePort);
  const destination = <i32>load<u16>(PACKETS + (i << 1), G.PACKETS_destinationPort);
  const isDns = source == 53 || destination == 53;
  if (!isDns && !isLocalName(source) && !isLocalName(destination)) return false;
  // Ports above 1023 may be anybody's source port: what is no message there is no breach.
  return isMessage(i, start, isDns);
}

function isLocalName(port: i32): bool {
  return port == 5353 || port == 5355;
}

/** One whole message in one segment, behind its length (RFC 1035 4.2.2). Longer ones are left alone. */
function isDnsSegment(i: usize, start: usize, end: usize, wireEnd: usize): bool {
  const source = load<u16>(PACKETS + (i << 1), G.PACKETS_sourcePort);
  if (source != 53 && load<u16>(PACKETS + (i << 1), G.PACKETS_destinationPort) != 53) return false;
  if (start + 2 > end || <usize>load16(start) != wireEnd - start - 2) return false;
  return isMessage(i, start + 2, true);
}

function isMessage(i: usize, at: usize, mustBe: bool): bool {
  const text = PACKETS + G.PACKETS_noteText_data;
  const found = readMessage(i, at, text + <usize>textAt);
  if (found == BROKEN_MESSAGE && mustBe) {
    const breaches = load<i32>(PACKETS + (i << 2), G.PACKETS_conformance) | G.Breach_dnsMalformed;
    store<i32>(PACKETS + (i << 2), breaches, G.PACKETS_conformance);
  }
  if (found != MESSAGE) return false;
  textAt = <i32>(textEnd() - text);
  store<u8>(PACKETS + i, <u8>G.PayloadGuess_dns, G.PACKETS_payloadGuess);
  return true;
}

/** Remembers that a stream begins in this direction. */
function beginStream(i: usize): void {
  const key = directionKey(i);
  const slot = slotOf(key);
  store<i32>(slot, key);
  store<i32>(slot, (second(i) << COUNT_BITS) | SYN_SEEN, SEEN);
  store<i32>(slot, load<i32>(PACKETS + (i << 2), G.PACKETS_tcpSequence) + 1, FIRST_SEQUENCE);
}

/**
 * How many payloads of this direction came before, up to MEASURED_PAYLOADS; counts this one. What is remembered is one table
 * of fixed size: directions that share a slot push each other out and are then looked at again, so the effort is bounded and
 * depends on packet order alone.
 */
function countPayload(i: usize): i32 {
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
  return load<u8>(BLOCK + i, G.BLOCK_direction) != 0 ? hash ^ <i32>0x9e3779b9 : hash;
}

function second(i: usize): i32 {
  return <i32>(<i64>(load<f64>(PACKETS + (i << 3), G.PACKETS_timeUs) / 1e6)) & TIME_MASK;
}
