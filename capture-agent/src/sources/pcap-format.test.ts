import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildPcap, buildPcapng, concatenate, type PcapShape, samplePackets } from './build-capture.js';
import type { CaptureParser } from './capture-parser.js';
import { isPcap, PcapParser } from './pcap-format.js';
import { PcapngParser } from './pcapng-format.js';
import { createRawPackets } from './source.js';
import { WarningLog } from './warning-log.js';

/** Parses a whole file at once; `count` packets at most. */
function parseAll(file: Uint8Array, count = 1000) {
  const warnings = new WarningLog();
  const parser = new PcapParser({ head: file, warnings });
  const block = createRawPackets(count);
  block.bytes = file;
  const at = parser.parse(block, 24, file.length);
  if (!parser.isDamaged && block.count < count) parser.finish(file.length - at);
  return { block, at, parser, warnings: warnings.list() };
}

const ONE = [{ timeUs: 1_700_000_000_123_456, bytes: Uint8Array.of(1, 2, 3), wireBytes: 60 }];

describe('pcap', () => {
  it('is told by its magic in both byte orders and both resolutions', () => {
    for (const magic of ['d4c3b2a1', 'a1b2c3d4', '4d3cb2a1', 'a1b23c4d'])
      expect(isPcap(Buffer.from(magic, 'hex'))).toBe(true);
    for (const other of ['0a0d0d0a', '1f8b0800', 'a1b2', '']) expect(isPcap(Buffer.from(other, 'hex'))).toBe(false);
  });

  it('reads a record byte for byte', () => {
    // Written out by hand from draft-ietf-opsawg-pcap: header, then one record of 3 of 60 bytes.
    const hex = 'd4c3b2a1 0200 0400 00000000 00000000 00000400 71000000' + '00f15365 40e20100 03000000 3c000000 010203';
    const { block, at, warnings } = parseAll(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    expect([block.count, block.timeUs[0], block.offset[0], at]).toEqual([1, 1_700_000_000_123_456, 40, 43]);
    expect([block.capturedBytes[0], block.wireBytes[0], block.linkType[0]]).toEqual([3, 60, 113]);
    expect(warnings).toEqual([]);
  });

  it.each<PcapShape>([{}, { bigEndian: true }, { nanoseconds: true }, { bigEndian: true, nanoseconds: true }])(
    'gives whole microseconds from %o',
    (shape) => {
      const { block } = parseAll(buildPcap(ONE, shape));
      expect([block.timeUs[0], block.wireBytes[0]]).toEqual([ONE[0]!.timeUs, 60]);
    },
  );

  it('takes the old numbers of raw IP as raw IP, and ignores the frame check bits above the link type', () => {
    expect(parseAll(buildPcap(ONE, { linkType: 12 })).block.linkType[0]).toBe(101);
    expect(parseAll(buildPcap(ONE, { linkType: 0x14000001 })).block.linkType[0]).toBe(1);
  });

  it('stops when the block is full and goes on where it stopped', () => {
    const file = buildPcap(samplePackets(5));
    const { block, at, parser } = parseAll(file, 2);
    expect(block.count).toBe(2);
    block.count = 0;
    parser.parse(block, at, file.length);
    expect(block.timeUs[0]).toBe(samplePackets(5)[2]!.timeUs);
  });

  it('stops with a warning at a length that cannot be, keeping what came before', () => {
    const lying = buildPcap(ONE);
    new DataView(lying.buffer).setUint32(24 + 8, 262_145, true);
    const { block, parser, warnings } = parseAll(concatenate([buildPcap(ONE), lying.subarray(24)]));
    expect([block.count, parser.isDamaged]).toEqual([1, true]);
    expect(warnings).toEqual([expect.stringMatching(/record at byte 43 claims 262145 captured bytes/)]);
  });

  it('reads packets above the snap length and repairs a wire length below the captured one, with warnings', () => {
    const file = buildPcap([{ timeUs: 5, bytes: new Uint8Array(100), wireBytes: 10 }], { snapBytes: 96 });
    const { block, warnings } = parseAll(file);
    expect([block.count, block.wireBytes[0]]).toEqual([1, 100]);
    expect(warnings).toEqual([
      expect.stringMatching(/10 bytes on the wire/),
      expect.stringMatching(/snap length of 96/),
    ]);
  });

  it('keeps times below the end of time', () => {
    const file = buildPcap(ONE);
    new DataView(file.buffer).setUint32(24, 0xffffffff, true);
    expect(parseAll(file).block.timeUs[0]).toBe(0xffff_fffe * 1e6);
  });

  it('refuses another version and a cut header, naming both', () => {
    const file = buildPcap([]);
    expect(() => parseAll(file.subarray(0, 20))).toThrow(/20 of 24 bytes/);
    file[4] = 9;
    expect(() => parseAll(file)).toThrow(/version 9.*editcap/);
  });

  it('gives the whole packets of a file cut at any byte, and warns unless the cut is between two', () => {
    const packets = samplePackets(4).map((packet, i) => ({ ...packet, bytes: packet.bytes.subarray(0, 10 * i) }));
    const file = buildPcap(packets);
    const ends = packets.map((_, i) => buildPcap(packets.slice(0, i + 1)).length);
    for (let length = 24; length <= file.length; length++) {
      const { block, warnings } = parseAll(file.subarray(0, length));
      expect(block.count).toBe(ends.filter((end) => end <= length).length);
      expect(warnings.length).toBe(length === 24 || ends.includes(length) ? 0 : 1);
    }
  });
});

describe('both formats, mutated at random', () => {
  /** Feeds a file piece by piece, as a source does; fails if the parser makes no progress or leaves its bounds. */
  function feed(parser: CaptureParser, file: Uint8Array): number {
    const block = createRawPackets(3);
    block.bytes = file;
    let at = parser.headerBytes;
    let count = 0;
    do {
      block.count = 0;
      const next = parser.parse(block, at, file.length);
      expect(next).toBeGreaterThanOrEqual(at);
      expect(next).toBeLessThanOrEqual(file.length);
      for (let i = 0; i < block.count; i++) {
        expect(block.offset[i]! + block.capturedBytes[i]!).toBeLessThanOrEqual(file.length);
        expect(block.wireBytes[i]).toBeGreaterThanOrEqual(block.capturedBytes[i]!);
        expect(Number.isSafeInteger(block.timeUs[i]) && block.timeUs[i]! >= 0).toBe(true);
      }
      at = next;
      count += block.count;
    } while (block.count > 0);
    expect(parser.wantedBytes).toBeLessThanOrEqual(16 * 1024 * 1024);
    parser.finish(file.length - at);
    return count;
  }

  const packets = samplePackets(6).map((packet) => ({ ...packet, bytes: packet.bytes.subarray(0, 60) }));
  const change = fc.array(fc.tuple(fc.nat(600), fc.integer({ min: 0, max: 255 })), { maxLength: 8 });

  it.each([
    ['pcap', buildPcap(packets), PcapParser, 24],
    ['pcapng', buildPcapng(packets), PcapngParser, 12],
  ] as const)('%s never throws, reads outside the file or stands still', (_name, file, Parser, firstChanged) => {
    fc.assert(
      fc.property(change, fc.nat(file.length - 28), (changes, cutBytes) => {
        const mutated = file.slice(0, file.length - cutBytes);
        for (const [at, value] of changes) if (firstChanged + at < mutated.length) mutated[firstChanged + at] = value;
        const most = (file.length - 24) / 16;
        expect(feed(new Parser({ head: mutated, warnings: new WarningLog() }), mutated)).toBeLessThanOrEqual(most);
      }),
      { numRuns: 1500, seed: 7 },
    );
  });
});
