import type { EventEmitter } from 'node:events';
import { ExitCode } from './errors.js';
import { reasonOf } from './results/result-file.js';

/** How long an orderly end may take once nobody reads; what is not stopped by then is ended. Unit: ms. */
const END_WITHIN_MS = 5000;

/** A process's outputs, and the ways in which it ends. */
export interface Outputs {
  readonly stdout: EventEmitter;
  readonly stderr: EventEmitter;
  /** Asks for an orderly end, as an interrupt does. May be called again. */
  readonly stop: () => void;
  /** Ends at once. */
  readonly exit: (code: number) => void;
  readonly tell: (text: string) => void;
}

/**
 * `weir … | head` closes the pipe early: no error, but the files that are being written are finished first. What standard
 * output cannot take for another reason would be missing without a word, so the run ends. A log that nobody reads, or that
 * has no room, ends nothing.
 */
export function watchOutputs({ stdout, stderr, stop, exit, tell }: Outputs): void {
  let isLeft = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      tell(`weir: cannot write to standard output: ${reasonOf(error)}.\n`);
      exit(ExitCode.badInput);
      return;
    }
    if (isLeft) return;
    isLeft = true;
    stop();
    setTimeout(() => exit(ExitCode.ok), END_WITHIN_MS).unref();
  });
  stderr.on('error', () => undefined);
}
