/** Smaller pieces come and go without a trace. Unit: byte. */
const LEAST_POOLED_BYTES = 1 << 16;
/** A buffer is made larger than asked for by this, so that it fits the next request of about that size too. */
const ROOM = 1.25;

/**
 * Memory for requests and answers of megabytes, used again. Made anew for each, it lies outside the heap, where it piles up
 * until the collector is called for it alone: that was an eighth of the time of the functions.
 */
export class BufferPool {
  /** Smallest first. */
  private readonly free: ArrayBuffer[] = [];
  private freeBytes = 0;

  /** Keeps at most `mostBytes` that nobody uses. */
  constructor(private readonly mostBytes: number) {}

  /** Memory of this length; what is in it is anything. */
  take(lengthBytes: number): Uint8Array<ArrayBuffer> {
    if (lengthBytes < LEAST_POOLED_BYTES) return new Uint8Array(lengthBytes);
    const at = this.free.findIndex(({ byteLength }) => byteLength >= lengthBytes);
    if (at < 0) return new Uint8Array(new ArrayBuffer(Math.ceil(lengthBytes * ROOM)), 0, lengthBytes);
    const [found] = this.free.splice(at, 1) as [ArrayBuffer];
    this.freeBytes -= found.byteLength;
    return new Uint8Array(found, 0, lengthBytes);
  }

  /** Takes back what `take` gave and nobody reads any more. */
  giveBack(bytes: Uint8Array): void {
    const buffer = bytes.buffer as ArrayBuffer;
    if (buffer.byteLength < LEAST_POOLED_BYTES || buffer.byteLength > this.mostBytes) return;
    const larger = this.free.findIndex(({ byteLength }) => byteLength > buffer.byteLength);
    this.free.splice(larger < 0 ? this.free.length : larger, 0, buffer);
    this.freeBytes += buffer.byteLength;
    // The smallest go first: a large one serves for all.
    while (this.freeBytes > this.mostBytes) this.freeBytes -= this.free.shift()!.byteLength;
  }
}

/** What one process keeps: a few of the largest requests and answers. */
const KEPT_BYTES = 64 * 2 ** 20;

/** Requests and answers of this process. */
export const messageBuffers = new BufferPool(KEPT_BYTES);
