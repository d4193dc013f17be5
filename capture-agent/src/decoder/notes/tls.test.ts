import { NoteKind, PayloadGuess, TcpFlag } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { type Captured, cuts, decodeRow, decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { CHROME, CHROME_JA4, clientHello, records } from './hello.fixture.js';

const segment = (payload: Uint8Array, sequence = 1000, ports = { source: 40000, destination: 443 }) =>
  build.ethernet(build.ipv4(build.tcp(payload, { ...ports, sequence })));
const fromServer = (payload: Uint8Array, destination = 40000) =>
  build.ethernet(
    build.ipv4(build.tcp(payload, { source: 443, destination }), {
      source: '192.0.2.2',
      destination: '10.0.0.1',
    }),
  );
const whole = records(clientHello(CHROME));
const long = records(clientHello({ ...CHROME, keyBytes: 1300 }));
const NOTE = {
  noteKind: NoteKind.tlsClientHello,
  noteCode: 0x0304,
  noteText: `${CHROME_JA4} www.example.com`,
};
const texts = (packets: (Uint8Array | Captured)[]) => decodeRows(packets).map((row) => row.noteText);

describe('a TLS client hello', () => {
  it('notes JA4, server name, version and length', () => {
    const row = decodeRow(segment(whole));
    expect(row).toMatchObject({ ...NOTE, noteValue: whole.length - 5, payloadGuess: PayloadGuess.tls, breaches: [] });
  });

  it('is put together over segments and records, in any order', () => {
    for (const stream of [long, records(clientHello({ ...CHROME, keyBytes: 1300 }), 100)]) {
      const parts = [0, 600, 1200].map((at) =>
        segment(stream.slice(at, at === 1200 ? undefined : at + 600), 1000 + at),
      );
      expect(texts(parts)).toEqual(['', '', NOTE.noteText]);
      expect(texts([parts[0]!, parts[2]!, parts[1]!])).toEqual(['', '', NOTE.noteText]);
      expect(texts([parts[0]!, parts[0]!, parts[1]!, parts[1]!, parts[2]!])).toEqual(['', '', '', '', NOTE.noteText]);
    }
  });

  it('is put together where the sequence number wraps', () => {
    const parts = [segment(long.slice(0, 700), 0xffffff00), segment(long.slice(700), (0xffffff00 + 700) >>> 0)];
    expect(texts(parts)).toEqual(['', NOTE.noteText]);
  });

  it('is noted once, and what follows is not looked at', () => {
    expect(texts([segment(whole), segment(whole, 3000)])).toEqual([NOTE.noteText, '']);
    const parts = [segment(long.slice(0, 700)), segment(long.slice(700), 1700), segment(long.slice(700), 1700)];
    expect(texts(parts)).toEqual(['', NOTE.noteText, '']);
  });

  it('of two flows at once does not mix', () => {
    const other = records(clientHello({ ...CHROME, keyBytes: 1300, serverName: 'other.example' }));
    const ports = { source: 40001, destination: 443 };
    const packets = [segment(long.slice(0, 700)), segment(other.slice(0, 700), 1000, ports)];
    packets.push(segment(other.slice(700), 1700, ports), segment(long.slice(700), 1700));
    expect(texts(packets)).toEqual(['', '', `${CHROME_JA4} other.example`, NOTE.noteText]);
  });

  it('that the snap length cut has no JA4, but what was captured', () => {
    const rows = decodeRows(cuts((port) => segment(whole, 1000, { source: port, destination: 443 })));
    expect(rows.filter((row) => row.breaches.length > 0)).toEqual([]);
    const seen = new Set(rows.map((row) => row.noteText));
    expect([...seen]).toEqual(['', '- ', '- www.example.com']);
    expect(
      texts([segment(long.slice(0, 700)), { data: segment(long.slice(700), 1700).slice(0, 320), wireBytes: 1500 }]),
    ).toEqual(['', '- www.example.com']);
  });

  it('that never ends is given up', () => {
    const endless = build.bytes([0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3], build.fill(1449, 0));
    const rows = decodeRows(
      Array.from({ length: 12 }, (_, i) => segment(i === 0 ? endless : build.fill(1460), 1000 + 1460 * i)),
    );
    expect(rows.filter((row) => row.noteKind === NoteKind.tlsClientHello)).toHaveLength(1);
    expect(rows[2]!.noteText).toBe('- ');
  });

  it('behind an exchange in clear is found', () => {
    const mail = { source: 40000, destination: 25 };
    const rows = decodeRows([
      segment(build.bytes('EHLO me\r\n'), 1, mail),
      segment(build.bytes('STARTTLS\r\n'), 10, mail),
      segment(whole, 20, mail),
    ]);
    expect(rows.map((row) => row.noteText)).toEqual(['EHLO me', '', NOTE.noteText]);
    const proxy = { source: 40000, destination: 3128 };
    const tunnel = [
      segment(build.bytes('CONNECT a.example:443 HTTP/1.1\r\n\r\n'), 1, proxy),
      segment(whole, 50, proxy),
    ];
    expect(texts(tunnel)).toEqual(['CONNECT a.example:443', NOTE.noteText]);
  });

  it('holds no more of a name than a note may, and nothing that a terminal obeys', () => {
    const name = `\x1b[2J ${'a'.repeat(300)}`;
    const { noteText } = decodeRow(segment(records(clientHello({ ...CHROME, serverName: name }))));
    expect(noteText).toBe(`${CHROME_JA4} .[2j.${'a'.repeat(195)}`);
  });
});

describe('a TLS server hello', () => {
  const serverHello = (extensions: readonly number[], version = 0x0303) => {
    const body = build.bytes(
      build.u16(version),
      build.fill(32, 1),
      4,
      [1, 2, 3, 4],
      [0x13, 2, 0],
      ...sizedList(extensions),
    );
    return build.bytes([0x16, 3, 3], build.u16(body.length + 4), [2, 0], build.u16(body.length), body);
  };
  const sizedList = (list: readonly number[]) => [build.u16(list.length), list];

  it('notes the version and the cipher suite that were chosen', () => {
    const extensions = [0, 51, 0, 2, 9, 9, 0, 43, 0, 2, 3, 4];
    const row = decodeRow(fromServer(serverHello(extensions)));
    expect(row).toMatchObject({ noteKind: NoteKind.tlsServerHello, noteCode: 0x0304, noteValue: 0x1302, noteText: '' });
    expect(decodeRow(fromServer(serverHello([], 0x0301)))).toMatchObject({ noteCode: 0x0301, noteValue: 0x1302 });
  });

  it('cut anywhere is no breach, and tells its cipher suite once that was captured', () => {
    const rows = decodeRows(cuts((port) => fromServer(serverHello([0, 43, 0, 2, 3, 4]), port)));
    for (const [i, row] of rows.entries()) {
      const hasCipher = i >= 5 + 4 + 2 + 32 + 5 + 2;
      expect([row.noteKind, row.noteValue]).toEqual(hasCipher ? [NoteKind.tlsServerHello, 0x1302] : [0, 0]);
      expect(row.breaches).toEqual([]);
    }
  });

  it('with an extension that points nowhere ends there', () => {
    expect(decodeRow(fromServer(serverHello([0, 51, 0xff, 0xff, 0, 43, 0, 2, 3, 4]))).noteCode).toBe(0x0303);
  });
});

it('TLS in a flow that began long ago is not looked for', () => {
  const syn = build.ethernet(build.ipv4(build.tcp(build.bytes(), { destination: 443, flags: TcpFlag.syn })));
  expect(texts([syn, segment(build.bytes('words'), 1), segment(whole, 6)])).toEqual(['', '', '']);
});
