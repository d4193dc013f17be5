import type { Writable } from 'node:stream';

const ETHERNET_IPV4 = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
const RECORD_BYTES = 16;

/** A capture that is written as it happens: the times of its packets are those at which they are written. */
export class LiveCapture {
  constructor(private readonly out: Writable) {
    const header = Buffer.alloc(24);
    header.writeUInt32LE(0xa1b2c3d4, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(65_535, 16);
    header.writeUInt32LE(1, 20);
    out.write(header);
  }

  /** Writes packets, all of this moment. Returns that moment, ms since 1970. */
  write(packets: readonly Buffer[]): number {
    const nowMs = Date.now();
    this.out.write(Buffer.concat(packets.map((packet) => recordOf(packet, nowMs))));
    return nowMs;
  }
}

function recordOf(packet: Buffer, atMs: number): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  record.writeUInt32LE(Math.floor(atMs / 1000), 0);
  record.writeUInt32LE((atMs % 1000) * 1000, 4);
  record.writeUInt32LE(packet.length, 8);
  record.writeUInt32LE(packet.length, 12);
  return Buffer.concat([record, packet]);
}

/** A datagram between two hosts of 10.0.0.0/24. */
export function datagram(from: number, to: number, [sourcePort, port]: [number, number]): Buffer {
  const udp = Buffer.alloc(8 + 32);
  udp.writeUInt16BE(sourcePort, 0);
  udp.writeUInt16BE(port, 2);
  udp.writeUInt16BE(udp.length, 4);
  return frame({ from, to, protocol: 17 }, udp);
}

/** A connection request, without an answer. */
export function connectionRequest(from: number, to: number, [sourcePort, port]: [number, number]): Buffer {
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(sourcePort, 0);
  tcp.writeUInt16BE(port, 2);
  tcp.writeUInt32BE(port, 4);
  tcp[12] = 0x50;
  tcp[13] = 2;
  tcp.writeUInt16BE(64_240, 14);
  return frame({ from, to, protocol: 6 }, tcp);
}

function frame({ from, to, protocol }: { from: number; to: number; protocol: number }, payload: Buffer): Buffer {
  const ip = Buffer.from([0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, protocol, 0, 0, 10, 0, 0, from, 10, 0, 0, to]);
  ip.writeUInt16BE(ip.length + payload.length, 2);
  return Buffer.concat([Buffer.from(ETHERNET_IPV4), ip, payload]);
}
