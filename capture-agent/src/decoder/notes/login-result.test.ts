import { LoginProtocol, NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { FROM_SERVER, overTcp, overUdp } from './carried.fixture.js';

const { ldap, kerberos, sip } = LoginProtocol;

/** Code and value of the notes on results, of what a server says in one stream or flow. */
function results(port: number, said: readonly Uint8Array[], over: 'tcp' | 'udp' = 'tcp'): number[][] {
  const ports = { source: port, destination: 40_000 };
  const packets = said.map((payload) => (over === 'tcp' ? overTcp : overUdp)(payload, ports, FROM_SERVER));
  return decodeRows(packets)
    .filter(({ noteKind }) => noteKind === NoteKind.loginResult)
    .map(({ noteCode, noteValue }) => [noteCode, noteValue]);
}

describe('the result of an LDAP bind', () => {
  const short = (result: number) => build.bytes([0x30, 12, 2, 1, 1, 0x61, 7, 10, 1, result, 4, 0, 4, 0]);
  const long = (result: number) =>
    build.bytes([0x30, 0x84, 0, 0, 0, 16, 2, 1, 7, 0x61, 0x84, 0, 0, 0, 7, 10, 1, result, 4, 0, 4, 0]);

  it('is noted of each, with lengths in one byte or more', () => {
    expect(results(389, [short(49), long(49), long(0)])).toEqual([
      [ldap, 49],
      [ldap, 49],
      [ldap, 0],
    ]);
  });

  it('is none in other responses, cut ones, and on other ports', () => {
    const search = build.bytes([0x30, 12, 2, 1, 1, 0x65, 7, 10, 1, 0, 4, 0, 4, 0]);
    expect(results(389, [search, short(49).subarray(0, 9), build.bytes([0x30])])).toEqual([]);
    expect(results(4000, [short(49)])).toEqual([]);
  });
});

describe('the result of a Kerberos request', () => {
  const error = (code: number) =>
    build.bytes(
      [0x7e, 40, 0x30, 38, 0xa0, 3, 2, 1, 5, 0xa1, 3, 2, 1, 30, 0xa4, 5, 0x18, 3],
      '202',
      [0xa6, 3, 2, 1, code, 0xa9, 4, 0x1b, 2],
      'AB',
    );

  it('is noted where the secret is wrong, the name unknown or the account locked, and where a ticket is given', () => {
    expect(results(88, [error(24)], 'udp')).toEqual([[kerberos, 24]]);
    expect(results(88, [build.bytes([0, 0, 0, 42], error(6))])).toEqual([[kerberos, 6]]);
    expect(results(88, [build.bytes([0x6b, 40], build.fill(40))], 'udp')).toEqual([[kerberos, 0]]);
  });

  it('is none where more is asked for, or the error was cut', () => {
    expect(results(88, [error(25)], 'udp')).toEqual([]);
    expect(results(88, [error(24).subarray(0, 24)], 'udp')).toEqual([]);
  });
});

describe('the response to a registration by SIP', () => {
  const response = (status: number, method: string) =>
    build.bytes(`SIP/2.0 ${status} X\r\nVia: SIP/2.0/UDP 10.0.0.1\r\nCSeq: 17 ${method}\r\n\r\n`);

  it('is noted of each datagram of a flow', () => {
    expect(results(5060, [response(401, 'REGISTER'), response(403, 'REGISTER')], 'udp')).toEqual([
      [sip, 401],
      [sip, 403],
    ]);
  });

  it('is none of a call, of a provisional one, and of a cut one', () => {
    const said = [response(401, 'INVITE'), response(100, 'REGISTER'), response(401, 'REGISTER').subarray(0, 52)];
    expect(results(5060, said, 'udp')).toEqual([]);
  });
});
