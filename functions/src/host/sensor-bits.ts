import { WINDOW_LENGTHS_S } from '@weir/contracts';

const WINDOWS = WINDOW_LENGTHS_S.length;

/** Which sensors contributed to each window of each host, as bits. Takes no memory, and no time, while there is one sensor. */
export class SensorBits {
  private bits = new Uint32Array(0);

  get isOn(): boolean {
    return this.bits.length > 0;
  }

  /** From now on sensors are told apart, in a table of `capacity` rows; what is in its first `used` was the first one's. */
  turnOn(capacity: number, used: number): void {
    this.bits = new Uint32Array(capacity * WINDOWS);
    this.bits.fill(1, 0, used * WINDOWS);
  }

  grow(capacity: number): void {
    if (!this.isOn) return;
    const larger = new Uint32Array(capacity * WINDOWS);
    larger.set(this.bits);
    this.bits = larger;
  }

  /** Sensors of a window of a row; 0 while there is only one sensor. */
  of(row: number, window: number): number {
    return this.bits[row * WINDOWS + window] ?? 0;
  }

  /** Adds a sensor to the shortest window of a row. */
  add(row: number, bit: number): void {
    this.bits[row * WINDOWS]! |= bit;
  }

  /** A window closes: its sensors also contributed to the next longer one, where it goes on. */
  passOn(row: number, window: number, goesOn: boolean): void {
    if (!this.isOn) return;
    const at = row * WINDOWS + window;
    if (goesOn) this.bits[at + 1]! |= this.bits[at]!;
    this.bits[at] = 0;
  }

  forget(row: number): void {
    if (this.isOn) this.bits.fill(0, row * WINDOWS, (row + 1) * WINDOWS);
  }

  /** All of it, as bytes that can be read and written. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.bits.buffer);
  }
}
