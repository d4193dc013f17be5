// What a client of DCE/RPC calls (C706 12.6): requests name an operation by number, and the interface was named when the
// client bound to it, by its pipe or connection. So interfaces are remembered by these, in one table of fixed size.

import * as G from './generated';
import { load32, PIPE_SLOTS, PIPES } from './memory';
import * as note from './note';
import { at, byte, size } from './payload';
import { noteRefusal, number16, number32 } from './rpc';

const REQUEST: i32 = 0;
const BIND: i32 = 11;
const ALTER_CONTEXT: i32 = 14;
const IS_FIRST_FRAGMENT: i32 = 1;
// Behind the header: hint, context and operation of a request; sizes and group of a bind, then its list of contexts, of
// which each names an interface behind its own number. All that one bind names are most often the same one.
const OPERATION: i32 = 22;
const CONTEXTS: i32 = 24;
const INTERFACE: usize = 32;
const INTERFACE_END: i32 = 52;

/** Notes for row `i` what the message in view, which isRpcStart, calls or refuses. `pipe` stands for what carries it. */
export function noteRpc(i: usize, pipe: i32): void {
  const type = byte(2);
  if (type == BIND || type == ALTER_CONTEXT) remember(pipe, boundInterface());
  else if (type == REQUEST) noteCall(i, pipe);
  else noteRefusal(i);
}

function noteCall(i: usize, pipe: i32): void {
  if (size() < OPERATION + 2 || !(byte(3) & IS_FIRST_FRAGMENT)) return;
  const slot = slotOf(pipe);
  if (load<i32>(slot) != pipe) return;
  const called = load<i32>(slot, 4);
  if (called != 0) note.write(i, G.NoteKind_rpcCall, called, number16(OPERATION));
}

function remember(pipe: i32, bound: i32): void {
  const slot = slotOf(pipe);
  // Of a connection with several interfaces, the one bound last; one that is not known must not be taken for another.
  store<i32>(slot, pipe);
  store<i32>(slot, bound, 4);
}

function slotOf(pipe: i32): usize {
  return PIPES + (<usize>((pipe ^ (pipe >>> 16)) & (PIPE_SLOTS - 1)) << 3);
}

/** RpcInterface that the bind in view names first, by the ends of its UUID; 0 for one that is not known. */
function boundInterface(): i32 {
  if (size() < INTERFACE_END || byte(CONTEXTS) == 0) return 0;
  const first = number32(<i32>INTERFACE);
  const last = load32(at + INTERFACE + 12);
  if (first == 0x367abb81 && last == 0x38001003) return G.RpcInterface_services;
  if (first == <i32>0x86d35949 && last == 0x3231fd0c) return G.RpcInterface_tasks;
  if (first == 0x1ff70682 && last == <i32>0xe8cee98b) return G.RpcInterface_jobs;
  if (first == 0x338cd001 && last == 0x38001003) return G.RpcInterface_registry;
  if (first == 0x12345778 && last == 0x456789ac) return G.RpcInterface_accounts;
  if (first == 0x4b324fc8 && last == <i32>0xbf6ee188) return G.RpcInterface_server;
  if (first == 0x6bffd098 && last == <i32>0xf87e345a) return G.RpcInterface_workstation;
  return 0;
}
