import { NoteKind, PayloadGuess, RpcRefusal } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { FROM_SERVER, overTcp, turned } from './carried.fixture.js';

const ACCESS_DENIED = 0xc0000022;
const BIND = 11;
const REQUEST = 0;
const RESPONSE = 2;
const FAULT = 3;
const BIND_NAK = 13;

const le16 = (value: number) => [value & 255, (value >>> 8) & 255];
const le32 = (value: number) => [...le16(value & 0xffff), ...le16(value >>> 16)];
const be32 = (value: number) => le32(value).reverse();

interface Fields {
  flags?: number;
  proof?: Uint8Array;
  proofBytes?: number;
}

/** A message of DCE/RPC in little-endian order, with an authentication trailer where `proof` is given. */
function message(type: number, body: Uint8Array, { flags = 3, proof = build.fill(0), proofBytes = 0 }: Fields = {}) {
  const length = 16 + body.length + proof.length;
  return build.bytes([5, 0, type, flags, 0x10, 0, 0, 0], le16(length), le16(proofBytes), le32(1), body, proof);
}

/** Hint, context and count of cancels, and what the call gives. */
const results = (...values: Uint8Array[]) => build.bytes(build.fill(8), ...values);
const status = (value: number) => Uint8Array.from(le32(value));

describe('refusals of DCE/RPC', () => {
  const ports = { source: 50000, destination: 135 };
  const ask = (payload: Uint8Array) => overTcp(payload, ports);
  const answer = (payload: Uint8Array) => overTcp(payload, turned(ports), FROM_SERVER);
  const bind = ask(message(BIND, build.fill(56)));
  /** What is noted of an answer, after a bind. */
  const noted = (payload: Uint8Array) => {
    const { noteKind, noteCode, noteValue } = decodeRows([
      bind,
      ask(message(REQUEST, build.fill(40))),
      answer(payload),
    ]).at(-1)!;
    return [noteKind, noteCode, noteValue];
  };
  const nothing = [NoteKind.none, 0, 0];

  it('are faults, refused binds, and results that say no', () => {
    expect(noted(message(FAULT, results(status(5), build.fill(4))))).toEqual([
      NoteKind.rpcRefusal,
      RpcRefusal.fault,
      5,
    ]);
    expect(noted(message(BIND_NAK, build.bytes(le16(2), build.fill(6))))).toEqual([
      NoteKind.rpcRefusal,
      RpcRefusal.bind,
      2,
    ]);
    expect(noted(message(RESPONSE, results(build.fill(12), status(ACCESS_DENIED))))).toEqual([
      NoteKind.rpcRefusal,
      RpcRefusal.status,
      ACCESS_DENIED,
    ]);
  });

  it('are no results of other kinds, nor parts of longer ones, nor what is encrypted', () => {
    expect(noted(message(RESPONSE, results(build.fill(16))))).toEqual(nothing);
    expect(noted(message(RESPONSE, results(build.fill(12), status(0x16c9a0d6))))).toEqual(nothing);
    expect(noted(message(RESPONSE, results(build.fill(12), status(ACCESS_DENIED)), { flags: 1 }))).toEqual(nothing);
    const encrypted = build.bytes([10, 6, 0, 0], build.fill(20));
    expect(
      noted(message(RESPONSE, results(build.fill(12), status(ACCESS_DENIED)), { proof: encrypted, proofBytes: 16 })),
    ).toEqual(nothing);
  });

  it('take code 5 of Win32 for one only where a handle was asked for', () => {
    expect(noted(message(RESPONSE, results(build.fill(20), status(5))))[1]).toBe(RpcRefusal.status);
    expect(noted(message(RESPONSE, results(build.fill(24), status(5))))).toEqual(nothing);
  });

  it('are read before padding and a signature', () => {
    const signature = build.bytes(build.fill(4), [10, 5, 4, 0], build.fill(20));
    expect(
      noted(message(RESPONSE, results(build.fill(12), status(ACCESS_DENIED)), { proof: signature, proofBytes: 16 })),
    ).toEqual([NoteKind.rpcRefusal, RpcRefusal.status, ACCESS_DENIED]);
  });

  it('are read in the order of bytes that the sender says', () => {
    const big = build.bytes(
      [5, 0, FAULT, 3, 0, 0, 0, 0],
      [0, 32, 0, 0],
      be32(1),
      build.fill(8),
      be32(0x1c010002),
      build.fill(4),
    );
    expect(noted(big)).toEqual([NoteKind.rpcRefusal, RpcRefusal.fault, 0x1c010002]);
  });

  it('give nothing when a length lies or a message is cut', () => {
    const whole = message(RESPONSE, results(build.fill(12), status(ACCESS_DENIED)));
    for (let length = 1; length < whole.length; length++) expect(noted(whole.slice(0, length))).toEqual(nothing);
    for (const proofBytes of [1, 20, 60, 65535])
      expect(noted(message(RESPONSE, results(status(ACCESS_DENIED)), { proofBytes }))).toEqual(nothing);
  });

  it('are told from other protocols by the first payload', () => {
    const [row] = decodeRows([bind]);
    expect(row!.payloadGuess).toBe(PayloadGuess.dceRpc);
    const [other] = decodeRows([ask(build.bytes([5, 1, 0], build.fill(40, 7)))]);
    expect(other!.payloadGuess).not.toBe(PayloadGuess.dceRpc);
  });
});
