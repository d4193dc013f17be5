import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTable, rowAt } from '../decode-rows.js';
import { FROM_SERVER, overTcp } from './carried.fixture.js';

/*
 * The compiled core notes the head of a request by itself once it knows its user agent, and when there is nothing in it to
 * look into. Each head is noted twice here: by a decoder that sees its agent for the first time, so that this side reads
 * the head, and by one that has learnt the agent.
 */

const PARTS = [
  ...['/', 'a', 'index', '.php', '?', 'id=', '1', '&', 'b=', '+', ' ', '%20', '%2e', '%', '..', '../', '%252e'],
  ...["'", '"', '<', 'script', '>', '(', ')', ';', '|', '$', '{', '}', '`', '!', '\\', '*', '--', '#', '=', ':'],
  ...['union', 'UNION', 'select', ' or 1=1', '+and+2=2', 'order by 3', '/etc/', 'passwd', '/proc/', '/bin/', '//'],
  ...['php:', 'file:', 'allow_url_include', 'auto_prepend_file', 'invokefunction', '.exe', '.sh', '.jar&', '.Ps1'],
  ...[
    '\xa0',
    '\xe9',
    '%a0',
    '%0a',
    '\t',
    '_',
    'k',
    'jndi',
    '${',
    '%{(',
    '() {',
    'etc',
    'invo',
    'allow',
    'a'.repeat(90),
  ],
];
const text = fc.array(fc.constantFrom(...PARTS), { maxLength: 12 }).map((parts) => parts.join(''));
const AGENTS = ['curl/8.1', 'Mozilla/5.0 (X11)', 'sqlmap/1.7', 'x', '', ' Opera/9.1 ', 'a'.repeat(250)];
const FIELDS = ['Accept: */*', 'accept-language: en', 'Cookie: a', 'REFERER: x', 'Host: h.example', 'Host:', 'X: () {'];
const head = fc
  .tuple(
    fc.constantFrom('GET ', 'POST ', 'HEAD ', 'PROPFIND ', 'OPTIONS '),
    text,
    fc.constantFrom(...AGENTS),
    fc.array(fc.constantFrom(...FIELDS), { maxLength: 4 }),
    text,
  )
  .map(([method, target, agent, fields, body]) =>
    latin1(`${method}/${target} HTTP/1.1\r\n${[`User-Agent: ${agent}`, ...fields].join('\r\n')}\r\n\r\n${body}`),
  );

/** What shapes of attack need, of each pattern without a mark. */
const ATTACKS = [
  ...[
    'union select 1',
    'x union all select',
    '1 or 1=1',
    'a and 2 = 2',
    'or 1=1',
    'order by 3#',
    '/etc/passwd',
    '=/etc/shadow',
  ],
  ...['/proc/self/environ', '/bin/sh', 'x=php://input', 'x=file:///a', 'allow_url_include', 'auto_prepend_file'],
  ...[
    'invokefunction',
    '../../a',
    'boot.ini',
    'sleep(1)',
    '<script',
    ';cat ',
    '${jndi',
    '{{7*7',
    'a.exe',
    'b=c.sh',
    '.msi',
  ],
];

function latin1(characters: string): Uint8Array {
  return Uint8Array.from(Buffer.from(characters, 'latin1'));
}

const request = (bytes: Uint8Array, source: number) => overTcp(bytes, { source, destination: 8080 });

/** The notes of a head that comes twice: when it comes again its agent is known. */
function notedTwice(bytes: Uint8Array) {
  const table = decodeTable([request(bytes, 40_000), request(bytes, 40_001)]);
  return [rowAt(table, 0), rowAt(table, 1)].map((row) => [row.noteKind, row.noteCode, row.noteValue, row.noteText]);
}

describe('the head of a request', () => {
  it('is noted alike by the core and by this side', () => {
    fc.assert(
      fc.property(head, (one) => {
        const [first, later] = notedTwice(one);
        expect(later).toEqual(first);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it.each(ATTACKS)('that holds %s is noted alike, in path, query and body', (attack) => {
    const end = ' HTTP/1.1\r\nUser-Agent: curl/8.1\r\n\r\n';
    for (const words of [attack, encodeURIComponent(attack), attack.replaceAll(' ', '+')])
      for (const head of [`GET /${words}${end}`, `GET /a?b=${words}&c${end}`, `POST /a${end}${words}`]) {
        const [first, later] = notedTwice(latin1(head));
        expect(later).toEqual(first);
      }
  });

  it('is noted alike wherever it was cut', () => {
    const bytes = latin1('GET /a?b=c HTTP/1.1\r\nUser-Agent: curl/8.1\r\nHost: h.example\r\nAccept: */*\r\n\r\nx=1');
    for (let end = 4; end <= bytes.length; end++) {
      const [first, later] = notedTwice(bytes.subarray(0, end));
      expect(later).toEqual(first);
    }
  });
});

describe('the head of a response', () => {
  const noteOf = (head: string) =>
    rowAt(decodeTable([overTcp(latin1(head), { source: 8080, destination: 40_000 }, FROM_SERVER)]), 0).noteText;

  it('tells of a program whatever else it holds', () => {
    const fields = ['Server: x', 'Content-Length: 9', 'Content-Type: text/html', 'X-Content-Type: y'];
    for (const telling of [
      'content-type: application/x-msdownload',
      'Content-Type:\r\n application/hta',
      'CONTENT-DISPOSITION: attachment; filename="a.exe"',
    ])
      for (const body of ['', '\r\n\r\n', '\r\n\r\n<html>'])
        expect(noteOf(`HTTP/1.1 200 OK\r\n${[...fields.slice(0, 2), telling].join('\r\n')}\r\n${body}`)).toMatch(
          /^exe /,
        );
    for (const [body, kind] of [
      ['MZ\x90\0\x03', 'exe'],
      ['\x7fELF\x02', 'elf'],
      ['#!/bin/sh\n', 'script'],
    ] as const)
      expect(noteOf(`HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\n\r\n${body}`)).toBe(`${kind} text/html`);
    expect(noteOf(`HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\n\r\n<html>`)).toBe('');
  });
});
