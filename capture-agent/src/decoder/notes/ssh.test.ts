import { NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { FROM_SERVER, overTcp, told, turned } from './carried.fixture.js';

describe('SSH key exchange', () => {
  const lists = ['kex-a,kex-b', 'host', 'enc-c', 'enc-s', 'mac-c', 'mac-s', 'zip-c', 'zip-s', '', ''];
  const kexInit = () => {
    const body = build.bytes(
      20,
      build.fill(16, 9),
      ...lists.flatMap((list) => [build.u32(list.length), list]),
      build.fill(5),
    );
    return build.bytes(build.u32(body.length + 5), 4, body, build.fill(4));
  };
  const ports = { source: 40000, destination: 22 };
  const banner = build.bytes('SSH-2.0-x\r\n');

  it('is noted as HASSH of each side', () => {
    const rows = decodeRows([
      overTcp(banner, ports),
      overTcp(banner, turned(ports), FROM_SERVER),
      overTcp(kexInit(), ports),
      overTcp(kexInit(), turned(ports), FROM_SERVER),
      overTcp(build.fill(200, 20), ports),
    ]);
    // MD5 of "kex-a,kex-b;enc-c;mac-c;zip-c" and of "kex-a,kex-b;enc-s;mac-s;zip-s", as md5sum gives them.
    expect(rows.map((row) => [row.noteKind, row.noteText])).toEqual([
      [NoteKind.serverBanner, 'SSH-2.0-x'],
      [NoteKind.serverBanner, 'SSH-2.0-x'],
      [NoteKind.sshKexInit, '112658f85014503a7e251eb4154ebb58'],
      [NoteKind.sshKexInit, '5280e3f3adfe74ca739a9ec01c8c06ab'],
      [0, ''],
    ]);
  });

  it('cut anywhere has no hash', () => {
    const packet = overTcp(kexInit(), ports);
    for (let captured = 54 + 22; captured < 54 + 22 + 70; captured += 5)
      expect(told([overTcp(banner, ports), { data: packet.slice(0, captured), wireBytes: packet.length }])[1]).toEqual([
        0,
        '-',
      ]);
  });
});
