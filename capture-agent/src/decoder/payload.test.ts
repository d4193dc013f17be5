import { NoteKind, PayloadGuess, TcpFlag } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { DecodeCore } from './core.js';
import { type Captured, decodeRow, decodeRows } from './decode-rows.js';
import { expectedEntropyBits } from './entropy.js';
import * as build from './packet-builder.js';

const overTcp = (payload: Uint8Array, fields: build.TcpFields = {}, ip: build.Ipv4Fields = {}) =>
  build.ethernet(build.ipv4(build.tcp(payload, fields), ip));
const overUdp = (payload: Uint8Array, destination: number, source = 40000) =>
  build.ethernet(build.ipv4(build.udp(payload, { destination, source }), { protocol: 17 }));

/** The opening of a stream to `port`, and the client's first payload. */
const opening = (payload: Uint8Array, destination: number) => [
  overTcp(build.bytes(), { destination, sequence: 999, flags: TcpFlag.syn }),
  overTcp(payload, { destination, sequence: 1000 }),
];
const noise = build.bytes(Array.from({ length: 300 }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 23) & 255));
const clientHello = build.bytes([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3], build.fill(190, 7));
const negotiation = build.bytes([3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0, 0]);
const mysql = build.bytes([30, 0, 0, 0, 10], '8.0.36', build.fill(23));

describe('payload guess', () => {
  it.each([
    ['http', build.bytes('GET / HTTP/1.1\r\n'), 8081],
    ['http', build.bytes('HTTP/1.1 200 OK\r\n'), 8081],
    ['http', build.bytes('PRI * HTTP/2.0\r\n'), 8081],
    ['tls', clientHello, 8443],
    ['ssh', build.bytes('SSH-2.0-OpenSSH_9.6\r\n'), 2222],
    ['smtp', build.bytes('220 mail.example.com ESMTP\r\n'), 2525],
    ['smtp', build.bytes('EHLO client.example.com\r\n'), 2525],
    ['ftp', build.bytes('220 Example FTP server\r\n'), 2121],
    ['ftp', build.bytes('220 ready\r\n'), 21],
    ['pop3', build.bytes('+OK ready\r\n'), 110],
    ['imap', build.bytes('* OK IMAP4rev1\r\n'), 143],
    ['imap', build.bytes('a1 LOGIN user\r\n'), 143],
    ['telnet', build.bytes([0xff, 0xfd, 0x18, 0xff]), 23],
    ['rdp', build.bytes([3, 0, 0, 40, 35, 0xe0, 0, 0, 0, 0, 0], 'Cookie: mstshash=user\r\n'), 3390],
    ['rdp', negotiation, 3390],
    ['smb', build.bytes([0, 0, 0, 64, 0xfe], 'SMB', build.fill(60)), 445],
    ['smb', build.bytes([0, 0, 0, 64, 0xff], 'SMB', build.fill(60)), 445],
    ['netbios', build.bytes([0x81, 0, 0, 68], build.fill(68)), 139],
    ['bittorrent', build.bytes(19, 'BitTorrent protocol'), 6881],
    ['mqtt', build.bytes([0x10, 20, 0, 4], 'MQTT', build.fill(14)), 1884],
    ['mysql', mysql, 3307],
    ['sip', build.bytes('REGISTER sip:example.com SIP/2.0'), 5060],
    ['text', build.bytes('just some words, ', [0xc3, 0xa9], '\n'), 7777],
    ['unknown', build.bytes([1, 2, 3, 4, 5, 6, 7, 8]), 7777],
    ['unknown', build.bytes([3, 0, 0, 22, 17, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2]), 102],
    ['text', build.bytes('x'), 7777],
  ] as const)('of TCP: %s', (guess, payload, port) => {
    expect(decodeRow(overTcp(payload, { destination: port })).payloadGuess).toBe(PayloadGuess[guess]);
  });

  it.each([
    ['ntp', build.bytes(0x23, build.fill(47)), 123],
    ['ntp', build.bytes([0x17, 0, 3, 0x2a, 0, 0, 0, 0]), 123],
    ['snmp', build.bytes([0x30, 0x29, 2, 1, 1, 4, 6], 'public'), 161],
    ['dhcp', build.bytes([1, 1, 6, 0], build.fill(232), build.u32(0x63825363), 53), 67],
    ['stun', build.bytes([0, 1, 0, 0], build.u32(0x2112a442), build.fill(12)), 3478],
    ['quic', build.bytes(0xc3, build.u32(1), build.fill(60)), 443],
    ['rtp', build.bytes([0x80, 0x60], build.fill(30)), 5004],
    ['ssdp', build.bytes('M-SEARCH * HTTP/1.1\r\n'), 1900],
    ['ssdp', build.bytes('HTTP/1.1 200 OK\r\n'), 1900],
    ['netbios', build.fill(50), 137],
    ['bittorrent', build.bytes('d1:ad2:id20:abcdefghij'), 6881],
    ['sip', build.bytes('OPTIONS sip:nm SIP/2.0'), 5060],
    ['unknown', build.fill(20), 9999],
  ] as const)('of UDP: %s', (guess, payload, port) => {
    expect(decodeRow(overUdp(payload, port)).payloadGuess).toBe(PayloadGuess[guess]);
  });
});

describe('first payloads', () => {
  const guesses = (packets: (Uint8Array | Captured)[]) => decodeRows(packets).map((row) => row.payloadGuess);
  const words = overTcp(build.bytes('words'));

  it('only the first of a direction is guessed', () => {
    expect(guesses([words, words, words])).toEqual([PayloadGuess.text, 0, 0]);
    const back = overTcp(
      build.bytes('words'),
      { source: 80, destination: 40000 },
      { source: '192.0.2.2', destination: '10.0.0.1' },
    );
    expect(guesses([words, back, words, back])).toEqual([PayloadGuess.text, PayloadGuess.text, 0, 0]);
  });

  it('a SYN, or a minute of silence, begins anew', () => {
    const syn = overTcp(build.bytes(), { flags: TcpFlag.syn });
    expect(guesses([words, syn, words])).toEqual([PayloadGuess.text, 0, PayloadGuess.text]);
    const at = (second: number) => ({ data: words, timeUs: second * 1e6 });
    expect(guesses([at(1000), at(1060), at(1121)])).toEqual([PayloadGuess.text, 0, PayloadGuess.text]);
  });

  it('entropy is measured on the first two', () => {
    const random = overTcp(noise);
    expect(decodeRows([random, random, random]).map((row) => row.payloadEntropy > 0)).toEqual([true, true, false]);
  });

  it('pings are measured too', () => {
    const ping = build.ethernet(build.ipv4(build.icmp(8, 0, build.bytes(build.fill(4), noise)), { protocol: 1 }));
    expect(decodeRow(ping).payloadEntropy).toBeGreaterThan(200);
  });
});

describe('entropy', () => {
  const core = new DecodeCore();
  const payloadEntropy = (bytes: Uint8Array, start: number, end: number) => {
    core.bytes.set(bytes);
    const at = core.exports.bytes.value;
    return core.exports.payloadEntropy(at + start, at + end);
  };

  it('what random bytes show is known exactly', () => {
    // One byte has none; two differ with probability 255/256, and then show one bit.
    expect(expectedEntropyBits(1)).toBeCloseTo(0, 12);
    expect(expectedEntropyBits(2)).toBeCloseTo(255 / 256, 12);
    // Large samples approach 8 bit less the first-order bias of Miller 1955: 255 / (2 n ln 2).
    expect(expectedEntropyBits(20_000)).toBeCloseTo(8 - 255 / (2 * 20_000 * Math.LN2), 4);
  });

  it('spans its scale: constant bytes 1, random bytes about 255, short payloads 0', () => {
    expect(payloadEntropy(build.fill(100, 65), 0, 100)).toBe(1);
    expect(payloadEntropy(noise, 0, 300)).toBeGreaterThan(240);
    expect(payloadEntropy(noise, 0, 63)).toBe(0);
    expect(payloadEntropy(noise, 0, 64)).toBeGreaterThan(0);
  });

  it('is the entropy that its definition gives', () => {
    const text = build.bytes('the quick brown fox jumps over the lazy dog and goes on to count its bits once more');
    const counts = new Map<number, number>();
    for (const byte of text) counts.set(byte, (counts.get(byte) ?? 0) + 1);
    const bits = [...counts.values()].reduce((sum, c) => sum - (c / text.length) * Math.log2(c / text.length), 0);
    expect(payloadEntropy(text, 0, text.length)).toBe(1 + Math.round((254 * bits) / expectedEntropyBits(text.length)));
  });
});

describe('payload notes', () => {
  it.each([
    ['GET /a/b?secret=1 HTTP/1.1\r\n', { noteKind: NoteKind.httpRequest, noteText: 'GET /a/b' }],
    [`POST /${'x'.repeat(300)} HTTP/1.1\r\n`, { noteKind: NoteKind.httpRequest, noteText: `POST /${'x'.repeat(122)}` }],
    ['GET /\x1b[2J\xff HTTP/1.1\r\n', { noteKind: NoteKind.httpRequest, noteText: 'GET /.[2J.' }],
    ['HTTP/1.1 404 Not Found\r\n', { noteKind: NoteKind.httpResponse, noteCode: 404, noteText: '' }],
    ['HTTP/1.1', { noteKind: NoteKind.httpResponse, noteCode: 0 }],
    ['SSH-2.0-OpenSSH_9.6\r\nmore', { noteKind: NoteKind.serverBanner, noteText: 'SSH-2.0-OpenSSH_9.6' }],
    ['220 mail ESMTP\r\n', { noteKind: NoteKind.serverBanner, noteText: '220 mail ESMTP' }],
    ['EHLO me\r\n', { noteKind: NoteKind.serverBanner, noteText: 'EHLO me' }],
    ['nothing special', { noteKind: 0, noteText: '' }],
  ])('%j', (payload, expected) => {
    const row = decodeRow(overTcp(build.bytes(payload), { destination: 8080 }));
    expect(row).toMatchObject(expected);
    if (row.noteKind !== 0) expect(row.noteValue).toBe(payload.length);
  });
});

describe('protocols on the wrong port', () => {
  it.each([
    ['SSH on 80', 'SSH-2.0-x\r\n', 80, ['sessionUnexpectedProtocol']],
    ['HTTP on 22', 'GET / HTTP/1.1\r\n', 22, ['sessionUnexpectedProtocol']],
    ['HTTP on 443', 'GET / HTTP/1.1\r\n', 443, ['sessionUnexpectedProtocol']],
    ['SSH on 53', 'SSH-2.0-x\r\n', 53, ['sessionUnexpectedProtocol']],
    ['SSH on 22', 'SSH-2.0-x\r\n', 22, []],
    ['HTTP on 80', 'GET / HTTP/1.1\r\n', 80, []],
    ['HTTP on 8080', 'GET / HTTP/1.1\r\n', 8080, []],
    ['SSH on 2222', 'SSH-2.0-x\r\n', 2222, []],
    ['a mail greeting on 21', '220 mail ESMTP\r\n', 21, []],
    ['bytes on 80', '\x01\x02\x03\x04\x05\x06\x07\x08\x09', 80, ['presentationMalformedText']],
    ['a few bytes on 80', '\x01', 80, []],
    ['bytes on 8080', '\x01\x02\x03\x04\x05\x06\x07\x08\x09', 8080, []],
  ])('%s', (_, payload, port, breaches) => {
    expect(decodeRows(opening(build.bytes(payload), port))[1]!.breaches).toEqual(breaches);
  });

  it('TLS belongs on 443 and not on 80', () => {
    expect(decodeRows(opening(clientHello, 443))[1]!.breaches).toEqual([]);
    expect(decodeRows(opening(clientHello, 80))[1]!.breaches).toEqual(['sessionUnexpectedProtocol']);
  });

  it('a server that answers with another protocol is found', () => {
    const server: build.Ipv4Fields = { source: '192.0.2.2', destination: '10.0.0.1' };
    const ports = { source: 80, destination: 40000 };
    const packets = [
      overTcp(build.bytes(), { ...ports, sequence: 49, flags: TcpFlag.syn | TcpFlag.ack }, server),
      overTcp(build.bytes('SSH-2.0-x\r\n'), { ...ports, sequence: 50 }, server),
    ];
    expect(decodeRows(packets)[1]!.breaches).toEqual(['sessionUnexpectedProtocol']);
  });

  it('without the opening of the stream nobody is accused: it may be the middle', () => {
    expect(decodeRow(overTcp(build.bytes('SSH-2.0-x\r\n'), { destination: 80 })).breaches).toEqual([]);
    const [syn] = opening(build.bytes(), 80);
    const later = overTcp(noise, { destination: 80, sequence: 5000 });
    expect(decodeRows([syn!, later])[1]!.breaches).toEqual([]);
  });

  it('discovery on the port of time is found', () => {
    expect(decodeRow(overUdp(build.bytes('M-SEARCH * HTTP/1.1\r\n'), 123)).breaches).toEqual([
      'sessionUnexpectedProtocol',
    ]);
  });
});
