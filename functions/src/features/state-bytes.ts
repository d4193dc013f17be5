import { LayoutError } from '../runtime/port.js';
import { mostPacked, packWords, unpackWords, wordsOf } from './packed-words.js';

/**
 * State as bytes: plain values one after the other, little-endian, unaligned; lists carry their length in front. Typed
 * arrays are copied as they lie in memory, so both ends must be little-endian machines, as all that Node is built for
 * commonly are.
 */

/** Appends values to a buffer that grows by doubling. */
export class ByteWriter {
  private buffer: Uint8Array<ArrayBuffer>;
  private view: DataView;
  private used = 0;

  constructor(capacityBytes = 1024) {
    this.buffer = new Uint8Array((capacityBytes + 3) & ~3);
    this.view = new DataView(this.buffer.buffer);
  }

  /** A number from 0 to 255; higher bits are cut off. */
  u8(value: number): void {
    const at = this.take(1);
    this.view.setUint8(at, value);
  }

  /** A number from 0 to 2^32 − 1; higher bits are cut off. */
  u32(value: number): void {
    const at = this.take(4);
    this.view.setUint32(at, value, true);
  }

  f64(value: number): void {
    const at = this.take(8);
    this.view.setFloat64(at, value, true);
  }

  bytes(value: Uint8Array): void {
    this.u32(value.length);
    this.raw(value);
  }

  words(value: Uint32Array): void {
    this.u32(value.length);
    this.raw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }

  floats(value: Float64Array): void {
    this.u32(value.length);
    this.raw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }

  /**
   * Bytes of which many are zero: masks of the words of four bytes that are not (see packWords), and those. The reader
   * must know how many there are. Costs a thousandth of the length where all are zero, and 3 % on top where none is.
   */
  packed(value: Uint8Array): void {
    const whole = value.length >>> 2;
    // Packed in place, so at a multiple of four.
    const pad = -this.used & 3;
    this.buffer.fill(0, this.take(pad), this.used);
    const countAt = this.take(4 + 4 * mostPacked(whole));
    const used = packWords(wordsOf(value, whole), new Uint32Array(this.buffer.buffer, countAt + 4));
    this.view.setUint32(countAt, used, true);
    this.used = countAt + 4 + 4 * used;
    this.raw(value.subarray(whole * 4));
  }

  /** Text as UTF-8; a lone surrogate becomes U+FFFD. */
  string(value: string): void {
    this.bytes(new TextEncoder().encode(value));
  }

  /** A copy of all that was written; the writer is then empty again, and keeps its buffer. */
  finish(): Uint8Array<ArrayBuffer> {
    const written = this.buffer.slice(0, this.used);
    this.clear();
    return written;
  }

  /** Forgets what was written. */
  clear(): void {
    this.used = 0;
  }

  private raw(value: Uint8Array): void {
    const at = this.take(value.length);
    this.buffer.set(value, at);
  }

  /** Makes room for `lengthBytes` more and returns where they go. May replace `buffer` and `view`. */
  private take(lengthBytes: number): number {
    const at = this.used;
    this.used += lengthBytes;
    if (this.used > this.buffer.length) this.grow();
    return at;
  }

  private grow(): void {
    // Whole words, as `packed` sees it so.
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, (this.used + 3) & ~3));
    larger.set(this.buffer);
    this.buffer = larger;
    this.view = new DataView(larger.buffer);
  }
}

/** Reads what a ByteWriter wrote, in the same order. Each read throws a LayoutError when the bytes end before it does. */
export class ByteReader {
  private readonly view: DataView;
  private at = 0;

  constructor(private readonly source: Uint8Array) {
    this.view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  }

  /** Bytes not yet read. */
  get remainingBytes(): number {
    return this.source.length - this.at;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  f64(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  /** A copy, as are `words` and `floats`. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.raw(this.u32());
  }

  words(): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.raw(this.u32() * 4).buffer);
  }

  floats(): Float64Array<ArrayBuffer> {
    return new Float64Array(this.raw(this.u32() * 8).buffer);
  }

  /** Fills `into`, which is all zero, with what `packed` wrote of as many bytes. */
  unpack(into: Uint8Array): void {
    const whole = into.length >>> 2;
    this.take(-this.at & 3);
    const packed = new Uint32Array(this.raw(this.u32() * 4).buffer);
    const words = wordsOf(into, whole);
    const isWhole = unpackWords(packed, words);
    if (!isWhole) throw new LayoutError(`state bytes end at ${this.at} in rows of another length`);
    if (words.buffer !== into.buffer) into.set(new Uint8Array(words.buffer));
    into.set(this.raw(into.length - whole * 4), whole * 4);
  }

  /** Text; bytes that are no UTF-8 are a LayoutError. */
  string(): string {
    const bytes = this.bytes();
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new LayoutError(`state bytes end at ${this.at} in text that is no UTF-8`);
    }
  }

  /** Throws a LayoutError when bytes are left over. */
  expectEnd(): void {
    if (this.remainingBytes > 0) throw new LayoutError(`state bytes have ${this.remainingBytes} bytes too many`);
  }

  private raw(lengthBytes: number): Uint8Array<ArrayBuffer> {
    const at = this.take(lengthBytes);
    // The copy starts at byte 0 of its own buffer, which aligns it for any typed array.
    return new Uint8Array(this.source.subarray(at, at + lengthBytes));
  }

  private take(lengthBytes: number): number {
    const at = this.at;
    if (lengthBytes > this.remainingBytes)
      throw new LayoutError(`state bytes end early: ${lengthBytes} wanted at ${at} of ${this.source.length}`);
    this.at += lengthBytes;
    return at;
  }
}
