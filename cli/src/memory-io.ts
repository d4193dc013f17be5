import type { Io, Output } from './io.js';

/** What a command wrote, instead of a terminal. */
export interface MemoryIo extends Io {
  readonly written: { stdout: string; stderr: string };
}

/** An Io that keeps what is written, with a clock that stands still: for tests and for the samples in the README. */
export function createMemoryIo(
  settings: { columns?: number; isTerminal?: boolean; stop?: AbortSignal } = {},
): MemoryIo {
  const { columns = 100, isTerminal = false, stop = new AbortController().signal } = settings;
  const written = { stdout: '', stderr: '' };
  const decoder = new TextDecoder();
  const output = (name: 'stdout' | 'stderr'): Output => ({
    write: (text) => {
      written[name] += typeof text === 'string' ? text : decoder.decode(text);
      return true;
    },
    drained: async () => undefined,
    isTerminal,
    columns,
  });
  return {
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: {},
    stop,
    elapsedMs: () => 0,
    nowMs: () => 0,
    written,
  };
}
