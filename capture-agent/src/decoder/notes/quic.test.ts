import { NoteKind, PayloadGuess } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { type Captured, cuts, decodeRow, decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { overUdp } from './carried.fixture.js';
import { CONNECTION_ID, initialDatagrams, initialPacket } from './quic.fixture.js';
import { decryptInitial, headerMask, initialKeys, QuicVersion } from './quic-keys.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
/** RFC 9001 A.2: the client's CRYPTO frame. */
const FRAME = hex(
  [
    '060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c0',
    '00000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e0005000501',
    '00000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304',
    '000d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07',
    '048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff',
  ].join(''),
);
const EXAMPLE_TEXT = 'example.com';

const datagram = (payload: Uint8Array, ports = { source: 50000, destination: 443 }) => overUdp(payload, ports);
const texts = (packets: (Uint8Array | Captured)[]) => decodeRows(packets).map((row) => row.noteText);

describe('QUIC Initial keys', () => {
  it('are those of RFC 9001 A.1', () => {
    const keys = initialKeys(QuicVersion.v1, CONNECTION_ID)!;
    expect(keys.key.toString('hex')).toBe('1f369613dd76d5467730efcbe3b1a22d');
    expect(keys.iv.toString('hex')).toBe('fa044b2f42a3fd3b46fb255c');
    expect(keys.headerProtection.toString('hex')).toBe('9f50449e04a0e810283a1e9933adedd2');
  });

  it('are those of RFC 9369 A.1', () => {
    const keys = initialKeys(QuicVersion.v2, CONNECTION_ID)!;
    expect(keys.key.toString('hex')).toBe('8b1a0bc121284290a29e0971b5cd045d');
    expect(keys.iv.toString('hex')).toBe('91f73e2351d8fa91660e909f');
    expect(keys.headerProtection.toString('hex')).toBe('45b95e15235d6f45a6b19cbcb0294ba9');
  });

  it('are unknown for other versions', () => {
    expect(initialKeys(0xff000017, CONNECTION_ID)).toBeUndefined();
  });

  it('give the mask of RFC 9001 A.2, and read what GCM sealed without its tag', () => {
    const keys = initialKeys(QuicVersion.v1, CONNECTION_ID)!;
    expect(headerMask(keys, hex('d1b1c98dd7689fb8ec11d242b123dc9b')).toString('hex')).toMatch(/^437b9aec36/);
    const packet = initialPacket(FRAME);
    expect(Buffer.from(packet.subarray(0, 38)).toString('hex')).toBe(
      'c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b',
    );
    expect(Uint8Array.from(decryptInitial(keys, 2, packet.subarray(22, 22 + FRAME.length)))).toEqual(FRAME);
  });
});

describe('a QUIC Initial', () => {
  it.each([QuicVersion.v1, QuicVersion.v2, QuicVersion.draft29])(
    'of version %i notes the client hello that it carries',
    (version) => {
      const row = decodeRow(datagram(initialPacket(FRAME, { version })));
      expect(row).toMatchObject({
        payloadGuess: PayloadGuess.quic,
        noteKind: NoteKind.quicInitial,
        noteCode: 0x0304,
        noteValue: version,
      });
      expect(row.noteText).toMatch(new RegExp(`^q13d0211an_[0-9a-f]{12}_[0-9a-f]{12} ${EXAMPLE_TEXT}$`));
    },
  );

  it('may carry the hello in pieces, in any order, over several datagrams', () => {
    expect(texts(initialDatagrams())).toEqual(['', 'q13d1516h2_8daaf6152771_e5627efa2ab1 www.example.com']);
  });

  it('that is sent again is noted once', () => {
    expect(
      texts([datagram(initialPacket(FRAME)), datagram(initialPacket(FRAME))]).filter((text) => text !== ''),
    ).toHaveLength(1);
  });

  it('cut by the snap length tells what was captured', () => {
    const packet = initialPacket(FRAME);
    const rows = decodeRows(cuts((source) => datagram(packet, { source, destination: 443 }), 42));
    const seen = [...new Set(rows.map((row) => row.noteText.replace(/^q\S+/, 'JA4')))];
    expect(seen).toEqual(['', '- ', `- ${EXAMPLE_TEXT}`, `JA4 ${EXAMPLE_TEXT}`]);
    expect(rows.filter((row) => row.breaches.length > 0)).toEqual([]);
  });

  it.each([
    ['of a server', datagram(initialPacket(FRAME), { source: 443, destination: 50000 })],
    [
      'with a short connection id',
      datagram(initialPacket(FRAME, { connectionId: hex('0102030405060708').slice(0, 7) })),
    ],
    ['under other keys', datagram(initialPacket(FRAME, { keys: initialKeys(1, hex('0011223344556677'))! }))],
    ['without a CRYPTO frame', datagram(initialPacket(build.bytes(1)))],
    ['with a frame that lies about its length', datagram(initialPacket(build.bytes(6, 0, [0x7f, 0xff], 1, 0, 0)))],
    ['with a frame that Initials do not have', datagram(initialPacket(build.bytes(0x1e, FRAME)))],
    [
      'with an acknowledgment that never ends',
      datagram(initialPacket(build.bytes([2, 0, 0, 0xff], build.fill(7, 0xff)))),
    ],
  ])('%s is not noted', (_, packet) => {
    expect(decodeRow(packet)).toMatchObject({ noteKind: 0, noteText: '', payloadGuess: PayloadGuess.quic });
  });

  it('is not looked into when too many come in a second', () => {
    const packet = initialPacket(FRAME);
    const flood = (timeUs: number) =>
      Array.from({ length: 250 }, (_, i) => ({
        data: datagram(packet, { source: 50000 + i, destination: 443 }),
        timeUs,
      }));
    const rows = decodeRows([
      ...flood(5e6),
      { data: datagram(packet, { source: 60000, destination: 443 }), timeUs: 6e6 },
    ]);
    expect(rows.filter((row) => row.noteKind === NoteKind.quicInitial)).toHaveLength(201);
    expect(rows.at(-1)!.noteKind).toBe(NoteKind.quicInitial);
  });
});
