import { createPacketTable, NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { decodeTable, rawPackets, rowAt } from '../decode-rows.js';
import { Decoder } from '../decoder.js';
import * as build from '../packet-builder.js';
import { FROM_SERVER, overTcp, overUdp } from './carried.fixture.js';
import { CHROME, clientHello, records } from './hello.fixture.js';
import { initialDatagrams } from './quic.fixture.js';

const CLIENT = { source: 40000, destination: 443 };
const hello = records(clientHello({ ...CHROME, keyBytes: 1300 }));
const line = (text: string, port: number) => overTcp(build.bytes(text), { source: 40000, destination: port });
const answer = (text: string, port: number) =>
  overTcp(build.bytes(text), { source: port, destination: 40000 }, FROM_SERVER);
const smb = (command: number) =>
  build.bytes([0, 0, 0, 120, 0xfe], 'SMB', [64, 0], build.fill(6), [command, 0], build.fill(50), build.fill(56, 40));
const smb1 = build.bytes([0, 0, 0, 100, 0xff], 'SMB', 0x75, build.fill(27, 0xc0), [4, 255], build.fill(70, 7));
const dhcp = build.bytes(
  [2, 1, 6, 0],
  build.fill(232),
  build.u32(0x63825363),
  [53, 1, 2, 3, 4, 1, 2, 3, 4, 12, 2, 65, 66],
);
const netbios = build.bytes(
  [0, 7, 0x85, 0, 0, 0, 0, 1, 0, 0, 0, 0, 32],
  build.fill(32, 0x45),
  [0, 0, 32, 0, 1],
  build.fill(12, 6),
);
const local = build.dns({
  flags: 0x8000,
  questions: [build.question(build.domain('host'))],
  answers: [build.record(build.bytes(0xc0, 12), 1, build.fill(4))],
});
const advertisement = build.icmp(134, 0, build.bytes(build.fill(12), [1, 1], build.fill(6), [3, 4], build.fill(30)));
const kexInit = build.bytes(
  [0, 0, 0, 90, 4, 20],
  build.fill(16),
  ...Array.from({ length: 8 }, () => [0, 0, 0, 1, 65]),
  build.fill(40),
);

/** Exchanges whose later packets are noted too. */
const EXCHANGES: readonly (readonly Uint8Array[])[] = [
  [0, 700]
    .map((at) => overTcp(hello.subarray(at, at + 700), { ...CLIENT, sequence: 9 + at }))
    .concat([overTcp(hello.subarray(1400), { ...CLIENT, sequence: 1409 })]),
  initialDatagrams(),
  [
    line('GET / HTTP/1.1\r\nHost: a\r\n\r\n', 80),
    answer('HTTP/1.1 200 OK\r\n', 80),
    line('POST /b HTTP/1.1\r\nAuthorization: c\r\n\r\n', 80),
  ],
  [
    answer('220 x FTP\r\n', 21),
    line('USER a\r\n', 21),
    answer('530 no\r\n', 21),
    overTcp(hello, { source: 40000, destination: 21 }),
  ],
  [answer('* OK x\r\n', 143), line('a LOGIN\r\n', 143), answer('a NO x\r\n', 143)],
  [
    overTcp(smb(0), { source: 40000, destination: 445 }),
    overTcp(smb(3), { source: 40000, destination: 445 }),
    overTcp(smb(5), { source: 40000, destination: 445 }),
    overTcp(smb1, { source: 40000, destination: 445 }),
  ],
  [overUdp(dhcp, { source: 67, destination: 68 }), overUdp(dhcp, { source: 67, destination: 68 })],
  [overUdp(netbios, { source: 137, destination: 137 }), overUdp(netbios, { source: 137, destination: 137 })],
  [overUdp(local, { source: 5355, destination: 50000 }), overUdp(local, { source: 5353, destination: 5353 })],
  [build.ethernet(build.ipv6(advertisement, { next: 58 }), { type: 0x86dd })],
  [
    line('SSH-2.0-x\r\n', 22),
    overTcp(kexInit, { source: 40000, destination: 22 }),
    overTcp(kexInit, { source: 40000, destination: 22 }),
  ],
  [
    overUdp(build.bytes([0x17, 0, 3, 42]), { source: 50000, destination: 123 }),
    overUdp(build.bytes([0x30, 0x84], build.fill(20, 4)), { source: 161, destination: 80 }),
  ],
];

/** Small, seeded and the same everywhere: Marsaglia 2003, xorshift. */
function randomSource(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Damages what lies behind the first 54 bytes: headers have their own test. */
function mutate(packet: Uint8Array, random: (below: number) => number): { data: Uint8Array; wireBytes: number } {
  const data = packet.slice(0, random(3) === 0 ? random(packet.length + 1) : packet.length);
  for (let changes = random(4); changes > 0 && data.length > 54; changes--) {
    const at = 42 + random(Math.min(data.length - 42, random(2) === 0 ? 60 : 2000));
    data[at] = [0, 1, 0x7f, 0x80, 0xff, random(256)][random(6)]!;
  }
  return { data, wireBytes: random(2) === 0 ? packet.length : data.length };
}

function mutants(seed: number, count: number) {
  const random = randomSource(seed);
  const packets: { data: Uint8Array; wireBytes: number }[] = [];
  while (packets.length < count)
    for (const packet of EXCHANGES[random(EXCHANGES.length)]!) packets.push(mutate(packet, random));
  return packets;
}

describe('notes of damaged exchanges', () => {
  it('throw nothing, hold at most 255 bytes, and do not depend on how packets are cut into blocks', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const packets = mutants(seed, 1500);
      const whole = decodeTable(packets);
      const { offsets } = whole.columns.noteText;
      for (let row = 0; row < whole.count; row++) expect(offsets[row + 1]! - offsets[row]!).toBeLessThanOrEqual(255);
      const raw = rawPackets(packets);
      for (const size of [1, 61]) {
        const [decoder, table] = [new Decoder(), createPacketTable(1)];
        for (let from = 0; from < raw.count; from += size)
          decoder.decodeBlock(raw, from, Math.min(from + size, raw.count), table);
        for (let row = 0; row < raw.count; row++) expect(rowAt(table, row)).toEqual(rowAt(whole, row));
      }
    }
  }, 60_000);

  it('are of every kind when nothing is damaged', () => {
    const table = decodeTable(EXCHANGES.flat());
    const seen = new Set(table.columns.noteKind.subarray(0, table.count));
    for (const kind of ['tlsClientHello', 'quicInitial', 'sshKexInit', 'serverReply', 'smb', 'dhcp'] as const)
      expect([kind, seen.has(NoteKind[kind])]).toEqual([kind, true]);
    for (const kind of [
      'routerAdvertisement',
      'nameAnswer',
      'amplifierMessage',
      'httpRequest',
      'httpResponse',
    ] as const)
      expect([kind, seen.has(NoteKind[kind])]).toEqual([kind, true]);
  });
});
