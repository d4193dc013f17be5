import { closeSync, existsSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { reasonOf } from '../results/result-file.js';

/** How large a log grows, and how many old ones are kept. */
export interface RotationLimits {
  readonly maxBytes: number;
  /** Files in all, the current one included. */
  readonly maxFiles: number;
}

const DEFAULT_ROTATION: RotationLimits = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 };

/** A log file that is renamed to `.1`, `.2`, … when it is full; the oldest is deleted. Lines are never split. */
export class RotatingFile {
  private descriptor: number;
  private sizeBytes: number;
  /** Whether the last line was not written to its end. */
  private isCut = false;

  /** Throws a UsageError when the file cannot be opened for appending. */
  constructor(
    private readonly path: string,
    private readonly limits: RotationLimits = DEFAULT_ROTATION,
  ) {
    this.descriptor = openForAppending(path);
    this.sizeBytes = fstatSync(this.descriptor).size;
  }

  /** Throws the system's error where the line cannot be written; the next one may be. */
  write(line: string): void {
    const bytes = Buffer.from(this.isCut ? `\n${line}` : line);
    if (this.sizeBytes > 0 && this.sizeBytes + bytes.length > this.limits.maxBytes) this.rotate();
    for (let at = 0; at < bytes.length; ) {
      const written = writeSync(this.descriptor, bytes, at);
      at += written;
      this.sizeBytes += written;
      this.isCut = at < bytes.length;
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** Wherever this fails the file that is open stays so: its number would soon stand for another file. */
  private rotate(): void {
    if (existsSync(this.path)) this.renameAll();
    const full = this.descriptor;
    this.descriptor = openForAppending(this.path);
    closeSync(full);
    this.sizeBytes = fstatSync(this.descriptor).size;
    this.isCut = false;
  }

  private renameAll(): void {
    const oldest = this.limits.maxFiles - 1;
    rmSync(this.numbered(oldest), { force: true });
    for (let n = oldest - 1; n >= 0; n--) moveIfThere(this.numbered(n), this.numbered(n + 1));
  }

  private numbered(n: number): string {
    return n === 0 ? this.path : `${this.path}.${n}`;
  }
}

function openForAppending(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    throw new UsageError(`cannot write the log "${path}": ${reasonOf(error)}. Choose another with --log-file.`);
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
