const NONE: readonly never[] = [];

/** What a pane has touched, each once, in order. An entry bears the mark itself: a set of entries costs several times as much. */
export class Touched<Entry extends { isTouched: boolean }> {
  private entries: Entry[] = [];
  private flags = new Uint8Array(1);
  private place = 0;

  /** From now on `flags[place]` is set when there is something to take. */
  reportTo(flags: Uint8Array<ArrayBuffer>, place: number): void {
    flags[place] = this.flags[this.place]!;
    this.flags = flags;
    this.place = place;
  }

  /** Asks to be taken from though nothing is touched. */
  report(): void {
    this.flags[this.place] = 1;
  }

  add(entry: Entry): void {
    if (entry.isTouched) return;
    entry.isTouched = true;
    this.entries.push(entry);
    this.report();
  }

  /** What was added since the last call. */
  take(): readonly Entry[] {
    const { entries } = this;
    if (entries.length === 0) return NONE;
    this.entries = [];
    for (let k = 0; k < entries.length; k++) entries[k]!.isTouched = false;
    return entries;
  }

  clear(): void {
    this.take();
  }
}
