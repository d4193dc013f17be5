import { CONFORMANCE_BREACHES, createPacketTable, type PacketTable } from '@weir/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTable, rawPackets, rowAt } from './decode-rows.js';
import { Decoder } from './decoder.js';
import * as build from './packet-builder.js';

const LINK_TYPES = [0, 1, 101, 108, 113, 228, 229, 276];
const name = build.domain('www.example.com');
const dns = build.dns({
  flags: 0x8180,
  questions: [build.question(name)],
  answers: [
    build.record(build.bytes(0xc0, 12), 1, build.fill(4)),
    build.record(build.bytes(0xc0, 16), 16, build.fill(30)),
  ],
});
const inner = build.ethernet(build.ipv4(build.udp(dns, { source: 53 }), { protocol: 17 }));

/** One packet of each kind, for mutation. */
const CORPUS: readonly Uint8Array[] = [
  build.ethernet(build.ipv4(build.tcp(build.bytes('GET /path HTTP/1.1\r\n')))),
  build.ethernet(build.ipv4(build.tcp(build.bytes('SSH-2.0-x\r\n'), { destination: 22, headerWords: 8 }))),
  build.ethernet(build.ipv4(build.tcp(build.bytes([0, dns.length], dns), { destination: 53 }))),
  build.ethernet(build.ipv4(build.udp(dns, { destination: 53 }), { protocol: 17 })),
  build.ethernet(build.ipv6(build.udp(dns, { destination: 5353 }), { next: 17 }), { type: 0x86dd }),
  build.ethernet(
    build.ipv6(build.extension(60, build.extension(44, build.bytes(17, 0, 0, 1, build.fill(4), build.udp(dns)))), {
      next: 0,
    }),
    { type: 0x86dd },
  ),
  build.ethernet(
    build.vlan(build.vlan(build.ipv4(build.tcp(build.fill(100, 0x55)), { options: [7, 7, 4, 1, 2, 3, 4, 0] })), {
      type: 0x8100,
    }),
    { type: 0x88a8 },
  ),
  build.ethernet(
    build.ipv4(build.udp(build.bytes([8, 0, 0, 0, 0, 0, 9, 0], inner), { destination: 4789 }), { protocol: 17 }),
  ),
  build.ethernet(
    build.ipv4(build.udp(build.bytes([2, 0, 0x65, 0x58, 0, 0, 9, 0], build.fill(8), inner), { destination: 6081 }), {
      protocol: 17,
    }),
  ),
  build.ethernet(
    build.ipv4(
      build.udp(build.bytes([0x34, 255, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 9, 0], inner.slice(14)), {
        destination: 2152,
      }),
      { protocol: 17 },
    ),
  ),
  build.ethernet(build.ipv4(build.bytes([0x30, 0, 0x65, 0x58], build.u32(3), build.u32(4), inner), { protocol: 47 })),
  build.ethernet(build.ipv4(build.ipv4(build.ipv6(build.tcp(build.bytes())), { protocol: 41 }), { protocol: 4 })),
  build.ethernet(build.ipv4(build.icmp(3, 3, build.bytes(build.fill(4), inner.slice(14))), { protocol: 1 })),
  build.ethernet(build.ipv4(build.fill(64), { protocol: 17, flagsAndOffset: 0x2000 | 3 })),
  build.ethernet(build.arp(), { type: 0x0806 }),
  build.ethernet(build.bytes(build.u32(0x140), build.u32(0), inner), { type: 0x8847 }),
  build.ethernet(build.bytes([0x11, 0, 0, 9], build.u16(100), [0, 0x21], inner.slice(14)), { type: 0x8864 }),
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

/** Flips, overwrites, cuts and repeats: what a broken or hostile sender might do. */
function mutate(packet: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = packet.slice(0, random(4) === 0 ? random(packet.length + 1) : packet.length);
  for (let changes = 1 + random(6); changes > 0 && copy.length > 0; changes--) {
    const at = random(copy.length);
    if (random(3) === 0) copy[at]! ^= 1 << random(8);
    else copy[at] = [0, 1, 0x7f, 0x80, 0xc0, 0xff, random(256)][random(7)]!;
  }
  return copy;
}

function expectSound(table: PacketTable, packets: number): void {
  const { offsets } = table.columns.noteText;
  expect(table.count).toBe(packets);
  for (let row = 0; row < packets; row++) {
    const length = offsets[row + 1]! - offsets[row]!;
    if (length < 0 || length > 255) throw new Error(`The note of row ${row} has ${length} bytes.`);
  }
}

describe('decoder', () => {
  it('takes 100,000 mutated packets without an exception, a row for each, by both of its ways alike', () => {
    const random = randomSource(20260704);
    for (let block = 0; block < 100; block++) {
      const packets = Array.from({ length: 1000 }, () => {
        const data = mutate(CORPUS[random(CORPUS.length)]!, random);
        const wireBytes = data.length + (random(2) === 0 ? 0 : random(2000));
        return { data, wireBytes, linkType: random(5) === 0 ? LINK_TYPES[random(LINK_TYPES.length)]! : 1 };
      });
      const table = decodeTable(packets);
      expectSound(table, packets.length);
      if (block < 20) expectSameRows(table, decodeTable(packets, { layersOnly: true }));
    }
  }, 20_000);

  it('takes any bytes on any link', () => {
    const packet = fc.record({
      data: fc.uint8Array({ maxLength: 200 }),
      extra: fc.nat(5000),
      linkType: fc.constantFrom(...LINK_TYPES, 9),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 30 }), (packets) => {
        const captured = packets.map(({ data, extra, linkType }) => ({
          data,
          linkType,
          wireBytes: data.length + extra,
        }));
        expectSound(decodeTable(captured), packets.length);
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it('is not led astray by block columns that lie about the buffer', () => {
    const raw = rawPackets([CORPUS[0]!, CORPUS[3]!]);
    raw.capturedBytes[1] = 1_000_000;
    raw.wireBytes[1] = 0xffff_ffff;
    const table = createPacketTable(4);
    new Decoder().decodeBlock(raw, 0, 2, table);
    for (const offset of [raw.bytes.length + 5, 0xffff_fff0]) {
      raw.offset[0] = offset;
      expect(() => new Decoder().decodeBlock(raw, 0, 1, createPacketTable(1))).not.toThrow();
    }
    expect(rowAt(table, 1)).toMatchObject({ noteText: 'www.example.com', lengthBytes: 0xffff_ffff });
  });

  it('rows do not depend on how packets are cut into blocks, nor on what a table held before', () => {
    const random = randomSource(99);
    const packets = Array.from({ length: 600 }, () => mutate(CORPUS[random(CORPUS.length)]!, random));
    const whole = decodeTable(packets);
    const raw = rawPackets(packets);
    for (const size of [1, 7, 100]) {
      const decoder = new Decoder();
      const table = decodeTable(packets.slice(0, 300).reverse());
      table.clear();
      for (let from = 0; from < raw.count; from += size)
        decoder.decodeBlock(raw, from, Math.min(from + size, raw.count), table);
      expectSameRows(table, whole);
    }
  });

  it('rows are the same when a source filled the block that the decoder made, taken in any pieces', () => {
    const random = randomSource(31);
    const packets = Array.from({ length: 600 }, () => mutate(CORPUS[random(CORPUS.length)]!, random));
    const raw = rawPackets(packets);
    for (const size of [1, 250, 600]) {
      const decoder = new Decoder();
      const block = decoder.createBlock();
      block.room!.set(raw.bytes);
      for (const name of ['timeUs', 'offset', 'capturedBytes', 'wireBytes', 'linkType'] as const)
        block[name].set(raw[name]);
      const table = createPacketTable(1);
      for (let from = 0; from < raw.count; from += size)
        decoder.decodeBlock(block, from, Math.min(from + size, raw.count), table);
      expectSameRows(table, decodeTable(packets));
    }
  });

  it('a row does not depend on the bytes around its packet', () => {
    const random = randomSource(4);
    for (let i = 0; i < 500; i++) {
      const data = mutate(CORPUS[random(CORPUS.length)]!, random);
      const captured = { data, wireBytes: data.length + random(300), timeUs: 5e6 };
      const alone = rowAt(decodeTable([captured]), 0);
      const neighbour = new Uint8Array(40).fill([0, 0x2f, 0x41, 0xff][random(4)]!);
      expect(rowAt(decodeTable([neighbour, captured, neighbour]), 1)).toEqual(alone);
    }
  });

  it('counts packets, undecoded frames and each breach', () => {
    const land = build.ethernet(build.ipv4(build.tcp(build.bytes(), { flags: 0 }), { destination: '10.0.0.1' }));
    const decoder = new Decoder();
    decoder.decodeBlock(
      rawPackets([land, land, CORPUS[0]!, build.ethernet(build.fill(46), { type: 0x88cc }), build.fill(3)]),
      0,
      5,
      createPacketTable(5),
    );
    expect(decoder.counters).toMatchObject({ packets: 5, undecoded: 2 });
    const counted = CONFORMANCE_BREACHES.flatMap(({ name }, i) =>
      decoder.counters.breaches[i] ? [[name, decoder.counters.breaches[i]]] : [],
    );
    expect(counted).toEqual([
      ['linkTruncated', 1],
      ['ipSourceIsDestination', 2],
      ['tcpFlagsIllegal', 2],
    ]);
  });
});

function expectSameRows(a: PacketTable, b: PacketTable): void {
  expect(a.count).toBe(b.count);
  for (let row = 0; row < a.count; row++) expect(rowAt(a, row)).toEqual(rowAt(b, row));
}
