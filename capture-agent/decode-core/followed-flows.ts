// Flows of which more than the first payload tells something, by flow hash. Both sides write this table: see
// capture-agent/src/decoder/notes/followed-flows.ts.

import * as G from './generated';
import { load16, load32, FOLLOWED_HASHES, FOLLOWED_VALUES, PACKETS } from './memory';
import { at, byte, end, size } from './payload';
import { isHandshakeStart } from './server-hello';
import { directionOf } from './directions';
import { isRpcStart } from './rpc';
import { isHttpStart } from './stream-guess';

// First letters of a Windows program, as they lie in memory.
export const MZ: i32 = 0x5a4d;
const SMB1: i32 = <i32>0xff534d42;
const SMB2: i32 = <i32>0xfe534d42;
// Least of a message: session header and SMB 1 header.
const SMB_BYTES: i32 = 36;
// Of an SSH key exchange, up to its lists (RFC 4253 6, 7.1).
const KEX_INIT: i32 = 20;
const KEX_HEAD_BYTES: i32 = 22;
const MAX_KEX_BYTES: i32 = 35_000;

function hashOf(i: usize): i32 {
  return load<i32>(PACKETS + (i << 2), G.PACKETS_flowHash);
}

function slotOf(hash: i32): usize {
  return <usize>(hash & (G.FOLLOWED_SLOTS - 1));
}

/** Follows the flow of row `i`. `direction` is the one that matters. */
export function follow(i: usize, what: i32, direction: i32): void {
  const hash = hashOf(i);
  const slot = slotOf(hash);
  store<i32>(FOLLOWED_HASHES + (slot << 2), hash);
  store<u8>(FOLLOWED_VALUES + slot, <u8>(what | (direction << 7)));
}

/** What is looked at in packets of row `i`'s flow, a Follow; `nothing` when it is not followed. */
export function followOf(i: usize): i32 {
  const hash = hashOf(i);
  const slot = slotOf(hash);
  if (load<i32>(FOLLOWED_HASHES + (slot << 2)) != hash) return G.Follow_nothing;
  return load<u8>(FOLLOWED_VALUES + slot) & 0x7f;
}

/** Whether the payload in view, of row `i`, begins with what the notes on a flow followed for `what` begin with. */
export function mayTell(i: usize, what: i32): bool {
  const isDirection = directionOf(i) == <i32>load<u8>(FOLLOWED_VALUES + slotOf(hashOf(i))) >>> 7;
  if (what == G.Follow_hello) return isDirection;
  if (size() < 4) return false;
  const first = load32(at);
  switch (what) {
    case G.Follow_quic:
      return isDirection && (byte(0) & 0xe0) == 0xc0;
    case G.Follow_http:
      return isHttpStart(first) || isHandshakeStart(first);
    case G.Follow_replies:
      return isDirection || isHandshakeStart(first);
    case G.Follow_smb:
      return isSmbStart();
    case G.Follow_ssh:
      return isKexInitStart();
    case G.Follow_rpc:
      return isRpcStart();
    case G.Follow_stage:
      return isDirection && load<u16>(at) == MZ;
    case G.Follow_startTls:
      return isHandshakeStart(first);
    default:
      return true;
  }
}

/** As in capture-agent/src/decoder/notes/smb.ts. */
function isSmbStart(): bool {
  if (size() < SMB_BYTES) return false;
  const magic = load32(at + 4);
  return magic == SMB1 || magic == SMB2;
}

/** As in capture-agent/src/decoder/notes/ssh.ts. */
function isKexInitStart(): bool {
  if (size() < KEX_HEAD_BYTES || byte(0) != 0 || byte(1) != 0 || byte(5) != KEX_INIT) return false;
  const length = load16(at + 2);
  return length > KEX_HEAD_BYTES && length <= MAX_KEX_BYTES;
}
