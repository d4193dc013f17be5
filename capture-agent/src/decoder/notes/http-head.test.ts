import { NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { cuts, decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { FROM_SERVER, overTcp, told, turned } from './carried.fixture.js';

describe('HTTP heads', () => {
  const ports = { source: 40000, destination: 8080 };
  const request = (text: string, sequence = 1) => overTcp(build.bytes(text), { ...ports, sequence });
  const response = (text: string) => overTcp(build.bytes(text), turned(ports), FROM_SERVER);

  it('of a connection that stays open are all noted, and bodies are not', () => {
    const rows = decodeRows([
      request('GET /a HTTP/1.1\r\nHost: x\r\n\r\n'),
      response('HTTP/1.1 401 No\r\n\r\n'),
      request('GET /a HTTP/1.1\r\nAuthorization: Basic eA==\r\nhost:  y.example:8080 \r\n\r\n'),
      response('HTTP/1.1 200 OK\r\n\r\n'),
      response('GETTING a body'),
      response('HTTP'),
      request('POST /b HTTP/1.1\r\n'),
    ]);
    expect(rows.map((row) => [row.noteKind, row.noteCode, row.noteText])).toEqual([
      [NoteKind.httpRequest, 0, 'GET /a x'],
      [NoteKind.httpResponse, 401, ''],
      [NoteKind.httpRequest, 1, 'GET /a y.example:8080.'],
      [NoteKind.httpResponse, 200, ''],
      [0, 0, ''],
      [0, 0, ''],
      [NoteKind.httpRequest, 0, 'POST /b'],
    ]);
  });

  it('give the first host alone, at most 64 bytes of it, and nothing from the body', () => {
    const long = `GET / HTTP/1.1\r\nHost: ${'a'.repeat(100)}\r\nHost: b\r\n\r\nAuthorization: no\r\nHost: c\r\n`;
    expect(told([request(long)])).toEqual([[0, `GET / ${'a'.repeat(64)}`]]);
  });

  it('cut anywhere tell what was captured', () => {
    const text = build.bytes('GET /path?q HTTP/1.1\r\nHost: h.example\r\nAuthorization: Basic eA==\r\n\r\n');
    const rows = decodeRows(cuts((source) => overTcp(text, { source, destination: 8080 })));
    expect(rows.at(-1)).toMatchObject({ noteCode: 1, noteText: 'GET /path h.example' });
    for (const row of rows) expect('GET /path h.example'.startsWith(row.noteText)).toBe(true);
  });
});
