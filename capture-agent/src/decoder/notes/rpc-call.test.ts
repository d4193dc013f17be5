import { NoteKind, RpcInterface, RpcRefusal } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { FROM_SERVER, overTcp, turned } from './carried.fixture.js';

const ACCESS_DENIED = 0xc0000022;
const FSCTL_PIPE_TRANSCEIVE = 0x0011c017;

const Rpc = { request: 0, response: 2, bind: 11, alterContext: 14 } as const;
const Smb2 = { read: 8, write: 9, control: 11 } as const;

/** UUIDs as their documents print them. */
const SVCCTL = '367abb81-9844-35f1-ad32-98f038001003';
const INTERFACES = {
  [RpcInterface.services]: SVCCTL,
  [RpcInterface.tasks]: '86d35949-83c9-4044-b424-db363231fd0c',
  [RpcInterface.jobs]: '1ff70682-0a51-30e8-076d-740be8cee98b',
  [RpcInterface.registry]: '338cd001-2244-31f1-aaaa-900038001003',
  [RpcInterface.accounts]: '12345778-1234-abcd-ef00-0123456789ac',
  [RpcInterface.server]: '4b324fc8-1670-01d3-1278-5a47bf6ee188',
  [RpcInterface.workstation]: '6bffd098-a112-3610-9833-46c3f87e345a',
};
const LOCAL_SECURITY = '12345778-1234-abcd-ef00-0123456789ab';

const le16 = (value: number) => [value & 255, (value >>> 8) & 255];
const le32 = (value: number) => [...le16(value & 0xffff), ...le16(value >>> 16)];

/** A UUID on the wire: its first three numbers in little-endian order. */
function uuid(text: string): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(text.replaceAll('-', ''), 'hex'));
  for (const [from, to] of [[0, 4], [4, 6], [6, 8]] as const) bytes.subarray(from, to).reverse(); // biome-ignore format: pairs
  return bytes;
}

function rpc(type: number, body: Uint8Array, flags = 3): Uint8Array {
  return build.bytes([5, 0, type, flags, 0x10, 0, 0, 0], le16(16 + body.length), le16(0), le32(1), body);
}

const bind = (to: string, type: number = Rpc.bind) =>
  rpc(type, build.bytes(build.fill(8), [1, 0, 0, 0], le16(0), [1, 0], uuid(to), le32(2), build.fill(20)));
const call = (operation: number, flags?: number) =>
  rpc(Rpc.request, build.bytes(le32(40), le16(0), le16(operation), build.fill(40)), flags);
const denied = rpc(Rpc.response, build.bytes(build.fill(20), le32(ACCESS_DENIED)));

const session = (message: Uint8Array) => build.bytes([0, 0], build.u16(message.length), message);
const smb2 = (command: number, body: Uint8Array, isResponse = false) =>
  session(
    build.bytes(
      [0xfe],
      'SMB',
      le16(64),
      build.fill(6),
      le16(command),
      le16(1),
      le32(isResponse ? 1 : 0),
      build.fill(44),
      body,
    ),
  );
const fileId = (file: number) => build.bytes(build.fill(8), le32(file), le32(0));
const written = (data: Uint8Array, file = 1) =>
  smb2(
    Smb2.write,
    build.bytes(le16(49), le16(112), le32(data.length), build.fill(8), fileId(file), build.fill(16), data),
  );
const readBack = (data: Uint8Array) =>
  smb2(Smb2.read, build.bytes(le16(17), [80, 0], le32(data.length), build.fill(8), data), true);
const exchanged = (data: Uint8Array, { file = 1, code = FSCTL_PIPE_TRANSCEIVE } = {}) =>
  smb2(
    Smb2.control,
    build.bytes(le16(57), le16(0), le32(code), fileId(file), le32(120), le32(data.length), build.fill(24), data),
  );
const gotBack = (data: Uint8Array) =>
  smb2(
    Smb2.control,
    build.bytes(
      le16(49),
      le16(0),
      le32(FSCTL_PIPE_TRANSCEIVE),
      fileId(1),
      le32(0),
      le32(0),
      le32(112),
      le32(data.length),
      le32(0),
      le32(0),
      data,
    ),
    true,
  );

const over = (port: number) => {
  const ports = { source: 50_000, destination: port };
  return {
    ask: (payload: Uint8Array) => overTcp(payload, ports),
    answer: (payload: Uint8Array) => overTcp(payload, turned(ports), FROM_SERVER),
  };
};
const smb = over(445);
const tcp = over(49_700);
const negotiate = smb.ask(smb2(0, build.fill(36)));

/** Kind, code and value of the notes that there are of calls and refusals. */
function notes(packets: readonly Uint8Array[]): number[][] {
  return decodeRows([negotiate, ...packets])
    .filter(({ noteKind }) => noteKind === NoteKind.rpcCall || noteKind === NoteKind.rpcRefusal)
    .map(({ noteKind, noteCode, noteValue }) => [noteKind, noteCode, noteValue]);
}
const called = (code: number, operation: number) => [NoteKind.rpcCall, code, operation];

describe('calls of DCE/RPC', () => {
  it('are noted with their interface, which the bind named, and their number', () => {
    for (const [code, name] of Object.entries(INTERFACES))
      expect(notes([bind(name), call(12), call(300)].map(tcp.ask)), name).toEqual([
        called(Number(code), 12),
        called(Number(code), 300),
      ]);
  });

  it('of other interfaces, without a bind, and in later fragments are not', () => {
    expect(notes([bind(LOCAL_SECURITY), call(12)].map(tcp.ask))).toEqual([]);
    expect(notes([call(12), call(12)].map(tcp.ask))).toEqual([]);
    expect(notes([bind(SVCCTL), call(12, 2)].map(tcp.ask))).toEqual([]);
  });

  it('belong to the interface bound last on their connection', () => {
    const packets = [
      bind(SVCCTL),
      call(15),
      bind(INTERFACES[4], Rpc.alterContext),
      call(22),
      bind(LOCAL_SECURITY),
      call(1),
    ];
    expect(notes(packets.map(tcp.ask))).toEqual([called(RpcInterface.services, 15), called(RpcInterface.registry, 22)]);
  });
});

describe('calls inside pipes of SMB', () => {
  it('are noted when they are written, and when they are written and answered at once', () => {
    expect(notes([written(bind(SVCCTL)), written(call(12)), exchanged(call(19))].map(smb.ask))).toEqual([
      called(RpcInterface.services, 12),
      called(RpcInterface.services, 19),
    ]);
  });

  it('are told apart by the pipe that they are written to', () => {
    const packets = [written(bind(SVCCTL), 1), exchanged(bind(INTERFACES[5]), { file: 2 })];
    const calls = [exchanged(call(12), { file: 1 }), written(call(13), 2), written(call(13), 3)];
    expect(notes([...packets, ...calls].map(smb.ask))).toEqual([
      called(RpcInterface.services, 12),
      called(RpcInterface.accounts, 13),
    ]);
  });

  it('that are refused are noted when the answer is read, either way', () => {
    const refused = [NoteKind.rpcRefusal, RpcRefusal.status, ACCESS_DENIED];
    expect(notes([smb.answer(readBack(denied)), smb.answer(gotBack(denied))])).toEqual([refused, refused]);
  });

  it('are neither files nor other controls, nor what says to be longer than it is', () => {
    expect(
      notes([written(bind(SVCCTL)), written(build.fill(200)), exchanged(call(12), { code: 0x00140204 })].map(smb.ask)),
    ).toEqual([]);
    const message = written(call(12));
    const cutOff = Array.from({ length: message.length - 30 }, (_, k) => smb.ask(message.slice(0, k + 1)));
    expect(notes([smb.ask(written(bind(SVCCTL))), ...cutOff.slice(0, 100)])).toEqual([]);
    for (const at of [4 + 64 + 2, 4 + 64 + 4]) {
      const lying = message.slice();
      lying.set([0xff, 0xff], at);
      expect(() => notes([smb.ask(written(bind(SVCCTL))), smb.ask(lying)])).not.toThrow();
    }
  });
});
