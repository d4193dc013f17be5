import { NOTE_CODE_RESPONSE, NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { cuts, decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { FROM_SERVER, overTcp, told, turned } from './carried.fixture.js';

const le16 = (value: number) => [value & 255, value >>> 8];
const le32 = (value: number) => [...le16(value & 0xffff), ...le16(value >>> 16)];
const utf16 = (text: string) => build.bytes(...[...text].map((c) => [c.charCodeAt(0), 0]));

describe('SMB messages', () => {
  const smb2 = (command: number, body: Uint8Array, { flags = 0, status = 0 } = {}) =>
    session(
      build.bytes(
        [0xfe],
        'SMB',
        le16(64),
        le16(0),
        le32(status),
        le16(command),
        le16(1),
        le32(flags),
        build.fill(44),
        body,
      ),
    );
  const session = (message: Uint8Array) => build.bytes([0, 0], build.u16(message.length), message);
  const smb1 = (command: number, body: Uint8Array, { flags = 0, status = 0, flags2 = 0xc000 } = {}) =>
    session(build.bytes([0xff], 'SMB', command, le32(status), flags, le16(flags2), build.fill(20), body));
  const named = (fixed: Uint8Array, at: number, name: string) => {
    const body = fixed.slice();
    body.set([...le16(64 + fixed.length), ...le16(name.length * 2)], at);
    return build.bytes(body, utf16(name));
  };
  const treeConnect = smb2(3, named(build.fill(8), 4, '\\\\10.0.0.9\\ADMIN$'));
  const create = (name: string) => smb2(5, named(build.fill(56), 44, name));
  const ports = { source: 40000, destination: 445 };
  const ask = (payload: Uint8Array) => overTcp(payload, ports);
  const answer = (payload: Uint8Array) => overTcp(payload, turned(ports), FROM_SERVER);

  it('of version 2 and 3 are noted where they open something', () => {
    const rows = decodeRows([
      ask(smb2(0, build.fill(36))),
      answer(smb2(0, build.bytes(le16(65), le16(1), le16(0x0311), build.fill(60)), { flags: 1 })),
      answer(smb2(1, build.fill(9), { flags: 1, status: 0xc000006d })),
      ask(treeConnect),
      ask(create('svcctl')),
      ask(create('folder\\file.txt')),
      ask(create('x'.repeat(40))),
      ask(smb2(8, build.fill(48))),
    ]);
    expect(rows.map((row) => [row.noteKind, row.noteCode, row.noteValue, row.noteText])).toEqual([
      [NoteKind.smb, 0, 0, ''],
      [NoteKind.smb, NOTE_CODE_RESPONSE, 0, '0x0311'],
      [NoteKind.smb, 1 | NOTE_CODE_RESPONSE, 0xc000006d, ''],
      [NoteKind.smb, 3, 0, '\\\\10.0.0.9\\ADMIN$'],
      [NoteKind.smb, 5, 0, 'svcctl'],
      [0, 0, 0, ''],
      [0, 0, 0, ''],
      [0, 0, 0, ''],
    ]);
  });

  it('of version 1 too', () => {
    const share = build.bytes([4, 0xff, 0, 0, 0], le16(8), le16(1), le16(30), [0], utf16('\\\\h\\IPC$'), [0, 0]);
    const open = build.bytes([24, 0xff, 0, 0, 0, 0], le16(14), build.fill(41), le16(15), [0], utf16('\\svcctl'));
    expect(
      told([
        ask(smb1(0x72, build.fill(3))),
        answer(smb1(0x73, build.fill(3), { flags: 0x80, status: 0xc000006d })),
        ask(smb1(0x75, share)),
        ask(smb1(0x75, build.bytes(share.slice(0, 11), [0], '\\\\h\\C$', 0), { flags2: 0 })),
        ask(smb1(0xa2, open)),
        ask(smb1(0x2e, build.fill(40))),
      ]),
    ).toEqual([
      [0x172, ''],
      [0x173 | NOTE_CODE_RESPONSE, ''],
      [0x175, '\\\\h\\IPC$'],
      [0x175, '\\\\h\\C$'],
      [0x1a2, '\\svcctl'],
      [0, ''],
    ]);
  });

  it('cut anywhere, or with offsets that lie, are no harm', () => {
    for (const message of [treeConnect, create('svcctl')])
      for (const row of decodeRows(cuts((source) => overTcp(message, { source, destination: 445 }))))
        expect('\\\\10.0.0.9\\ADMIN$'.startsWith(row.noteText) || 'svcctl'.startsWith(row.noteText)).toBe(true);
    const lying = treeConnect.slice();
    lying.set([0xff, 0xff, 0xff, 0xff], 4 + 64 + 4);
    expect(told([ask(lying)])).toEqual([[3, '']]);
  });
});
