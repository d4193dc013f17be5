/** Messages of SMB 2 (MS-SMB2), as far as a sensor reads them. */
import { ascii, concat } from './bytes.js';
import { little16, little32 } from './little.js';

/** Commands. */
export const Command = { negotiate: 0, sessionSetup: 1, treeConnect: 3, create: 5, write: 9, control: 11 } as const;

const HEADER_BYTES = 64;

/** Header and body behind the length of a NetBIOS session. */
export function smb2(command: number, body: Uint8Array, isResponse = false): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header.set([0xfe, 0x53, 0x4d, 0x42, HEADER_BYTES]);
  header.set(little16(command), 12);
  header.set([1, 0, isResponse ? 1 : 0], 14);
  const length = header.length + body.length;
  return concat([Uint8Array.of(0, length >>> 16, length >>> 8, length), header, body]);
}

/** A body with a name behind it in UTF-16, whose place and length stand at `at`. */
function withName(fixed: Uint8Array, at: number, name: string): Uint8Array {
  fixed.set(little16(HEADER_BYTES + fixed.length), at);
  fixed.set(little16(2 * name.length), at + 2);
  return concat([fixed, ascii([...name].map((c) => `${c}\0`).join(''))]);
}

/** Body of a request for a share. */
export function treeConnect(path: string): Uint8Array {
  const fixed = new Uint8Array(8);
  fixed.set(little16(9));
  return withName(fixed, 4, path);
}

/** Body of a request for a file or pipe. */
export function create(name: string): Uint8Array {
  const fixed = new Uint8Array(56);
  fixed.set(little16(57));
  return withName(fixed, 44, name);
}

const FSCTL_PIPE_TRANSCEIVE = 0x0011c017;

/** Body of a request that writes `data` to the pipe with this id, and asks for the answer. */
export function transceive(pipe: number, data: Uint8Array): Uint8Array {
  const id = concat([new Uint8Array(8), little32(pipe), little32(0)]);
  const input = concat([little32(HEADER_BYTES + 56), little32(data.length), new Uint8Array(24)]);
  return concat([little16(57), little16(0), little32(FSCTL_PIPE_TRANSCEIVE), id, input, data]);
}

/** Body of its response. */
export function transceived(pipe: number, data: Uint8Array): Uint8Array {
  const id = concat([new Uint8Array(8), little32(pipe), little32(0)]);
  const output = concat([new Uint8Array(8), little32(HEADER_BYTES + 48), little32(data.length), new Uint8Array(8)]);
  return concat([little16(49), little16(0), little32(FSCTL_PIPE_TRANSCEIVE), id, output, data]);
}
