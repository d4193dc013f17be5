import { closeSync, openSync, writeSync } from 'node:fs';
import { UsageError } from '../errors.js';

const BUFFER_LETTERS = 65_536;

/** A file of results; text is written in large pieces. Opens at once, so that a wrong path is told before the work begins. */
export class ResultFile {
  private readonly descriptor: number;
  private pending = '';

  /** Throws a UsageError that names `option` when `path` cannot be written. */
  constructor(path: string, option: string) {
    this.descriptor = openForWriting(path, option);
  }

  write(text: string): void {
    this.pending += text;
    if (this.pending.length >= BUFFER_LETTERS) this.flush();
  }

  /** Writes bytes as they are, after all text so far. */
  writeBytes(bytes: Uint8Array): void {
    this.flush();
    writeAll(this.descriptor, bytes);
  }

  close(): void {
    this.flush();
    closeSync(this.descriptor);
  }

  private flush(): void {
    const bytes = Buffer.from(this.pending);
    this.pending = '';
    writeAll(this.descriptor, bytes);
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

function openForWriting(path: string, option: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new UsageError(`cannot write "${path}": ${reasonOf(error)}. Choose another file with ${option}.`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  EROFS: 'the file system is read-only',
};

/** Why the system refused, in words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code && REASONS[code]) ?? message ?? String(error);
}
