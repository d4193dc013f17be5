import { WINDOW_LENGTHS_S } from '@weir/contracts';

/** What was last said about a host in a window, so that it is said again only when it has doubled. */
export interface Statement {
  windowStartS: number;
  magnitude: number;
}

/** Statements by detector, window and host, or detector and key. */
export type Statements = Map<string, Statement>;

/** Statements held before old ones are looked for. */
const MANY_STATEMENTS = 1024;
const LONGEST_WINDOW_S = WINDOW_LENGTHS_S[WINDOW_LENGTHS_S.length - 1]!;

/** A finding as it stands now. */
export interface Finding extends Statement {
  /** The window closes: what has not been said is said now. */
  isClosing: boolean;
}

/** Whether a finding is new or has doubled since it was last stated; if so, notes that it is stated. */
export function isWorthSaying(statements: Statements, about: string, finding: Finding): boolean {
  const { windowStartS, magnitude, isClosing } = finding;
  const last = statements.get(about);
  const isSame = last?.windowStartS === windowStartS;
  if (isSame && (isClosing ? magnitude <= last.magnitude : magnitude < 2 * last.magnitude)) return false;
  statements.set(about, { windowStartS, magnitude });
  return true;
}

/**
 * Whether a detector has spoken about a host in a window shorter than `window` that began at or after `startS`: then it was
 * told with closer times, and the longer window would only blur them. `aboutIn` names the host's statement by window.
 */
export function wasSaidInShorter(
  statements: Statements,
  window: { index: number; startS: number },
  aboutIn: (window: number) => string,
): boolean {
  for (let shorter = 0; shorter < window.index; shorter++) {
    const said = statements.get(aboutIn(shorter));
    if (said && said.windowStartS >= window.startS) return true;
  }
  return false;
}

/** Drops statements about windows that are long over; they are of no more use. */
export function forgetOldStatements(statements: Statements, watermarkS: number): void {
  if (statements.size < MANY_STATEMENTS) return;
  for (const [about, { windowStartS }] of statements)
    if (windowStartS + 2 * LONGEST_WINDOW_S < watermarkS) statements.delete(about);
}
