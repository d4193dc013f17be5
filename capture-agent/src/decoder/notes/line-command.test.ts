import { LineProtocol, NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { overTcp } from './carried.fixture.js';

function noteOf(text: string): unknown[] {
  const [row] = decodeRows([overTcp(build.bytes(text), { source: 40000, destination: 3333 })]);
  return [row!.noteKind, row!.noteCode, row!.noteText];
}

const nothing = [NoteKind.none, 0, ''];

describe('commands of miners', () => {
  const mining = (method: string) => [NoteKind.lineCommand, LineProtocol.mining, method];

  it('are told by their methods, on any port', () => {
    expect(noteOf('{"id":1,"method":"mining.subscribe","params":[]}\n')).toEqual(mining('mining.subscribe'));
    expect(noteOf('{"jsonrpc":"2.0","method":"eth_submitLogin","params":["0x0"]}')).toEqual(mining('eth_submitLogin'));
    expect(noteOf('{"method":"login","params":{"login":"4A","pass":"x","agent":"m/1"},"id":1}')).toEqual(
      mining('login'),
    );
  });

  it('are no other JSON', () => {
    expect(noteOf('{"jsonrpc":"2.0","method":"login","params":{"user":"ann"},"id":1}')).toEqual(nothing);
    expect(noteOf('{"jsonrpc":"2.0","method":"eth_blockNumber","params":[],"id":1}')).toEqual(nothing);
    expect(noteOf('{"topic":"mining.news"')).toEqual(nothing);
  });
});

describe('commands of IRC', () => {
  it('are told by the nickname', () => {
    const irc = [NoteKind.lineCommand, LineProtocol.irc, 'ann'];
    expect(noteOf('NICK ann\r\nUSER ann 0 * :Ann\r\n')).toEqual(irc);
    expect(noteOf('PASS x\r\nNICK ann\r\n')).toEqual(irc);
    expect(noteOf('USER a 0 * :A\r\nNICK :ann\r\n')).toEqual(irc);
  });

  it('are no words that begin alike', () => {
    expect(noteOf('NICKEL is a metal\r\n')).toEqual(nothing);
    expect(noteOf('USER ann\r\n')).toEqual(nothing);
  });
});
