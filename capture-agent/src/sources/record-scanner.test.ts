import { describe, expect, it } from 'vitest';
import { Decoder } from '../decoder/index.js';
import { type BuiltPacket, buildPcap, type PcapShape, samplePackets } from './build-capture.js';
import { PcapParser } from './pcap-format.js';
import { createRawPackets, type RawPackets } from './source.js';
import { WarningLog } from './warning-log.js';

const FILE_HEADER_BYTES = 24;
/** Times near the end of time, a length that contradicts itself, and a packet above the snap length. */
const ODD: BuiltPacket[] = [
  { timeUs: 0xffff_fffe * 1e6, bytes: new Uint8Array(60) },
  { timeUs: 1.7e15, bytes: new Uint8Array(64), wireBytes: 10 },
  { timeUs: 1.7e15 + 1, bytes: new Uint8Array(1200) },
];

/** What the parser makes of a file that lies in the block's bytes. */
function parse(block: RawPackets, file: Uint8Array) {
  const warnings = new WarningLog();
  const parser = new PcapParser({ head: file, warnings });
  const at = parser.parse(block, FILE_HEADER_BYTES, file.length);
  parser.finish(file.length - at);
  const { timeUs, offset, capturedBytes, wireBytes, linkType, count } = block;
  const columns = [timeUs, offset, capturedBytes, wireBytes, linkType].map((column) => [...column.subarray(0, count)]);
  return { at, columns, warnings: warnings.list(), isDamaged: parser.isDamaged };
}

/** The same by the compiled core, which finds the packets in its own room, and without it. */
function parseBothWays(file: Uint8Array) {
  const block = new Decoder().createBlock();
  block.room!.set(file);
  const plain = createRawPackets(4096);
  plain.bytes = file;
  return [parse(block, file), parse(plain, file)] as const;
}

describe('the compiled reader of pcap records', () => {
  const shapes: PcapShape[] = [{}, { bigEndian: true }, { nanoseconds: true }, { bigEndian: true, nanoseconds: true }];

  it.each(shapes)('gives the same packets as the parser alone: %j', (shape) => {
    const [compiled, plain] = parseBothWays(buildPcap(samplePackets(50), shape));
    expect(compiled.columns[0]).toHaveLength(50);
    expect(compiled).toEqual(plain);
  });

  it('leaves what is out of the ordinary to the parser, and goes on behind it', () => {
    const packets = [...samplePackets(5), ...ODD, ...samplePackets(5)];
    const [compiled, plain] = parseBothWays(buildPcap(packets, { snapBytes: 1000 }));
    expect(compiled.columns[0]).toHaveLength(13);
    expect(compiled.warnings).toHaveLength(2);
    expect(compiled).toEqual(plain);
  });

  it('stops where the file is cut', () => {
    const file = buildPcap(samplePackets(3));
    for (let bytes = FILE_HEADER_BYTES; bytes < file.length; bytes++) {
      const [compiled, plain] = parseBothWays(file.subarray(0, bytes));
      expect(compiled).toEqual(plain);
    }
  });
});
