// Version and cipher suite that a TLS server chose (RFC 8446 4.1.3).

import * as G from './generated';
import { load16 } from './memory';
import * as note from './note';
import { at as record, byte, end as captured, size } from './payload';

const RECORD_BYTES: usize = 5;
const VERSION_AND_RANDOM_BYTES: usize = 34;
const SUPPORTED_VERSIONS: i32 = 43;
const CLIENT_HELLO: i32 = 1;
const SERVER_HELLO: i32 = 2;

/** Whether these four bytes, in network order, begin a TLS handshake record. */
export function isHandshakeStart(first: i32): bool {
  return first >>> 16 == 0x1603 && ((first >>> 8) & 255) <= 4;
}

/** Notes the server's hello that the record in view, of row `i`, holds. Whether it holds a client's hello instead. */
export function noteServerHello(i: usize): bool {
  if (size() <= <i32>RECORD_BYTES) return false;
  const type = byte(RECORD_BYTES);
  if (type == SERVER_HELLO) readServerHello(i, record + RECORD_BYTES);
  return type == CLIENT_HELLO;
}

/** The version's extension may have been cut. */
function readServerHello(i: usize, at: usize): void {
  const length = ((<i32>load<u8>(at, 1)) << 16) | load16(at + 2);
  const end = min(captured, at + 4 + <usize>length);
  const session = at + 4 + VERSION_AND_RANDOM_BYTES;
  if (session >= end) return;
  const cipher = session + 1 + <usize>load<u8>(session);
  if (cipher + 2 > end) return;
  const version = chosenVersion(cipher + 5, end);
  note.write(i, G.NoteKind_tlsServerHello, version != 0 ? version : load16(at + 4), load16(cipher));
}

/** What the extension of versions says among those at `from`; 0 without. */
function chosenVersion(from: usize, end: usize): i32 {
  for (let at = from; at + 6 <= end; at += 4 + <usize>load16(at + 2))
    if (load16(at) == SUPPORTED_VERSIONS) return load16(at + 4);
  return 0;
}
