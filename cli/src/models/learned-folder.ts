import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeScoreState, type LearnedStore } from '@weir/functions';
import { UsageError } from '../errors.js';

/** Keeps what models learned of a network as `<model>.learned` in a folder. Throws a UsageError when that cannot be. */
export class LearnedFolder implements LearnedStore {
  private isFailing = false;

  /** `failed`: is told when a write begins to fail, which then ends nothing; what is learned later may be kept again. */
  constructor(
    private readonly folder: string,
    private readonly failed?: (error: Error) => void,
  ) {
    this.attempt('make', () => mkdirSync(folder, { recursive: true }));
  }

  read(name: string): Uint8Array | undefined {
    return this.attempt('read', () => {
      try {
        const bytes = readFileSync(this.pathOf(name));
        decodeScoreState(bytes);
        return bytes;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    });
  }

  /** A reader sees the old or the new, never half. */
  write(name: string, bytes: Uint8Array): void {
    const path = this.pathOf(name);
    try {
      this.attempt('write', () => {
        writeFileSync(`${path}.new`, bytes);
        renameSync(`${path}.new`, path);
      });
      this.isFailing = false;
    } catch (error) {
      if (!this.failed) throw error;
      if (!this.isFailing) this.failed(error as Error);
      this.isFailing = true;
    }
  }

  private pathOf(name: string): string {
    return join(this.folder, `${name}.learned`);
  }

  private attempt<T>(what: string, act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw new UsageError(
        `cannot ${what} what models learned, in "${this.folder}": ${(error as Error).message}. Delete it there to learn anew, or name another folder with --learned.`,
      );
    }
  }
}
