/** The first chunks of SCTP (RFC 9260): as much as a scan says and hears. */
import { concat, uint16, uint32 } from './bytes.js';
import { ipFrame } from './frame.js';
import type { Endpoint } from './host.js';

const SCTP = 132;
const CHECKSUM_AT = 8;
const Chunk = { init: 1, abort: 6 } as const;

/** Castagnoli's polynomial, bits reversed (RFC 9260, appendix A). */
const POLYNOMIAL = 0x82f63b78;

/** CRC32c of the bytes. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  }
  return ~crc >>> 0;
}

function frame(from: Endpoint, to: Endpoint, { tag, chunk }: { tag: number; chunk: Uint8Array }): Uint8Array {
  const bytes = concat([uint16(from.port), uint16(to.port), uint32(tag), uint32(0), chunk]);
  new DataView(bytes.buffer).setUint32(CHECKSUM_AT, crc32c(bytes), true);
  return ipFrame(from, to, { protocol: SCTP, bytes, pseudoHeader: false });
}

/** Asks for an association; the answer is to carry `tag`. */
export function sctpInitFrame(from: Endpoint, to: Endpoint, tag: number): Uint8Array {
  const parameters = concat([uint32(tag), uint32(32_768), uint16(10), uint16(2048), uint32(tag ^ 0x5a5a5a5a)]);
  return frame(from, to, { tag: 0, chunk: concat([Uint8Array.of(Chunk.init, 0), uint16(20), parameters]) });
}

/** Nobody listens on this port. */
export function sctpAbortFrame(from: Endpoint, to: Endpoint, tag: number): Uint8Array {
  return frame(from, to, { tag, chunk: concat([Uint8Array.of(Chunk.abort, 0), uint16(4)]) });
}
