import { once } from 'node:events';
import { ReaderLeftError } from './errors.js';

/** What a command may touch of the world outside, so that tests can stand in for it. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the user asks to stop; a command then finishes what it has read and reports it. */
  readonly stop: AbortSignal;
  /** Milliseconds from some fixed point, never going back. */
  readonly elapsedMs: () => number;
  /** Unix epoch in milliseconds, for log lines only. */
  readonly nowMs: () => number;
}

/** A stream of text to a person or to another program. */
export interface Output {
  /** False when the reader is slow: whoever writes much then waits for `drained`. */
  write(text: string | Uint8Array): boolean;
  /** Rejects with a ReaderLeftError when nobody reads any more. */
  drained(): Promise<void>;
  readonly isTerminal: boolean;
  /** Width of the terminal; without one what COLUMNS says, or 100. */
  readonly columns: number;
}

const COLUMNS_WITHOUT_TERMINAL = 100;

/** A process's stream as an output. */
export function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => stream.write(text),
    drained: () => drained(stream),
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns || Number(process.env.COLUMNS) || COLUMNS_WITHOUT_TERMINAL;
    },
  };
}

async function drained(stream: NodeJS.WriteStream): Promise<void> {
  try {
    if (stream.errored) throw stream.errored;
    await once(stream, 'drain');
  } catch (error) {
    throw new ReaderLeftError((error as Error).message);
  }
}
