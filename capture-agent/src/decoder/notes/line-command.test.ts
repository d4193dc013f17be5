import { LineProtocol, NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { overTcp } from './carried.fixture.js';

function noteOf(payload: string | Uint8Array, destination = 3333): unknown[] {
  const [row] = decodeRows([overTcp(build.bytes(payload), { source: 40000, destination })]);
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

describe('a command shell', () => {
  const shell = (text: string) => [NoteKind.lineCommand, LineProtocol.shell, text];

  it.each([
    ['Microsoft Windows [Version 10.0.19045.2965]\r\n(c) Microsoft Corporation.', 'Microsoft Windows ['],
    ['\r\nC:\\Users\\ann> ', 'C:\\Users\\ann> '],
    ['PS C:\\Windows\\system32> ', 'PS C:\\Windows\\system32> '],
    ['bash: no job control in this shell\n', 'bash: no job control'],
    ["/bin/sh: 0: can't access tty; job control turned off\n$ ", "/bin/sh: 0: can't access tty"],
    ['sh-5.1$ ', 'sh-5.1$'],
    ['uid=33(www-data) gid=33(www-data) groups=33(www-data)\n', 'uid=33(www-data) gid=3'],
    ['root@web:/var/www# ', 'root@web:/var/www# '],
    ['john@web:~$ ', 'john@web:~$ '],
    ['$ ', '$ '],
    ['# ', '# '],
    ['desk\\ann\nPS C:\\Users\\ann> ', 'desk\\ann.PS C:\\'],
  ])('is told by %j', (text, told) => {
    expect(noteOf(text)).toEqual(shell(told));
  });

  it('is none where one is asked for, nor where text only speaks of shells', () => {
    expect(noteOf('Microsoft Windows [Version 10.0]\r\n', 23)).toEqual(nothing);
    expect(noteOf('Running on Microsoft Windows [Version 10.0]')).toEqual(nothing);
    expect(noteOf('Microsoft Windows Network Load Balancing\r\n')).toEqual(nothing);
    expect(noteOf('C:\\a.txt <- saved\r\n')).toEqual(nothing);
    expect(noteOf('bash: a short history\n')).toEqual(nothing);
    expect(noteOf('uid=ann&gid=7')).toEqual(nothing);
    expect(noteOf('$ 5 each')).toEqual(nothing);
    expect(noteOf('#EXTM3U\n')).toEqual(nothing);
  });
});

describe('programs for remote control', () => {
  const gh0st = (letters: string, length: number, claimed = length) => {
    const packet = new Uint8Array(length);
    packet.set(build.bytes(letters));
    packet.set([claimed & 255, claimed >> 8, 0, 0, 90, 1, 0, 0, 0x78, 0x9c], 5);
    return packet;
  };
  const control = (name: string) => [NoteKind.lineCommand, LineProtocol.remoteControl, name];

  it('of the kin of Gh0st are told by their framing, whatever letters they begin with', () => {
    expect(noteOf(gh0st('Gh0st', 160))).toEqual(control('Gh0st'));
    expect(noteOf(gh0st('\x01\x02abc', 300))).toEqual(control('Gh0st'));
    expect(noteOf(gh0st('Gh0st', 160, 161))).toEqual(nothing);
  });

  it('njRAT is told by what is between its fields', () => {
    expect(noteOf("155\0ll|'|'|SGFjS2Vk|'|'|WIN7|'|'|ann")).toEqual(control('njRAT'));
    expect(noteOf('155\0ll|SGFjS2Vk|WIN7|ann')).toEqual(nothing);
  });

  const program = new Uint8Array(64);
  program.set(build.bytes('MZ'));

  it('and a program behind its length; one alone may be the data of an FTP transfer', () => {
    const told = [NoteKind.lineCommand, LineProtocol.program, 'MZ'];
    expect(noteOf(build.bytes(Uint8Array.of(0, 240, 2, 0), program))).toEqual(told);
    expect(noteOf(program)).toEqual(nothing);
    expect(noteOf('MZ, as the first two letters of a text may be, and more words')).toEqual(nothing);
    expect(noteOf(build.bytes(Uint8Array.of(9), program))).toEqual(nothing);
  });

  it('and a program that follows its length, which came alone', () => {
    const notes = (length: readonly number[], next: Uint8Array) =>
      decodeRows(
        [Uint8Array.from(length), next].map((payload) => overTcp(payload, { source: 4444, destination: 1030 })),
      ).map((row) => row.noteCode);
    expect(notes([0, 240, 2, 0], program)).toEqual([0, LineProtocol.program]);
    expect(notes([5, 0, 0, 0], program)).toEqual([0, 0]);
    expect(notes([0, 240, 2, 0], new Uint8Array(64).fill(7))).toEqual([0, 0]);
  });
});
