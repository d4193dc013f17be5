// DCE/RPC inside named pipes (MS-SMB2 2.2.13: shares of kind pipe): what is written to a pipe, read from it, or both at once.

import * as G from './generated';
import { load32, PACKETS } from './memory';
import { at, byte, end, size, view } from './payload';
import { noteRpc } from './rpc-call';
import { isRpcStart } from './rpc';

const SMB2: i32 = <i32>0xfe534d42;
// Behind the four bytes of a NetBIOS session: header, and in it command and flags.
const HEADER: i32 = 4;
const COMMAND: usize = 16;
const FLAGS: usize = 20;
const BODY: i32 = HEADER + 64;
const READ: i32 = 8;
const WRITE: i32 = 9;
const CONTROL: i32 = 11;
// FSCTL_PIPE_TRANSCEIVE (MS-FSCC 2.3.51): a request and its answer.
const TRANSCEIVE: i32 = 0x0011c017;
// Fixed parts of these messages.
const READ_BYTES: i32 = 16;
const WRITE_BYTES: i32 = 48;
const CONTROL_BYTES: i32 = 48;
const NO_FILE: i32 = -1;

/**
 * Whether the payload in view, of row `i`, is a message of SMB 2 that carries the data of a file or pipe: then nothing else
 * is to be noted of it. Notes for row `i` what such data calls or refuses.
 */
export function noteCallInSmb(i: usize): bool {
  if (size() < BODY + READ_BYTES || load32(at + HEADER) != SMB2) return false;
  const isResponse = (byte(FLAGS) & 1) != 0;
  switch (<i32>load<u16>(at + COMMAND)) {
    case READ:
      if (isResponse) noteData(i, byte(BODY + 2), number(4), NO_FILE);
      return true;
    case WRITE:
      if (!isResponse && size() >= BODY + WRITE_BYTES) noteData(i, <i32>load<u16>(at + BODY + 2), number(4), 16);
      return true;
    case CONTROL:
      if (size() >= BODY + CONTROL_BYTES && number(4) == TRANSCEIVE) {
        if (isResponse) noteData(i, number(32), number(36), 8);
        else noteData(i, number(24), number(28), 8);
      }
      return true;
    default:
      return false;
  }
}

/** The number at `offset` of the body. */
function number(offset: usize): i32 {
  return load<i32>(at + BODY + offset);
}

/** Data of `bytes` at `offset` of the message, of the file whose id lies at `file` of the body. */
function noteData(i: usize, offset: i32, bytes: i32, file: i32): void {
  if (offset < BODY - HEADER || offset > size() - HEADER || bytes <= 0) return;
  const from = at + HEADER + <usize>offset;
  let pipe = load<i32>(PACKETS + (i << 2), G.PACKETS_flowHash);
  // The volatile part of the id: it names an open file within a session.
  if (file != NO_FILE) pipe ^= number(<usize>file + 8) * <i32>0x9e3779b1;
  view(i, from, min(end, from + <usize>bytes));
  if (isRpcStart()) noteRpc(i, pipe);
}
