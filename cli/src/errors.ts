/** The command line is wrong; the message says what, which value, and the remedy. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Whoever read an output left while more was to be written: there is nobody to tell. */
export class ReaderLeftError extends Error {
  override readonly name = 'ReaderLeftError';
}

/** Exit codes of `weir`. */
export const ExitCode = {
  /** Done; incidents may have been found unless --fail-on was given. */
  ok: 0,
  /** With --fail-on: at least one incident of that severity or above. */
  found: 1,
  /** Bad usage or input. */
  badInput: 2,
  /** A defect in Weir: please report what was printed. */
  defect: 3,
} as const;
