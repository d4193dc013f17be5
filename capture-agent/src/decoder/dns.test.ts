import { NoteKind, PayloadGuess } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { decodeRow } from './decode-rows.js';
import * as build from './packet-builder.js';

const overUdp = (message: Uint8Array, ports: { source?: number; destination?: number } = { destination: 53 }) =>
  build.ethernet(build.ipv4(build.udp(message, ports), { protocol: 17 }));
const name = build.domain('www.Example.COM');
const query = build.dns({ questions: [build.question(name, 28)] });
const pointer = (to: number) => build.bytes(0xc0 | (to >>> 8), to & 255);

describe('DNS messages', () => {
  it('a query notes name, type and length', () => {
    expect(decodeRow(overUdp(query))).toMatchObject({
      noteKind: NoteKind.dnsQuery,
      noteCode: 28,
      noteValue: query.length * 65536,
      noteText: 'www.example.com',
      payloadGuess: PayloadGuess.dns,
      breaches: [],
    });
  });

  it('a response notes code and number of answers', () => {
    const answers = Array.from({ length: 3 }, () => build.record(pointer(12), 5, pointer(16)));
    const message = build.dns({ flags: 0x8183, questions: [build.question(name)], answers });
    expect(decodeRow(overUdp(message, { source: 53, destination: 4242 }))).toMatchObject({
      noteKind: NoteKind.dnsResponse,
      noteCode: 1,
      noteValue: message.length * 65536 + 3 * 256 + 3,
      noteText: 'www.example.com',
      breaches: [],
    });
  });

  it('more than 255 answers are written as 255', () => {
    const answers = Array.from({ length: 300 }, () => build.record(build.bytes(0), 1, build.fill(4)));
    const row = decodeRow(overUdp(build.dns({ flags: 0x8180, answers }), { source: 53 }));
    expect((row.noteValue >>> 8) & 255).toBe(255);
  });

  it.each([
    ['multicast DNS', { source: 5353, destination: 5353 }],
    ['LLMNR', { destination: 5355 }],
  ])('%s is read alike', (_, ports) => {
    expect(decodeRow(overUdp(query, ports))).toMatchObject({
      noteKind: NoteKind.dnsQuery,
      noteText: 'www.example.com',
    });
  });

  it('an answer without question is named by its owner', () => {
    const answers = [build.record(build.domain('printer.local'), 33, build.fill(8))];
    expect(
      decodeRow(overUdp(build.dns({ flags: 0x8400, answers }), { source: 5353, destination: 5353 })),
    ).toMatchObject({
      noteKind: NoteKind.dnsResponse,
      noteCode: 33,
      noteText: 'printer.local',
    });
  });

  it('the root has an empty name', () => {
    const message = build.dns({ questions: [build.question(build.bytes(0), 2)] });
    expect(decodeRow(overUdp(message))).toMatchObject({ noteCode: 2, noteText: '', breaches: [] });
  });

  it('bytes that are not printable, dots and backslashes are escaped', () => {
    const label = build.bytes(9, [0, 9, 32, 46, 92, 127, 200, 255, 65], 0);
    const row = decodeRow(overUdp(build.dns({ questions: [build.question(label)] })));
    expect(row.noteText).toBe('\\000\\009\\032\\046\\092\\127\\200\\255a');
  });

  it('every byte value is escaped to its decimal digits', () => {
    for (let byte = 127; byte < 256; byte++) {
      const row = decodeRow(overUdp(build.dns({ questions: [build.question(build.bytes(1, byte, 0))] })));
      expect(row.noteText).toBe(`\\${byte}`);
    }
  });

  it('of a name too long for a note the end is kept, which says whose it is', () => {
    const data = Array.from({ length: 3 }, (_, k) => [60, ...build.fill(60, 0xe0 + k)]);
    const labels = build.bytes(...data, 7, Buffer.from('EXAMPLE'), 4, Buffer.from('test'), 0);
    const text = decodeRow(overUdp(build.dns({ questions: [build.question(labels)] }))).noteText;
    expect(text.length).toBeLessThanOrEqual(255);
    expect(text).toMatch(/^(\\22[45]|\.)*(\\226){10,}\.example\.test$/);
  });

  it('a long name with escapes is cut at 255 bytes, never within an escape', () => {
    const labels = build.bytes(...Array.from({ length: 4 }, () => [60, ...build.fill(60, 0xee)]), 0);
    const text = decodeRow(overUdp(build.dns({ questions: [build.question(labels)] }))).noteText;
    expect(text.length).toBeLessThanOrEqual(255);
    expect(text.replaceAll('.', '')).toMatch(/^(\\238)+$/);
  });

  it('over TCP one message in one segment is read', () => {
    const segment = (message: Uint8Array) =>
      build.ethernet(build.ipv4(build.tcp(build.bytes(build.u16(query.length), message), { destination: 53 })));
    expect(decodeRow(segment(query))).toMatchObject({ noteKind: NoteKind.dnsQuery, noteText: 'www.example.com' });
    expect(decodeRow(segment(query.slice(0, 20)))).toMatchObject({ noteKind: 0, breaches: [] });
  });
});

describe('malformed DNS', () => {
  const loop = build.dns({ questions: [build.question(pointer(12))] });
  const forward = build.dns({ questions: [build.question(pointer(14)), build.question(name)] });
  const swing = build.dns({ questions: [build.question(build.bytes(1, 'a', pointer(12)))] });
  const long = build.bytes(...Array.from({ length: 5 }, () => [60, ...build.fill(60, 0x61)]), 0);
  it.each([
    ['a name that points to itself', loop],
    ['a name that points ahead', forward],
    ['a name that loops through a label', swing],
    ['a name over 255 bytes', build.dns({ questions: [build.question(long)] })],
    ['a label of a reserved kind', build.dns({ questions: [build.question(build.bytes(0x41, build.fill(70)))] })],
    ['more questions than fit', build.dns({ questions: [build.question(name)], counts: [900, 0, 0, 0] })],
    ['answers that are not there', build.dns({ questions: [build.question(name)], counts: [1, 2, 0, 0] })],
    [
      'an answer that passes the end',
      build.dns({ answers: [build.bytes(name, build.u16(1), build.fill(6), build.u16(99))] }),
    ],
    ['an unassigned operation', build.dns({ flags: 0x1800, questions: [build.question(name)] })],
    ['less than a header', build.bytes('short')],
  ])('%s is a breach', (_, message) => {
    expect(decodeRow(overUdp(message))).toMatchObject({ noteKind: 0, noteText: '', breaches: ['dnsMalformed'] });
  });

  it('what the snap length cut is no breach, and the name is noted', () => {
    const answers = [build.record(pointer(12), 1, build.fill(4)), build.record(pointer(12), 1, build.fill(4))];
    const whole = overUdp(build.dns({ flags: 0x8180, questions: [build.question(name)], answers }), { source: 53 });
    for (let captured = 42; captured < whole.length; captured++) {
      const row = decodeRow({ data: whole.slice(0, captured), wireBytes: whole.length });
      expect(row.breaches).toEqual([]);
      if (captured >= 42 + 12 + name.length) expect(row.noteText).toBe('www.example.com');
    }
  });

  it('a first fragment goes on elsewhere and is no breach', () => {
    const datagram = build.udp(build.dns({ flags: 0x8180, questions: [build.question(name)], counts: [1, 40, 0, 0] }), {
      source: 53,
    });
    const fragment = build.ipv4(datagram.slice(0, 40), { protocol: 17, flagsAndOffset: 0x2000 });
    expect(decodeRow(build.ethernet(fragment))).toMatchObject({ breaches: [], noteKind: NoteKind.dnsResponse });
  });

  it('a port that may be anybody accuses nobody', () => {
    expect(decodeRow(overUdp(build.bytes('short'), { source: 5353 })).breaches).toEqual([]);
  });
});
