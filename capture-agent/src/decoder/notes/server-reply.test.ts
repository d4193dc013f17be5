import { NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { FROM_SERVER, overTcp } from './carried.fixture.js';

describe('replies', () => {
  const dialogue = (port: number, lines: string[]) =>
    decodeRows(
      lines.map((line) =>
        line.startsWith('C: ')
          ? overTcp(build.bytes(line.slice(3)), { source: 40000, destination: port })
          : overTcp(build.bytes(line), { source: port, destination: 40000 }, FROM_SERVER),
      ),
    ).map((row) => [row.noteKind, row.noteCode, row.noteText]);
  const { serverReply, serverBanner } = NoteKind;

  it('of FTP are noted with their codes', () => {
    expect(
      dialogue(21, [
        '220 FTP ready\r\n',
        'C: USER bob\r\n',
        '331 Please\r\n',
        'C: PASS 123 x\r\n',
        '530-Login incorrect.\r\n530 x\r\n',
      ]),
    ).toEqual([
      [serverBanner, 0, '220 FTP ready'],
      [serverBanner, 0, 'USER bob'],
      [serverReply, 331, 'Please'],
      [0, 0, ''],
      [serverReply, 530, 'Login incorrect.'],
    ]);
  });

  it('of SMTP are noted, whatever the port, and mail is not', () => {
    expect(
      dialogue(2525, [
        '220 m ESMTP\r\n',
        'C: EHLO me\r\n',
        '250-m\r\n',
        'C: 535 not a reply\r\n',
        `535 5.7.8 ${'x'.repeat(90)}\r\n`,
        '2500 no\r\n',
        '999 no\r\n',
      ]),
    ).toEqual([
      [serverBanner, 0, '220 m ESMTP'],
      [serverBanner, 0, 'EHLO me'],
      [serverReply, 250, 'm'],
      [0, 0, ''],
      [serverReply, 535, `5.7.8 ${'x'.repeat(58)}`],
      [0, 0, ''],
      [0, 0, ''],
    ]);
  });

  it('of POP3 and IMAP are yes, no or bad', () => {
    expect(dialogue(110, ['+OK hello\r\n', 'C: PASS x\r\n', '-ERR denied\r\n', '+OKAY\r\n', '+OK in\r\n'])).toEqual([
      [serverReply, 1, 'hello'],
      [0, 0, ''],
      [serverReply, 2, 'denied'],
      [0, 0, ''],
      [serverReply, 1, 'in'],
    ]);
    expect(
      dialogue(143, [
        '* OK ready\r\n',
        'C: a1 LOGIN x y\r\n',
        'a1 NO [AUTHENTICATIONFAILED] x\r\n',
        'a2 BAD y\r\n',
        '* 3 EXISTS\r\n',
        'a3 OK z\r\n',
      ]),
    ).toEqual([
      [serverReply, 1, 'ready'],
      [0, 0, ''],
      [serverReply, 2, '[AUTHENTICATIONFAILED] x'],
      [serverReply, 3, 'y'],
      [0, 0, ''],
      [serverReply, 1, 'z'],
    ]);
  });
});
