// User agents and what is known of them. What a User-Agent says is judged by the other side
// (capture-agent/src/decoder/notes/http-agent.ts), once for each: here its signs are remembered by a hash of its bytes.

import * as G from './generated';
import { CARRIAGE_RETURN, LINE_FEED, SPACE } from './lines';
import { AGENT_SLOTS, AGENTS, PACKETS } from './memory';
import { end } from './payload';

const MAX_AGENT_BYTES: usize = 192;
const SLOT_SHIFT: usize = 4;
const SIGNS: usize = 8;
const MULTIPLIER: u64 = 0x9e3779b97f4a7c15;
const AGENT_SIGNS: i32 =
  G.HttpSign_userAgent |
  G.HttpSign_nakedAgent |
  G.HttpSign_saysBrowser |
  G.HttpSign_saysOldBrowser |
  G.HttpSign_attackTool;

// Hash of the agent in view; 0 for an empty one.
let hash: u64 = 0;
// Hash of an agent whose signs the other side is asked for; 0 none.
let asked: u64 = 0;
let isSecond: bool = false;

/** Looks at the agent behind its field's name; `second` when the head had one before, which none should. */
export function pointAtAgent(from: usize, second: bool): void {
  let at = from;
  while (at < end && load<u8>(at) == SPACE) at++;
  const limit = min(end, at + MAX_AGENT_BYTES);
  let to = at;
  while (to < limit && load<u8>(to) != CARRIAGE_RETURN && load<u8>(to) != LINE_FEED) to++;
  hash = to == at ? 0 : hashOf(at, to);
  isSecond = second;
  asked = 0;
}

function hashOf(from: usize, to: usize): u64 {
  let mixed: u64 = <u64>(to - from);
  let at = from;
  for (; at + 8 <= to; at += 8) mixed = rotl<u64>(mixed ^ load<u64>(at), 29) * MULTIPLIER;
  for (; at < to; at++) mixed = rotl<u64>(mixed ^ <u64>load<u8>(at), 29) * MULTIPLIER;
  mixed ^= mixed >>> 32;
  return mixed == 0 ? 1 : mixed;
}

function slot(): usize {
  return AGENTS + ((<usize>hash & <usize>(AGENT_SLOTS - 1)) << SLOT_SHIFT);
}

/** Whether the signs of the agent in view are known; else they are asked for. */
export function isKnownAgent(): bool {
  if (isSecond) return false;
  if (hash == 0 || load<u64>(slot()) == hash) return true;
  asked = hash;
  return false;
}

/** HttpSign bits of the agent in view. */
export function learnedSigns(): i32 {
  return hash == 0 ? 0 : load<i32>(slot(), SIGNS);
}

/** Takes the signs that were asked for from the note that the other side has written for row `i`. */
export function learnAgent(i: usize): void {
  if (asked == 0) return;
  hash = asked;
  asked = 0;
  store<u64>(slot(), hash);
  store<i32>(slot(), <i32>load<u16>(PACKETS + (i << 1), G.PACKETS_noteCode) & AGENT_SIGNS, SIGNS);
}
