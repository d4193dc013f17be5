import { LinkType, type RawPackets, SourceError } from './source.js';
import type { WarningLog } from './warning-log.js';

/** Most bytes a packet may have been captured with: libpcap's own limit for all link types that Weir decodes. */
export const LARGEST_PACKET_BYTES = 262_144;

/** Latest time a packet may have, in µs: the last second that fits 32 bits is kept for `end of time`. */
export const LATEST_TIME_US = 0xffff_fffe * 1e6;

/** Reads one file format, piece by piece. Does no I/O and never throws once created. */
export interface CaptureParser {
  /**
   * Appends the whole packets in `block.bytes[start, end)` to `block` until it is full, the piece ends or the rest is
   * unreadable. Returns the position of the first byte that was not consumed.
   */
  parse(block: RawPackets, start: number, end: number): number;
  /** Bytes of file header that `parse` must not be given. */
  readonly headerBytes: number;
  /** Bytes, from the first not consumed, that the next record or block needs at hand. At most 16 MiB. */
  readonly wantedBytes: number;
  /** The rest cannot be read, and a warning says why. */
  readonly isDamaged: boolean;
  /** The input ended with `leftoverBytes` not consumed: warns when they are part of a record. */
  finish(leftoverBytes: number): void;
  /** Packets that the file says were lost while it was captured; 0 where the format cannot tell. */
  lostPackets(): { byKernel: number; byInterface: number };
}

/** What a parser is created with: the first bytes of the input (as many as there are, up to 28 or more). */
export interface ParserStart {
  head: Uint8Array;
  warnings: WarningLog;
}

/** Link types with more than one number in the wild: raw IP was 12 or 14 before 101 was set aside for it. */
export function canonicalLinkType(code: number): number {
  return code === 12 || code === 14 ? LinkType.raw : code & 0xffff;
}

/** First four bytes of a file, as written in messages: `d4 c3 b2 a1`. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Whether a file that begins so is text: printable letters and line breaks, as captures never begin. */
export function isText(head: Uint8Array): boolean {
  return head.length > 0 && head.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

/** A DataView over `bytes`, made anew only when the buffer changed since the last call. */
export class ViewCache {
  #bytes: Uint8Array | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));

  of(bytes: Uint8Array): DataView {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#view;
  }
}

/** Refuses a file whose header is incomplete. */
export function requireHeader(head: Uint8Array, headerBytes: number, format: string): void {
  if (head.length >= headerBytes) return;
  throw new SourceError(
    `it ends inside its ${format} header (${head.length} of ${headerBytes} bytes). Copy or capture it again.`,
  );
}
