import { formatAddress, isIpv4 } from '@weir/contracts';

const DOT = 0x2e;
const ZERO = 0x30;
const US_PER_MS = 1000;
/** Below, in the year 2112, a number holds milliseconds to the microsecond; above, JSON writes fewer decimals. */
const MOST_EXACT_US = 2 ** 52;
/** More than any number or address takes. */
const LONGEST_PIECE_BYTES = 48;

/** Text as it goes out, in UTF-8, without a string in between: a line of a million is made of numbers and addresses. */
export class TextBytes {
  private buffer = Buffer.allocUnsafe(1 << 16);
  private used = 0;

  /** Bytes written since `clear`. */
  get lengthBytes(): number {
    return this.used;
  }

  /** A copy of all that was written. */
  copy(): Uint8Array {
    return new Uint8Array(this.buffer.subarray(0, this.used));
  }

  /** Forgets what was written. */
  clear(): void {
    this.used = 0;
  }

  /** What is UTF-8 already. */
  bytes(piece: Uint8Array): void {
    this.ensure(piece.length);
    const { buffer } = this;
    for (let i = 0; i < piece.length; i++) buffer[this.used + i] = piece[i]!;
    this.used += piece.length;
  }

  /** Lets `write` put `lengthBytes` bytes into `into[at, …)`. */
  put(lengthBytes: number, write: (into: Uint8Array, at: number) => void): void {
    this.ensure(lengthBytes);
    write(this.buffer, this.used);
    this.used += lengthBytes;
  }

  /** A number as JSON writes it. */
  number(value: number): void {
    if (Number.isSafeInteger(value) && value >= 0) this.whole(value);
    else this.ascii(JSON.stringify(value));
  }

  /** Microseconds as milliseconds with what there is of decimals: what JSON writes for `valueUs / 1000`. */
  msOfUs(valueUs: number): void {
    const isExact = Number.isInteger(valueUs) && valueUs >= 0 && valueUs < MOST_EXACT_US;
    if (!isExact) {
      this.ascii(JSON.stringify(valueUs / US_PER_MS));
      return;
    }
    const ms = Math.floor(valueUs / US_PER_MS);
    this.whole(ms);
    const restUs = valueUs - ms * US_PER_MS;
    if (restUs > 0) this.decimals(restUs);
  }

  /** The address at `bytes[at, at + 16)`, as formatAddress writes it. */
  address(bytes: Uint8Array, at: number): void {
    if (isIpv4(bytes, at)) this.dotted(bytes, at + 12);
    else this.ascii(formatAddress(bytes, at));
  }

  private dotted(bytes: Uint8Array, at: number): void {
    this.ensure(LONGEST_PIECE_BYTES);
    for (let part = 0; part < 4; part++) {
      if (part > 0) this.byte(DOT);
      this.whole(bytes[at + part]!);
    }
  }

  private ascii(text: string): void {
    this.ensure(text.length);
    this.used += this.buffer.write(text, this.used, 'latin1');
  }

  /** A whole number from 0 to 2^53 − 1. */
  private whole(value: number): void {
    this.ensure(LONGEST_PIECE_BYTES);
    let end = this.used + 1;
    for (let scale = 10; scale <= value; scale *= 10) end++;
    const { buffer } = this;
    let left = value;
    for (let at = end - 1; at >= this.used; at--) {
      const tenth = Math.floor(left / 10);
      buffer[at] = ZERO + (left - tenth * 10);
      left = tenth;
    }
    this.used = end;
  }

  /** Thousandths from 1 to 999, without zeros at the end. */
  private decimals(thousandths: number): void {
    this.ensure(LONGEST_PIECE_BYTES);
    this.byte(DOT);
    let left = thousandths;
    for (let scale = 100; left > 0; scale /= 10) {
      const digit = Math.floor(left / scale);
      this.byte(ZERO + digit);
      left -= digit * scale;
    }
  }

  /** One byte for which there is room. */
  private byte(value: number): void {
    this.buffer[this.used++] = value;
  }

  private ensure(lengthBytes: number): void {
    const needed = this.used + lengthBytes;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.buffer.length));
    this.buffer.copy(larger, 0, 0, this.used);
    this.buffer = larger;
  }
}
