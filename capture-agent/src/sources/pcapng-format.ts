import {
  type CaptureParser,
  LARGEST_PACKET_BYTES,
  LATEST_TIME_US,
  type ParserStart,
  requireHeader,
  ViewCache,
} from './capture-parser.js';
import { type BlockPart, PcapngInterface } from './pcapng-interface.js';
import type { RawPackets } from './source.js';
import type { WarningLog } from './warning-log.js';

/** pcapng (draft-ietf-opsawg-pcapng): blocks of type, total length, body, and the total length again. */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const SMALLEST_BLOCK_BYTES = 12;
const SECTION_HEADER_BYTES = 28;
const LARGEST_BLOCK_BYTES = 16 * 1024 * 1024;
/** More interfaces than any machine has; bounds what a hostile file can make Weir remember. */
const MOST_INTERFACES = 4096;

/** Whether the first bytes are those of a pcapng file. The section header's type reads the same in both byte orders. */
export function isPcapng(head: Uint8Array): boolean {
  return head.length >= 4 && head[0] === 0x0a && head[1] === 0x0d && head[2] === 0x0d && head[3] === 0x0a;
}

/** Fixed bytes (block type and length included) of the blocks that are read, before data or options. */
function fixedBytes(type: number): number {
  switch (type) {
    case ENHANCED_PACKET:
    case OBSOLETE_PACKET:
      return 28;
    case SECTION_HEADER:
      return 24;
    case INTERFACE_STATISTICS:
      return 20;
    case INTERFACE_DESCRIPTION:
      return 16;
    case SIMPLE_PACKET:
      return 12;
    default:
      return 8;
  }
}

/** Parser of a whole pcapng input from its first byte on. Throws a SourceError when the first section header is cut. */
export class PcapngParser implements CaptureParser {
  readonly headerBytes = 0;
  wantedBytes = SMALLEST_BLOCK_BYTES;
  isDamaged = false;
  readonly #warnings: WarningLog;
  readonly #views = new ViewCache();
  #view = new DataView(new ArrayBuffer(0)) as DataView;
  #littleEndian = true;
  #interfaces: PcapngInterface[] = [];
  #droppedBefore = { byKernel: 0, byInterface: 0 };
  #lastTimeUs = 0;
  #consumedBytes = 0;
  #packets = 0;

  constructor(start: ParserStart) {
    requireHeader(start.head, SECTION_HEADER_BYTES, 'pcapng section');
    this.#warnings = start.warnings;
  }

  parse(block: RawPackets, start: number, end: number): number {
    this.#view = this.#views.of(block.bytes);
    const capacity = block.timeUs.length;
    const before = block.count;
    let at = start;
    this.wantedBytes = SMALLEST_BLOCK_BYTES;
    while (!this.isDamaged && block.count < capacity && at + SMALLEST_BLOCK_BYTES <= end) {
      const length = this.#blockLength(at);
      if (length === 0) break;
      if (at + length > end) {
        this.wantedBytes = length;
        break;
      }
      if (!this.#readBlock(block, at, length)) break;
      at += length;
      this.#consumedBytes += length;
    }
    this.#packets += block.count - before;
    return at;
  }

  /** Total length of the block at `at`; 0 when it cannot be, after noting the damage. Sets a new section's byte order. */
  #blockLength(at: number): number {
    const view = this.#view;
    if (view.getUint32(at, true) === SECTION_HEADER && !this.#takeByteOrder(at)) return 0;
    const length = view.getUint32(at + 4, this.#littleEndian);
    if (length >= SMALLEST_BLOCK_BYTES && length <= LARGEST_BLOCK_BYTES && (length & 3) === 0) return length;
    this.#damage(`claims a length of ${length} bytes; possible are multiples of 4 from 12 to ${LARGEST_BLOCK_BYTES}`);
    return 0;
  }

  #takeByteOrder(at: number): boolean {
    const isLittle = this.#view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
    const isBig = this.#view.getUint32(at + 8, false) === BYTE_ORDER_MAGIC;
    if (isLittle || isBig) this.#littleEndian = isLittle;
    else this.#damage('is a section header without the byte-order magic 1a2b3c4d');
    return isLittle || isBig;
  }

  /** Reads one whole block; false when it shows that the file is damaged from here on. */
  #readBlock(block: RawPackets, at: number, length: number): boolean {
    const littleEndian = this.#littleEndian;
    const type = this.#view.getUint32(at, littleEndian);
    const trailing = this.#view.getUint32(at + length - 4, littleEndian);
    if (trailing !== length) return this.#damage(`has the length ${length} in front but ${trailing} at its end`);
    const fixed = fixedBytes(type);
    if (length < fixed + 4) {
      this.#skip('short-block', `A block of type ${type} is too short for its fields (${length} bytes)`);
      return true;
    }
    switch (type) {
      case ENHANCED_PACKET:
        this.#readTimedPacket(block, at, this.#view.getUint32(at + 8, littleEndian), length - fixed - 4);
        return true;
      case OBSOLETE_PACKET:
        this.#readTimedPacket(block, at, this.#view.getUint16(at + 8, littleEndian), length - fixed - 4);
        return true;
      case SIMPLE_PACKET:
        this.#readSimplePacket(block, at, length - fixed - 4);
        return true;
      case SECTION_HEADER:
        return this.#startSection(at);
      case INTERFACE_DESCRIPTION:
        this.#addInterface({ view: this.#view, start: at + 8, end: at + length - 4, littleEndian });
        return true;
      case INTERFACE_STATISTICS:
        this.#readStatistics({ view: this.#view, start: at + 8, end: at + length - 4, littleEndian });
        return true;
      default:
        return true;
    }
  }

  #startSection(at: number): boolean {
    const major = this.#view.getUint16(at + 12, this.#littleEndian);
    if (major !== 1) return this.#damage(`starts a section of pcapng version ${major}; Weir reads version 1`);
    this.#droppedBefore = this.lostPackets();
    this.#interfaces = [];
    return true;
  }

  #addInterface(part: BlockPart): void {
    if (this.#interfaces.length >= MOST_INTERFACES) {
      this.#skip('interfaces', `A section has more than ${MOST_INTERFACES} interfaces, so one`);
      return;
    }
    const added = new PcapngInterface(part);
    this.#interfaces.push(added);
    if (added.hasBrokenOptions) {
      this.#warnings.add(
        'options',
        () => 'An interface description has options that run past its end; they were ignored.',
      );
    }
  }

  #readStatistics(part: BlockPart): void {
    const index = part.view.getUint32(part.start, part.littleEndian);
    this.#interfaces[index]?.readStatistics({ ...part, start: part.start + 12 });
  }

  /** Enhanced and obsolete packet blocks differ only in how the interface is given. */
  #readTimedPacket(block: RawPackets, at: number, interfaceIndex: number, roomBytes: number): void {
    const view = this.#view;
    const littleEndian = this.#littleEndian;
    const source = this.#interfaces[interfaceIndex];
    const captured = view.getUint32(at + 20, littleEndian);
    if (source === undefined) {
      this.#skipUnknownInterface(interfaceIndex);
      return;
    }
    if (captured > roomBytes || captured > LARGEST_PACKET_BYTES) {
      this.#skipLongPacket(captured, roomBytes);
      return;
    }
    if (captured > source.snapBytes && source.snapBytes > 0) this.#warnOverSnapLength(captured, source.snapBytes);
    const time = source.timeUs(view.getUint32(at + 12, littleEndian), view.getUint32(at + 16, littleEndian));
    this.#lastTimeUs = time >= 0 && time <= LATEST_TIME_US ? time : this.#nearestTime(time);
    this.#append(block, at + 28, captured, view.getUint32(at + 24, littleEndian), source.linkType);
  }

  /** A simple packet has neither interface (it is the first) nor time nor captured length of its own. */
  #readSimplePacket(block: RawPackets, at: number, roomBytes: number): void {
    const source = this.#interfaces[0];
    if (source === undefined) {
      this.#skipUnknownInterface(0);
      return;
    }
    const wire = this.#view.getUint32(at + 8, this.#littleEndian);
    const captured = source.snapBytes > 0 ? Math.min(wire, source.snapBytes) : wire;
    if (captured > roomBytes || captured > LARGEST_PACKET_BYTES) {
      this.#skipLongPacket(captured, roomBytes);
      return;
    }
    this.#warnings.add(
      'no-time',
      () => 'A packet without a time (simple packet block) was given the time of the packet before it.',
    );
    this.#append(block, at + 12, captured, wire, source.linkType);
  }

  #append(block: RawPackets, offset: number, captured: number, wire: number, linkType: number): void {
    const row = block.count++;
    block.timeUs[row] = this.#lastTimeUs;
    block.offset[row] = offset;
    block.capturedBytes[row] = captured;
    block.wireBytes[row] = Math.max(wire, captured);
    block.linkType[row] = linkType;
    if (wire < captured) this.#warnShortWire(wire, captured);
  }

  #nearestTime(time: number): number {
    this.#warnings.add('time', () => 'A packet has a time before 1970 or after 2106; the nearest possible was used.');
    return time > 0 ? LATEST_TIME_US : 0;
  }

  #warnOverSnapLength(captured: number, snapBytes: number): void {
    this.#warnings.add(
      'over-snap-length',
      () => `A packet of ${captured} bytes exceeds its interface's snap length of ${snapBytes}; it was read.`,
    );
  }

  #warnShortWire(wire: number, captured: number): void {
    this.#warnings.add(
      'wire-below-captured',
      () =>
        `A packet claims ${wire} bytes on the wire but ${captured} captured; the captured length was used for both.`,
    );
  }

  #skipUnknownInterface(index: number): void {
    this.#skip('unknown-interface', `A packet names interface ${index}, which its section does not describe, so it`);
  }

  #skipLongPacket(captured: number, roomBytes: number): void {
    const most = Math.min(roomBytes, LARGEST_PACKET_BYTES);
    this.#skip('packet-length', `A packet claims ${captured} captured bytes where at most ${most} are possible, so it`);
  }

  #skip(kind: string, subject: string): void {
    this.#warnings.add(kind, () => `${subject} was skipped.`);
  }

  /** Notes that nothing from the current block on can be trusted. Returns false, for use in returns. */
  #damage(what: string): false {
    this.isDamaged = true;
    this.#warnings.add(
      'damaged',
      () => `The block at byte ${this.#consumedBytes} ${what}. The file is damaged there and was read up to it.`,
    );
    return false;
  }

  finish(leftoverBytes: number): void {
    if (leftoverBytes === 0 || this.isDamaged) return;
    this.#warnings.add(
      'cut',
      () => `The input ends inside a block; the ${this.#packets} whole packets before it were read.`,
    );
  }

  lostPackets(): { byKernel: number; byInterface: number } {
    const lost = { ...this.#droppedBefore };
    for (const { packetsDroppedByKernel, packetsDroppedByInterface } of this.#interfaces) {
      lost.byKernel += packetsDroppedByKernel;
      lost.byInterface += packetsDroppedByInterface;
    }
    return lost;
  }
}
