import { canonicalLinkType } from './capture-parser.js';

/** Option codes of the Interface Description and Interface Statistics blocks (draft-ietf-opsawg-pcapng 4.2, 4.6). */
const OPTION_END = 0;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;

const TWO_TO_32 = 4_294_967_296;

/** Where a block lies: `[start, end)` spans what follows the fixed fields up to the trailing length. */
export interface BlockPart {
  view: DataView;
  start: number;
  end: number;
  littleEndian: boolean;
}

/** Calls `visit` for each whole option. Stops at the end mark or at an option that runs past the block: returns false then. */
function forEachOption(part: BlockPart, visit: (code: number, at: number, lengthBytes: number) => void): boolean {
  const { view, end, littleEndian } = part;
  let at = part.start;
  while (at + 4 <= end) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === OPTION_END) return true;
    if (at + 4 + length > end) return false;
    visit(code, at + 4, length);
    at += 4 + ((length + 3) & ~3);
  }
  return true;
}

/** 64-bit counters are split into words, high first for timestamps but by byte order in options. */
function readU64(part: BlockPart, at: number): number {
  const { view, littleEndian } = part;
  const [low, high] = littleEndian ? [at, at + 4] : [at + 4, at];
  return view.getUint32(high, littleEndian) * TWO_TO_32 + view.getUint32(low, littleEndian);
}

/** One interface of a pcapng section: its link type, and how its timestamps become microseconds. */
export class PcapngInterface {
  readonly linkType: number;
  /** Most bytes captured of a packet; 0 for no limit. */
  readonly snapBytes: number;
  packetsDroppedByKernel = 0;
  packetsDroppedByInterface = 0;
  /** Options were cut by the block's end, so resolution or offset may be missing. */
  readonly hasBrokenOptions: boolean;
  #offsetUs = 0;
  #isBinary = false;
  // Decimal: µs = (high × #perHigh + ⌊(high × #restPerHigh + low) / #divisor⌋) × #factor. Exact, since no product exceeds
  // 2^53 at real times. Binary: µs = ⌊high × #perHigh + low × 10^6 / #divisor⌋.
  #perHigh = TWO_TO_32;
  #restPerHigh = 0;
  #divisor = 1;
  #factor = 1;

  /** `part` spans an Interface Description Block's fields after the block length. */
  constructor(part: BlockPart) {
    const { view, start, littleEndian } = part;
    this.linkType = canonicalLinkType(view.getUint16(start, littleEndian));
    this.snapBytes = view.getUint32(start + 4, littleEndian);
    const options = { ...part, start: start + 8 };
    this.hasBrokenOptions = !forEachOption(options, (code, at, length) => {
      if (code === IF_TSRESOL && length >= 1) this.#setResolution(view.getUint8(at));
      if (code === IF_TSOFFSET && length >= 8) this.#offsetUs = readSignedSeconds(part, at) * 1e6;
    });
  }

  /** if_tsresol: top bit clear, units of 10^−n s; set, units of 2^−n s. Without the option, 10^−6 s. */
  #setResolution(resolution: number): void {
    const exponent = resolution & 0x7f;
    this.#isBinary = resolution > 0x7f;
    if (this.#isBinary) {
      this.#divisor = 2 ** exponent;
      this.#perHigh = (TWO_TO_32 * 1e6) / this.#divisor;
      return;
    }
    this.#divisor = 10 ** Math.max(0, exponent - 6);
    this.#factor = 10 ** Math.max(0, 6 - exponent);
    this.#perHigh = Math.floor(TWO_TO_32 / this.#divisor);
    this.#restPerHigh = TWO_TO_32 % this.#divisor;
  }

  /** Whole µs since 1970 of a timestamp in two words; finer units are cut off. May be outside any sensible range. */
  timeUs(high: number, low: number): number {
    if (this.#isBinary) return this.#binaryTimeUs(high, low) + this.#offsetUs;
    const inHigh = high * this.#perHigh;
    const inLow = Math.floor((high * this.#restPerHigh + low) / this.#divisor);
    return (inHigh + inLow) * this.#factor + this.#offsetUs;
  }

  #binaryTimeUs(high: number, low: number): number {
    // Whole part and rest apart, so that nothing is rounded up: each product has at most 53 significant bits.
    const inHigh = high * this.#perHigh;
    const whole = Math.floor(inHigh);
    return whole + Math.floor(inHigh - whole + (low * 1e6) / this.#divisor);
  }

  /** Takes over the drop counts of an Interface Statistics Block; they count since the capture began. */
  readStatistics(options: BlockPart): void {
    forEachOption(options, (code, at, length) => {
      if (code === ISB_IFDROP && length >= 8) this.packetsDroppedByInterface = readU64(options, at);
      if (code === ISB_OSDROP && length >= 8) this.packetsDroppedByKernel = readU64(options, at);
    });
  }
}

function readSignedSeconds(part: BlockPart, at: number): number {
  const { view, littleEndian } = part;
  const [low, high] = littleEndian ? [at, at + 4] : [at + 4, at];
  return view.getInt32(high, littleEndian) * TWO_TO_32 + view.getUint32(low, littleEndian);
}
