/** Where the adapter writes what an operator should know: fields first, then a message in lower case. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Subjects remembered; with more at once, some are told again early. */
const MOST_SUBJECTS = 1000;

/** How often the same complaint is logged. */
export const COMPLAIN_EVERY_MS = 60_000;

/** Lets what repeats through at most once an interval for each subject. */
export class Seldom {
  private readonly last = new Map<string, number>();

  constructor(
    private readonly everyMs: number,
    private readonly nowMs: () => number,
  ) {}

  /** Whether `subject` is to be told now. */
  allows(subject: string): boolean {
    const nowMs = this.nowMs();
    const lastMs = this.last.get(subject);
    // Both ways, as a clock may be set back.
    if (lastMs !== undefined && Math.abs(nowMs - lastMs) < this.everyMs) return false;
    if (this.last.size >= MOST_SUBJECTS) this.last.clear();
    this.last.set(subject, nowMs);
    return true;
  }
}
