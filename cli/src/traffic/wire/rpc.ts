/** Messages of DCE/RPC in one fragment (C706 12.6). */
import { concat } from './bytes.js';
import { little16, little32 } from './little.js';

/** Types of messages. */
export const Rpc = { request: 0, response: 2, bind: 11, bindAck: 12 } as const;

/** A message of DCE/RPC in one fragment (C706 12.6). */
export function rpc(type: number, call: number, body: Uint8Array): Uint8Array {
  const length = 16 + body.length;
  return concat([Uint8Array.of(5, 0, type, 3, 0x10, 0, 0, 0), little16(length), little16(0), little32(call), body]);
}

/** A call of an operation. */
export function rpcRequest(call: number, operation: number, arguments_: Uint8Array): Uint8Array {
  return rpc(Rpc.request, call, concat([little32(arguments_.length), little16(0), little16(operation), arguments_]));
}

/** What a call gives. */
export function rpcResponse(call: number, results: Uint8Array): Uint8Array {
  return rpc(Rpc.response, call, concat([little32(results.length), little32(0), results]));
}

/** A bind to the interface with this UUID, as it is printed. */
export function rpcBind(call: number, uuid: string): Uint8Array {
  const name = Uint8Array.from(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
  // Its first three numbers go in little-endian order.
  for (const [from, to] of [[0, 4], [4, 6], [6, 8]] as const) name.subarray(from, to).reverse(); // biome-ignore format: pairs
  const context = concat([little16(0), Uint8Array.of(1, 0), name, little32(2), new Uint8Array(20)]);
  return rpc(Rpc.bind, call, concat([new Uint8Array(8), Uint8Array.of(1, 0, 0, 0), context]));
}
