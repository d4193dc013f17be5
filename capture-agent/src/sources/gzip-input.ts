import { createGunzip } from 'node:zlib';
import type { ByteInput } from './byte-input.js';
import type { WarningLog } from './warning-log.js';

/** Compressed bytes handed over at a time: what one damaged place can cost at most, and enough to keep zlib busy. */
const PIECE_BYTES = 16 * 1024;
/** Decompressed bytes that wait at a time; a gzip bomb grows no further. */
const OUTPUT_BYTES = 64 * 1024;
/** Checksum and length at the end of a gzip member (RFC 1952 2.3.1). */
const TRAILER_BYTES = 8;

/** Whether the first bytes are those of a gzip file (RFC 1952). */
export function isGzip(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Decompresses `compressed` as it is read. Damaged or cut data end the input with a warning; what came out before stands.
 */
export class GzipInput implements ByteInput {
  readonly #gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
  readonly #piece = new Uint8Array(PIECE_BYTES + TRAILER_BYTES);
  #heldBytes = 0;
  #inputEnded = false;
  #isWriting = false;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(
    readonly compressed: ByteInput,
    readonly warnings: WarningLog,
  ) {
    this.#gunzip.on('error', (error) => {
      this.#failure = error;
    });
    for (const event of ['readable', 'end', 'close']) this.#gunzip.on(event, () => this.#wake());
  }

  get readBytes(): number {
    return this.compressed.readBytes;
  }

  get totalBytes(): number | undefined {
    return this.compressed.totalBytes;
  }

  async read(into: Uint8Array, start: number, end: number): Promise<number> {
    while (this.#chunk.length === 0) {
      const next = await this.#nextChunk();
      if (next === undefined) return 0;
      this.#chunk = next;
    }
    const taken = Math.min(this.#chunk.length, end - start);
    into.set(this.#chunk.subarray(0, taken), start);
    this.#chunk = this.#chunk.subarray(taken);
    return taken;
  }

  /** The next decompressed bytes; undefined at the end. More is fed in only once all that came out was taken. */
  async #nextChunk(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#gunzip.read() as Uint8Array | null;
      if (chunk !== null) return chunk;
      if (this.#failure) return this.#warn(this.#failure);
      if (this.#gunzip.readableEnded) return undefined;
      if (!this.#isWriting && !this.#inputEnded) await this.#feed();
      else await this.#change();
    }
  }

  /**
   * Hands over the next piece of input but keeps its last bytes back: a wrong checksum in the trailer then comes alone,
   * after everything before it was taken, because zlib drops the output of the call in which it fails.
   */
  async #feed(): Promise<void> {
    const piece = this.#piece;
    const count = await this.compressed.read(piece, this.#heldBytes, piece.length);
    const filled = this.#heldBytes + count;
    if (count === 0) {
      this.#inputEnded = true;
      this.#gunzip.end(piece.slice(0, filled));
      return;
    }
    this.#heldBytes = Math.min(filled, TRAILER_BYTES);
    const handedOver = piece.slice(0, filled - this.#heldBytes);
    piece.copyWithin(0, handedOver.length, filled);
    if (handedOver.length === 0) return;
    this.#isWriting = true;
    this.#gunzip.write(handedOver, () => {
      this.#isWriting = false;
      this.#wake();
    });
  }

  /** Waits until there is output, a piece is done, or the end or a failure has come. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #warn(failure: Error): undefined {
    const { readBytes } = this;
    this.warnings.add(
      'gzip',
      () => `The gzip data are damaged or cut near byte ${readBytes} (${failure.message}); what came before was read.`,
    );
    return undefined;
  }

  async close(): Promise<void> {
    this.#gunzip.destroy();
    await this.compressed.close();
  }
}
