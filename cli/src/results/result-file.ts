import { closeSync, openSync, writeSync } from 'node:fs';
import { UsageError } from '../errors.js';

const BUFFER_LETTERS = 65_536;

/** A file of results; text is written in large pieces. Opens at once, so that a wrong path is told before the work begins. */
export class ResultFile {
  private readonly descriptor: number;
  private pending = '';

  /** Throws a UsageError that names `option` when `path` cannot be written, as do the others. */
  constructor(
    private readonly path: string,
    private readonly option: string,
  ) {
    if (path === '-') throw new UsageError(`${option} writes a file, not standard output. Name one.`);
    this.descriptor = this.attempt(() => openSync(path, 'w'));
  }

  write(text: string): void {
    this.pending += text;
    if (this.pending.length >= BUFFER_LETTERS) this.flush();
  }

  /** Writes bytes as they are, after all text so far. */
  writeBytes(bytes: Uint8Array): void {
    this.flush();
    this.writeAll(bytes);
  }

  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.descriptor);
    }
  }

  private flush(): void {
    const bytes = Buffer.from(this.pending);
    this.pending = '';
    this.writeAll(bytes);
  }

  private writeAll(bytes: Uint8Array): void {
    this.attempt(() => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.descriptor, bytes, at);
    });
  }

  private attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw new UsageError(`cannot write "${this.path}": ${reasonOf(error)}. Choose another file with ${this.option}.`);
    }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  EACCES: 'permission denied',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the quota of the user is used up',
};

/** Why the system refused, in words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code && REASONS[code]) ?? message ?? String(error);
}
