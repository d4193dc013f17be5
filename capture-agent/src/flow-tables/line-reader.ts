import type { ByteInput } from '../sources/byte-input.js';

/** Longest line, and all that is held of the input: a longer line is a bad row and is passed over. */
export const MAX_LINE_BYTES = 256 * 1024;

const LINE_FEED = 10;
const RETURN = 13;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** What `next` came to: a line, more input is needed, or the input has ended. */
export type LineStep = 'line' | 'more' | 'end';

/**
 * Cuts bytes into lines that end in LF or CRLF, the last with or without. Holds at most one buffer, whatever comes. After
 * `next` gave `line`, the line is `bytes[start, end)` until `next` or `refill` is called.
 */
export class LineReader {
  readonly bytes: Uint8Array<ArrayBuffer>;
  start = 0;
  end = 0;
  /** Number of the line, from 1. */
  number = 0;
  /** The line is longer than the buffer; `bytes[start, end)` is how it begins. */
  isTooLong = false;
  private at = 0;
  private filled = 0;
  private hasEnded = false;
  /** The rest of a line that is too long is still to be passed over. */
  private isPassingOver = false;
  private isFirst = true;

  constructor(
    private readonly input: ByteInput,
    bufferBytes = MAX_LINE_BYTES,
  ) {
    this.bytes = new Uint8Array(bufferBytes);
  }

  /** Goes to the next line in the buffer. */
  next(): LineStep {
    if (this.isPassingOver && !this.passOver()) return this.hasEnded ? 'end' : 'more';
    const from = this.at;
    const found = this.bytes.indexOf(LINE_FEED, from);
    if (found >= 0 && found < this.filled) {
      this.at = found + 1;
      return this.take(from, found);
    }
    const isFull = this.filled - from === this.bytes.length;
    if (!this.hasEnded && !isFull) return 'more';
    if (from === this.filled) return 'end';
    this.isPassingOver = isFull;
    this.at = this.filled;
    this.take(from, this.filled);
    this.isTooLong = isFull;
    return 'line';
  }

  private take(start: number, end: number): LineStep {
    this.number++;
    this.isTooLong = false;
    this.start = start;
    this.end = end > start && this.bytes[end - 1] === RETURN ? end - 1 : end;
    return 'line';
  }

  /** Drops bytes up to the next line; false when it lies beyond the buffer. */
  private passOver(): boolean {
    const found = this.bytes.subarray(0, this.filled).indexOf(LINE_FEED, this.at);
    this.at = found < 0 ? this.filled : found + 1;
    this.isPassingOver = found < 0;
    return found >= 0;
  }

  /** Reads on. Rejects with a SourceError. */
  async refill(): Promise<void> {
    this.bytes.copyWithin(0, this.at, this.filled);
    this.filled -= this.at;
    this.at = 0;
    const count = await this.input.read(this.bytes, this.filled, this.bytes.length);
    this.filled += count;
    if (count === 0) this.hasEnded = true;
    else if (this.isFirst) await this.skipByteOrderMark();
  }

  private async skipByteOrderMark(): Promise<void> {
    this.isFirst = false;
    while (this.filled < BYTE_ORDER_MARK.length) {
      const count = await this.input.read(this.bytes, this.filled, this.bytes.length);
      if (count === 0) return;
      this.filled += count;
    }
    if (BYTE_ORDER_MARK.every((byte, i) => this.bytes[i] === byte)) this.at = BYTE_ORDER_MARK.length;
  }
}
