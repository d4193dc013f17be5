/** Reads back what the engine wrote, with code of its own, for the tests. */
import type { TrafficOptions } from './options.js';
import { type TrafficSummary, writeTraffic } from './write.js';

export interface ReadPacket {
  readonly timeUs: number;
  readonly wireBytes: number;
  readonly bytes: Uint8Array;
}

/** A capture in memory and what the engine said of it. */
export async function capture(options: TrafficOptions): Promise<{ packets: ReadPacket[]; summary: TrafficSummary }> {
  const chunks: Uint8Array[] = [];
  const summary = await writeTraffic(options, (chunk) => void chunks.push(chunk));
  return { packets: readPackets(Buffer.concat(chunks)), summary };
}

function readPackets(pcap: Buffer): ReadPacket[] {
  const packets: ReadPacket[] = [];
  for (let at = 24; at < pcap.length; ) {
    const timeUs = pcap.readUInt32LE(at) * 1_000_000 + pcap.readUInt32LE(at + 4);
    const kept = pcap.readUInt32LE(at + 8);
    packets.push({ timeUs, wireBytes: pcap.readUInt32LE(at + 12), bytes: pcap.subarray(at + 16, at + 16 + kept) });
    at += 16 + kept;
  }
  return packets;
}

function onesSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 1) sum += bytes[i]! * (i % 2 === 0 ? 256 : 1);
  while (sum > 0xffff) sum = (sum % 65536) + Math.floor(sum / 65536);
  return sum;
}

function pseudoHeader(addresses: Uint8Array, protocol: number, length: number): Uint8Array {
  return Uint8Array.from([...addresses, 0, protocol, length >>> 8, length & 0xff]);
}

/** Whether every checksum of an untruncated frame is right; true for frames without any (ARP). */
export function checksumsAreRight(frame: Uint8Array): boolean {
  const type = frame[12]! * 256 + frame[13]!;
  if (type === 0x0800) {
    const body = frame.subarray(34, 14 + frame[16]! * 256 + frame[17]!);
    const protocol = frame[23]!;
    const isHeaderRight = onesSum(frame.subarray(14, 34)) === 0xffff;
    const isFragment = ((frame[20]! << 8) | frame[21]!) & 0x3fff;
    // SCTP has a sum of another kind, and that of a fragment is of the whole.
    if (protocol === 132 || isFragment) return isHeaderRight;
    const pseudo = protocol === 1 ? new Uint8Array(0) : pseudoHeader(frame.subarray(26, 34), protocol, body.length);
    return isHeaderRight && onesSum(Buffer.concat([pseudo, body])) === 0xffff;
  }
  if (type !== 0x86dd) return true;
  const body = frame.subarray(54, 54 + frame[18]! * 256 + frame[19]!);
  return onesSum(Buffer.concat([pseudoHeader(frame.subarray(22, 54), frame[20]!, body.length), body])) === 0xffff;
}

/** IPv4 source as a number; -1 where the frame is not IPv4. */
export function sourceOf(frame: Uint8Array): number {
  return frame[12] === 8 && frame[13] === 0 ? Buffer.from(frame).readUInt32BE(26) : -1;
}

/** Whether the frame is a TCP SYN without ACK over IPv4. */
export function isSyn(frame: Uint8Array): boolean {
  return sourceOf(frame) !== -1 && frame[23] === 6 && (frame[47]! & 0x12) === 2;
}
