import { UsageError } from '../errors.js';

/** Faults told in one error; who mends these runs it again. */
const FAULTS_TOLD = 20;

/** A place in a file: the file, and the line (from 1) where it is known. */
export interface Place {
  readonly path: string;
  readonly line?: number | undefined;
}

/** What is wrong with a rule file and its lists: collected, so that all of it is told at once. */
export class RuleFaults {
  private readonly told: (Place & { text: string })[] = [];
  private untold = 0;

  constructor(private readonly path: string) {}

  add(place: Place, text: string): void {
    if (this.told.length === FAULTS_TOLD) this.untold++;
    else this.told.push({ ...place, text });
  }

  /** Throws a UsageError with all faults, from the first line to the last, if there are any. */
  throwIfAny(): void {
    if (this.told.length === 0) return;
    const inOrder = this.told.sort((a, b) => this.fileOrder(a.path, b.path) || (a.line ?? 0) - (b.line ?? 0));
    const lines = inOrder.map(({ path, line, text }) => `${path}${line === undefined ? '' : `:${line}`}: ${text}`);
    const more = this.untold > 0 ? [`… and ${this.untold} more.`] : [];
    throw new UsageError(
      [
        `the rules in "${this.path}" cannot be used:`,
        ...lines,
        ...more,
        'All fields and measures: docs/rules.md.',
      ].join('\n'),
    );
  }

  /** The rule file comes before its lists. */
  private fileOrder(a: string, b: string): number {
    if (a === b) return 0;
    if (a === this.path || b === this.path) return a === this.path ? -1 : 1;
    return a < b ? -1 : 1;
  }
}
