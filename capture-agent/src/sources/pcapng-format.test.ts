import { describe, expect, it } from 'vitest';
import {
  ByteWriter,
  buildPcapng,
  concatenate,
  interfaceBlock,
  option,
  packetBlock,
  pcapngBlock,
  samplePackets,
  sectionHeader,
  simplePacketBlock,
} from './build-capture.js';
import { PcapngParser } from './pcapng-format.js';
import { createRawPackets } from './source.js';
import { WarningLog } from './warning-log.js';

const DATA = Uint8Array.of(9, 8, 7, 6, 5);
const PACKET = { ticks: 1_700_000_000_123_456n, bytes: DATA };
const TSRESOL = 9;
const TSOFFSET = 14;

function parseAll(...blocks: Uint8Array[]) {
  const file = concatenate(blocks);
  const warnings = new WarningLog();
  const parser = new PcapngParser({ head: file, warnings });
  const block = createRawPackets(1000);
  block.bytes = file;
  const at = parser.parse(block, 0, file.length);
  parser.finish(file.length - at);
  const times = Array.from(block.timeUs.subarray(0, block.count));
  return { block, times, parser, warnings: warnings.list() };
}

/** Time of one packet with `ticks` on an interface with these options. */
function timeOf(ticks: bigint, options: Uint8Array): number | undefined {
  return parseAll(sectionHeader(), interfaceBlock({ options }), packetBlock({ ticks, bytes: DATA })).times[0];
}

describe('pcapng', () => {
  it('reads enhanced and obsolete packet blocks of several interfaces in both byte orders', () => {
    for (const bigEndian of [false, true]) {
      const { block, warnings } = parseAll(
        sectionHeader(bigEndian),
        interfaceBlock({ bigEndian }),
        interfaceBlock({ bigEndian, linkType: 113 }),
        packetBlock({ ...PACKET, wireBytes: 60, interfaceIndex: 1 }, { bigEndian }),
        packetBlock(PACKET, { bigEndian, isObsolete: true }),
      );
      expect(Array.from(block.linkType.subarray(0, block.count))).toEqual([113, 1]);
      expect(Array.from(block.timeUs.subarray(0, 2))).toEqual([1_700_000_000_123_456, 1_700_000_000_123_456]);
      expect([block.capturedBytes[0], block.wireBytes[0], block.bytes[block.offset[0]!]]).toEqual([5, 60, 9]);
      expect(warnings).toEqual([]);
    }
  });

  it('starts interfaces and byte order anew with each section', () => {
    const { block, warnings } = parseAll(
      sectionHeader(false),
      interfaceBlock({ linkType: 101 }),
      packetBlock(PACKET),
      sectionHeader(true),
      packetBlock(PACKET, { bigEndian: true }),
      interfaceBlock({ bigEndian: true, linkType: 276 }),
      packetBlock(PACKET, { bigEndian: true }),
    );
    expect(Array.from(block.linkType.subarray(0, block.count))).toEqual([101, 276]);
    expect(warnings).toEqual([expect.stringMatching(/interface 0, which its section does not describe.*skipped/)]);
  });

  it.each([
    ['10^-9, cut off to µs', 9, 1_700_000_000_123_456_999n, 1_700_000_000_123_456],
    ['10^-12', 12, 1_700_000_123_456_999_999n, 1_700_000_123_456],
    ['10^-3', 3, 1_700_000_000_123n, 1_700_000_000_123_000],
    ['1 s', 0, 1_700_000_000n, 1_700_000_000_000_000],
    ['2^-10', 0x80 | 10, (1_700_000_000n << 10n) + 512n, 1_700_000_000_500_000],
    ['2^-32', 0x80 | 32, (1_700_000_000n << 32n) + 0xffff_ffffn, 1_700_000_000_999_999],
    ['2^-40', 0x80 | 40, (1_000_000n << 40n) + (1n << 38n), 1_000_000_250_000],
  ])('counts time in units of %s', (_name, resolution, ticks, timeUs) => {
    expect(timeOf(ticks, option(TSRESOL, Uint8Array.of(resolution)))).toBe(timeUs);
  });

  it('adds the interface time offset, which may be negative', () => {
    const after = new ByteWriter().u32(1_700_000_000).u32(0).bytes();
    const before = new ByteWriter()
      .u32(-10 >>> 0)
      .u32(0xffffffff)
      .bytes();
    expect(timeOf(123_456n, option(TSOFFSET, after))).toBe(1_700_000_000_123_456);
    expect(timeOf(20_000_000n, option(TSOFFSET, before))).toBe(10_000_000);
  });

  it('keeps impossible times within bounds and warns once', () => {
    const packets = [0xffff_ffff_ffff_ffffn, 0xffff_ffff_0000_0000n].map((ticks) =>
      packetBlock({ ticks, bytes: DATA }),
    );
    const { times, warnings } = parseAll(sectionHeader(), interfaceBlock(), ...packets);
    expect(times).toEqual([0xffff_fffe * 1e6, 0xffff_fffe * 1e6]);
    expect(warnings).toEqual([expect.stringMatching(/after 2106.*2 such cases/)]);
  });

  it('gives a simple packet the time of the packet before it, and cuts it at the snap length', () => {
    const { block, times, warnings } = parseAll(
      sectionHeader(),
      interfaceBlock({ snapBytes: 4 }),
      packetBlock({ ...PACKET, bytes: DATA.subarray(0, 4) }),
      simplePacketBlock(DATA.subarray(0, 4), 900),
    );
    expect(times).toEqual([1_700_000_000_123_456, 1_700_000_000_123_456]);
    expect([block.capturedBytes[1], block.wireBytes[1]]).toEqual([4, 900]);
    expect(warnings).toEqual([expect.stringMatching(/without a time/)]);
  });

  it('skips blocks that it does not know and packets that claim more than their block holds', () => {
    const { times, warnings } = parseAll(
      sectionHeader(),
      pcapngBlock(0xbad, new Uint8Array(33)),
      interfaceBlock(),
      packetBlock({ ...PACKET, capturedBytes: 9 }),
      pcapngBlock(6, new Uint8Array(8)),
      packetBlock(PACKET),
    );
    expect(times.length).toBe(1);
    expect(warnings).toEqual([
      expect.stringMatching(/claims 9 captured bytes where at most 8/),
      expect.stringMatching(/type 6 is too short/),
    ]);
  });

  it('adds up the drops that the statistics blocks of its sections tell', () => {
    const statistics = concatenate([new Uint8Array(12), option(5, new ByteWriter().u32(7).u32(0).bytes())]);
    const os = concatenate([new Uint8Array(12), option(7, new ByteWriter().u32(2).u32(1).bytes())]);
    const section = [
      sectionHeader(),
      interfaceBlock(),
      pcapngBlock(5, statistics),
      pcapngBlock(5, statistics),
      pcapngBlock(5, os),
    ];
    const { parser } = parseAll(...section, ...section);
    expect(parser.lostPackets()).toEqual({ byInterface: 14, byKernel: 2 * (2 ** 32 + 2) });
  });

  it.each([
    ['below a block', pcapngBlock(6, DATA, { lengthBytes: 8 }), /claims a length of 8 bytes/],
    ['not a multiple of four', pcapngBlock(6, DATA, { lengthBytes: 21 }), /claims a length of 21/],
    ['above 16 MiB', pcapngBlock(6, DATA, { lengthBytes: 2 ** 25 }), /claims a length of 33554432/],
    ['unlike the one at its end', pcapngBlock(6, DATA, { trailingBytes: 24 }), /20 in front but 24 at its end/],
    ['in a section without byte order', pcapngBlock(0x0a0d0d0a, new Uint8Array(16)), /without the byte-order magic/],
    ['in a section of another version', sectionHeader(false, 3), /version 3/],
  ])('stops with a warning at a block length %s, keeping what came before', (_name, bad, warning) => {
    const { times, parser, warnings } = parseAll(
      sectionHeader(),
      interfaceBlock(),
      packetBlock(PACKET),
      bad,
      packetBlock(PACKET),
    );
    expect([times.length, parser.isDamaged]).toEqual([1, true]);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
  });

  it('remembers a bounded number of interfaces', () => {
    const { warnings } = parseAll(sectionHeader(), ...Array.from({ length: 4100 }, () => interfaceBlock()));
    expect(warnings).toEqual([expect.stringMatching(/more than 4096 interfaces.*4 such cases/)]);
  });

  it('gives the whole packets of a file cut at any byte, and warns unless the cut is between two blocks', () => {
    const packets = samplePackets(3).map((packet, i) => ({ ...packet, bytes: packet.bytes.subarray(0, 7 * i) }));
    const file = buildPcapng(packets);
    const ends = [0, 1, 2, 3].map((count) => buildPcapng(packets.slice(0, count)).length);
    for (let length = 28; length <= file.length; length++) {
      const { times, warnings } = parseAll(file.subarray(0, length));
      expect(times.length).toBe(ends.slice(1).filter((end) => end <= length).length);
      expect(warnings.length).toBe(length === 28 || ends.includes(length) ? 0 : 1);
    }
  });

  it('refuses a file that ends inside its first section header', () => {
    expect(() => parseAll(sectionHeader().subarray(0, 20))).toThrow(/20 of 28 bytes/);
  });
});
