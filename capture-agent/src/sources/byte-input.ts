import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { SourceError } from './source.js';

/** A run of bytes that is read once from front to back. */
export interface ByteInput {
  /** Reads some bytes to `into[start, end)` and resolves with how many; 0 only at the end. Rejects with a SourceError. */
  read(into: Uint8Array, start: number, end: number): Promise<number>;
  /** Bytes taken from the stored input so far (compressed, where it is). */
  readonly readBytes: number;
  /** Size of the stored input; undefined where it has none, as for a pipe. */
  readonly totalBytes: number | undefined;
  close(): Promise<void>;
}

/** Opens a file, pipe or device by its path. Rejects with a SourceError for a directory or what cannot be opened. */
export async function openFileInput(path: string): Promise<ByteInput> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new SourceError(describeOpenError(path, error));
  });
  const status = await file.stat();
  if (status.isDirectory()) {
    await file.close();
    throw new SourceError(`cannot read "${path}": it is a directory. Name one capture file (pcap or pcapng).`);
  }
  return new FileInput(path, file, status.isFile() ? status.size : undefined);
}

function describeOpenError(path: string, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return `cannot open "${path}": no such file. Check the path, or use "-" for standard input.`;
    case 'EACCES':
    case 'EPERM':
      return `cannot open "${path}": no permission to read it. Change its permissions or run as its owner.`;
    default:
      return `cannot open "${path}": ${error.message}. Check the path.`;
  }
}

/** Reads of a regular file after which other work of the process gets a turn. */
const READS_PER_TURN = 8;

/**
 * Regular files are read on this thread: a read by the thread pool leaves the bytes in another core's cache, and that
 * halves the rate at which packets are then looked at. Pipes and devices can block, so they go through the pool.
 */
class FileInput implements ByteInput {
  readBytes = 0;
  #reads = 0;

  constructor(
    readonly path: string,
    readonly file: FileHandle,
    readonly totalBytes: number | undefined,
  ) {}

  async read(into: Uint8Array, start: number, end: number): Promise<number> {
    if (this.totalBytes !== undefined && ++this.#reads % READS_PER_TURN === 0) await setImmediate();
    try {
      const count = await this.#readSome(into, start, end - start);
      this.readBytes += count;
      return count;
    } catch (error) {
      throw new SourceError(
        `cannot read "${this.path}" after byte ${this.readBytes}: ${(error as Error).message}. Copy the file and retry.`,
      );
    }
  }

  async #readSome(into: Uint8Array, at: number, length: number): Promise<number> {
    if (this.totalBytes !== undefined) return readSync(this.file.fd, into, at, length, null);
    return (await this.file.read(into, at, length, null)).bytesRead;
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** Bytes of a stream such as standard input. Takes one chunk at a time, so what waits is bounded by the stream's own limit. */
export class StreamInput implements ByteInput {
  readBytes = 0;
  readonly totalBytes = undefined;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(
    readonly name: string,
    readonly stream: Readable,
  ) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }

  async read(into: Uint8Array, start: number, end: number): Promise<number> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#nextChunk();
      if (done) return 0;
      this.#chunk = value;
    }
    const taken = Math.min(this.#chunk.length, end - start);
    into.set(this.#chunk.subarray(0, taken), start);
    this.#chunk = this.#chunk.subarray(taken);
    this.readBytes += taken;
    return taken;
  }

  async #nextChunk(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#chunks.next();
    } catch (error) {
      throw new SourceError(`cannot read ${this.name} after byte ${this.readBytes}: ${(error as Error).message}.`);
    }
  }

  async close(): Promise<void> {
    // Not through the iterator: its return() would wait for a chunk that may never come.
    this.stream.destroy();
  }
}

/** `input` with bytes that were already read from it put back in front. */
export class UnreadInput implements ByteInput {
  #head: Uint8Array;

  constructor(
    readonly input: ByteInput,
    head: Uint8Array,
  ) {
    this.#head = head;
  }

  get readBytes(): number {
    return this.input.readBytes;
  }

  get totalBytes(): number | undefined {
    return this.input.totalBytes;
  }

  async read(into: Uint8Array, start: number, end: number): Promise<number> {
    if (this.#head.length === 0) return this.input.read(into, start, end);
    const taken = Math.min(this.#head.length, end - start);
    into.set(this.#head.subarray(0, taken), start);
    this.#head = this.#head.subarray(taken);
    return taken;
  }

  close(): Promise<void> {
    return this.input.close();
  }
}
