import { closeSync, openSync, writeSync } from 'node:fs';
import { createRawPackets, type PacketSource, type RawPackets } from '@weir/capture-agent';
import { UsageError } from '../errors.js';
import { blocksOf } from '../pipeline.js';

const FILE_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const SNAP_LENGTH = 262_144;
/** Packets read at a time. */
const BLOCK_PACKETS = 4096;

/**
 * Writes all packets of `source` as a classic pcap file with microseconds (https://www.tcpdump.org/manpages/pcap-savefile.5.html),
 * and gives their number. Throws a UsageError when they are of several link types, which that format cannot hold.
 */
export async function writeCapture(source: PacketSource, path: string): Promise<number> {
  const file = openSync(path, 'wx');
  let packets = 0;
  let linkType = -1;
  try {
    await source.open();
    for await (const block of blocksOf(source, createRawPackets(BLOCK_PACKETS))) {
      if (block.count > 0 && linkType < 0) {
        linkType = block.linkType[0]!;
        writeSync(file, fileHeader(linkType));
      }
      refuseOtherLinkTypes(block, linkType, source.name);
      writeSync(file, packetRecords(block));
      packets += block.count;
    }
    return packets;
  } finally {
    await source.close();
    closeSync(file);
  }
}

function refuseOtherLinkTypes({ count, linkType }: RawPackets, expected: number, name: string): void {
  for (let i = 0; i < count; i++) {
    if (linkType[i] === expected) continue;
    throw new UsageError(`"${name}" mixes link types, which peers cannot read as one file. Leave --peers out.`);
  }
}

function fileHeader(linkType: number): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.writeUInt32LE(MAGIC_MICROSECONDS, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAP_LENGTH, 16);
  header.writeUInt32LE(linkType, 20);
  return header;
}

function packetRecords(block: RawPackets): Buffer {
  let size = 0;
  for (let i = 0; i < block.count; i++) size += PACKET_HEADER_BYTES + block.capturedBytes[i]!;
  const records = Buffer.alloc(size);
  for (let i = 0, at = 0; i < block.count; i++) at = writeRecord(records, at, block, i);
  return records;
}

function writeRecord(records: Buffer, at: number, block: RawPackets, i: number): number {
  const seconds = Math.floor(block.timeUs[i]! / 1e6);
  const captured = block.capturedBytes[i]!;
  records.writeUInt32LE(seconds, at);
  records.writeUInt32LE(block.timeUs[i]! - seconds * 1e6, at + 4);
  records.writeUInt32LE(captured, at + 8);
  records.writeUInt32LE(block.wireBytes[i]!, at + 12);
  const start = block.offset[i]!;
  records.set(block.bytes.subarray(start, start + captured), at + PACKET_HEADER_BYTES);
  return at + PACKET_HEADER_BYTES + captured;
}
