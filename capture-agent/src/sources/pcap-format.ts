import {
  type CaptureParser,
  canonicalLinkType,
  LARGEST_PACKET_BYTES,
  LATEST_TIME_US,
  type ParserStart,
  requireHeader,
  ViewCache,
} from './capture-parser.js';
import { type RawPackets, SourceError } from './source.js';
import type { WarningLog } from './warning-log.js';

/** Classic pcap (draft-ietf-opsawg-pcap): a 24-byte header, then records of a 16-byte header and the packet. */
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;

interface FileHeader {
  littleEndian: boolean;
  /** Units of the records' time fraction in one microsecond. */
  fractionsPerUs: 1 | 1000;
  snapBytes: number;
  linkType: number;
}

/** Whether the first bytes are those of a classic pcap file, in either byte order, µs or ns. */
export function isPcap(head: Uint8Array): boolean {
  return byteOrder(head) !== undefined;
}

function byteOrder(head: Uint8Array): { littleEndian: boolean; magic: number } | undefined {
  if (head.length < 4) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic === MAGIC_MICROSECONDS || magic === MAGIC_NANOSECONDS) return { littleEndian, magic };
  }
  return undefined;
}

function readFileHeader(head: Uint8Array): FileHeader {
  requireHeader(head, FILE_HEADER_BYTES, 'pcap');
  const { littleEndian, magic } = byteOrder(head)!;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const major = view.getUint16(4, littleEndian);
  if (major !== 2) {
    throw new SourceError(`it says pcap version ${major}; Weir reads version 2. Convert it with "editcap -F pcap".`);
  }
  return {
    littleEndian,
    fractionsPerUs: magic === MAGIC_NANOSECONDS ? 1000 : 1,
    snapBytes: view.getUint32(16, littleEndian),
    // The upper half tells of frame check sequences, not of the link.
    linkType: canonicalLinkType(view.getUint32(20, littleEndian) & 0xffff),
  };
}

function isInRoom({ bytes, room }: RawPackets): boolean {
  return room !== undefined && bytes.buffer === room.buffer && bytes.byteOffset === room.byteOffset;
}

/**
 * Parser of the records after `start.head`'s file header; give it the input from byte 24 (`headerBytes`) on. Throws a
 * SourceError when the header is cut or of another version.
 */
export class PcapParser implements CaptureParser {
  readonly headerBytes = FILE_HEADER_BYTES;
  wantedBytes = RECORD_HEADER_BYTES;
  isDamaged = false;
  readonly #header: FileHeader;
  readonly #warnings: WarningLog;
  readonly #views = new ViewCache();
  #consumedBytes = FILE_HEADER_BYTES;
  #packets = 0;

  constructor(start: ParserStart) {
    this.#header = readFileHeader(start.head);
    this.#warnings = start.warnings;
  }

  parse(block: RawPackets, start: number, end: number): number {
    const { littleEndian, fractionsPerUs, linkType, snapBytes } = this.#header;
    const view = this.#views.of(block.bytes);
    const { timeUs, offset, capturedBytes, wireBytes } = block;
    const first = block.count;
    const capacity = timeUs.length;
    const lastHeader = end - RECORD_HEADER_BYTES;
    const usualBytes = snapBytes > 0 ? Math.min(snapBytes, LARGEST_PACKET_BYTES) : LARGEST_PACKET_BYTES;
    const scanner = isInRoom(block) ? block.scanner : undefined;
    let count = first;
    let at = start;
    this.wantedBytes = RECORD_HEADER_BYTES;
    while (at <= lastHeader && count < capacity && !this.isDamaged) {
      if (scanner) {
        block.count = count;
        at = scanner.scan(block, { start: at, end }, { littleEndian, fractionsPerUs, usualBytes });
        count = block.count;
        if (at > lastHeader || count === capacity) break;
      }
      const captured = view.getUint32(at + 8, littleEndian);
      if (captured > LARGEST_PACKET_BYTES) {
        this.#damage(captured, at - start);
        break;
      }
      const next = at + RECORD_HEADER_BYTES + captured;
      if (next > end) {
        this.wantedBytes = RECORD_HEADER_BYTES + captured;
        break;
      }
      const fraction = view.getUint32(at + 4, littleEndian);
      const time =
        view.getUint32(at, littleEndian) * 1e6 + (fractionsPerUs === 1 ? fraction : Math.floor(fraction / 1000));
      const wire = view.getUint32(at + 12, littleEndian);
      timeUs[count] = Math.min(time, LATEST_TIME_US);
      offset[count] = at + RECORD_HEADER_BYTES;
      capturedBytes[count] = captured;
      wireBytes[count] = Math.max(wire, captured);
      if (wire < captured) this.#warnShortWire(wire, captured);
      if (captured > usualBytes) this.#warnOverSnapLength(captured);
      count++;
      at = next;
    }
    block.linkType.fill(linkType, first, count);
    block.count = count;
    this.#packets += count - first;
    this.#consumedBytes += at - start;
    return at;
  }

  /** No capture holds such a length, so where the next record starts is not known. */
  #damage(captured: number, aheadBytes: number): void {
    this.isDamaged = true;
    this.#warnings.add(
      'damaged',
      () =>
        `The record at byte ${this.#consumedBytes + aheadBytes} claims ${captured} captured bytes; at most ` +
        `${LARGEST_PACKET_BYTES} are possible. The file is damaged there and was read up to it.`,
    );
  }

  #warnOverSnapLength(captured: number): void {
    this.#warnings.add(
      'over-snap-length',
      () => `A packet of ${captured} bytes exceeds the file's snap length of ${this.#header.snapBytes}; it was read.`,
    );
  }

  #warnShortWire(wire: number, captured: number): void {
    this.#warnings.add(
      'wire-below-captured',
      () =>
        `A packet claims ${wire} bytes on the wire but ${captured} captured; the captured length was used for both.`,
    );
  }

  finish(leftoverBytes: number): void {
    if (leftoverBytes === 0 || this.isDamaged) return;
    this.#warnings.add(
      'cut',
      () =>
        `The input ends inside packet ${this.#packets + 1}; the ${this.#packets} whole packets before it were read.`,
    );
  }

  lostPackets(): { byKernel: number; byInterface: number } {
    return { byKernel: 0, byInterface: 0 };
  }
}
