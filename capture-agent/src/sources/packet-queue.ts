import { createRawPackets, type RawPackets } from './source.js';

/** How much may wait between a capture driver and its reader. */
export interface QueueLimits {
  packets: number;
  bytes: number;
}

/**
 * Packets that were captured and not yet read, in two halves: one is filled while the other is read, so that what the
 * reader holds is never overwritten. Each half holds up to the limits; memory is reserved once.
 */
export class PacketQueue {
  /** Packets refused because the half being filled was full. */
  refusedPackets = 0;
  #filling: RawPackets;
  #fillingBytes = 0;
  #reading: RawPackets;
  #next = 0;

  constructor(
    limits: QueueLimits,
    readonly linkType: () => number,
  ) {
    this.#filling = { ...createRawPackets(limits.packets), bytes: new Uint8Array(limits.bytes) };
    this.#reading = { ...createRawPackets(limits.packets), bytes: new Uint8Array(limits.bytes) };
  }

  /** Nothing waits to be read. */
  get isEmpty(): boolean {
    return this.#next >= this.#reading.count && this.#filling.count === 0;
  }

  /** Copies a packet in; false, and counted, when there is no room. */
  put(bytes: Uint8Array, timeUs: number, capturedBytes: number, wireBytes: number): boolean {
    const filling = this.#filling;
    const row = filling.count;
    if (row >= filling.timeUs.length || this.#fillingBytes + capturedBytes > filling.bytes.length) {
      this.refusedPackets++;
      return false;
    }
    filling.bytes.set(bytes.subarray(0, capturedBytes), this.#fillingBytes);
    filling.timeUs[row] = timeUs;
    filling.offset[row] = this.#fillingBytes;
    filling.capturedBytes[row] = capturedBytes;
    filling.wireBytes[row] = Math.max(wireBytes, capturedBytes);
    filling.count = row + 1;
    this.#fillingBytes += capturedBytes;
    return true;
  }

  /** Moves the oldest packets to `block`, as many as it has room for. Valid until the next call. */
  take(block: RawPackets): void {
    if (this.#next >= this.#reading.count) this.#swap();
    const end = Math.min(this.#reading.count, this.#next + block.timeUs.length);
    copyRows(this.#reading, block, this.#next, end);
    block.linkType.fill(this.linkType(), 0, block.count);
    this.#next = end;
  }

  #swap(): void {
    const read = this.#reading;
    this.#reading = this.#filling;
    this.#filling = read;
    read.count = 0;
    this.#fillingBytes = 0;
    this.#next = 0;
  }
}

/** Makes rows `[start, end)` of `from` all that `to` holds, sharing the bytes. */
export function copyRows(from: RawPackets, to: RawPackets, start: number, end: number): void {
  to.bytes = from.bytes;
  to.count = end - start;
  to.timeUs.set(from.timeUs.subarray(start, end));
  to.offset.set(from.offset.subarray(start, end));
  to.capturedBytes.set(from.capturedBytes.subarray(start, end));
  to.wireBytes.set(from.wireBytes.subarray(start, end));
  to.linkType.set(from.linkType.subarray(start, end));
}
