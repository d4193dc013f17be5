/**
 * Warnings about one input. Each kind is kept once with the first case's words and the number of cases, so that a
 * hostile file cannot grow the list.
 */
export class WarningLog {
  readonly #byKind = new Map<string, { sentence: string; cases: number }>();

  /** Counts a case of `kind`; `describe` is asked for the sentence the first time only. `kind` comes from a fixed set. */
  add(kind: string, describe: () => string): void {
    const known = this.#byKind.get(kind);
    if (known) known.cases++;
    else this.#byKind.set(kind, { sentence: describe(), cases: 1 });
  }

  /** The sentences in the order of their first cases. Empty when all went well. */
  list(): string[] {
    return [...this.#byKind.values()].map(({ sentence, cases }) =>
      cases === 1 ? sentence : `${sentence} (${cases} such cases; the first is described.)`,
    );
  }
}
