/** Rows of a table as one chain for each pane, the panes in order. Few are open at a time, the newest last. */
export class PaneChains {
  private seconds: number[] = [];
  private heads: number[] = [];
  private tails: number[] = [];
  private counts: number[] = [];
  private following = new Int32Array(16);
  /** First row of the chain that was taken last; −1 none. */
  taken = -1;
  /** Rows in chains. */
  waiting = 0;

  get isEmpty(): boolean {
    return this.waiting === 0;
  }

  get firstS(): number {
    return this.seconds[0] ?? Number.POSITIVE_INFINITY;
  }

  clear(): void {
    this.seconds = [];
    this.heads = [];
    this.tails = [];
    this.counts = [];
    this.waiting = 0;
  }

  /** Lowest row that waits. Chains grow at their end, so it is the first of one. */
  get firstWaiting(): number {
    return Math.min(...this.heads);
  }

  /** Renumbers the rows after the first `rows` of `count` were dropped. */
  dropFirst(rows: number, count: number): void {
    for (let row = rows; row < count; row++) this.following[row - rows] = Math.max(-1, this.following[row]! - rows);
    this.heads = this.heads.map((row) => row - rows);
    this.tails = this.tails.map((row) => row - rows);
    this.taken = -1;
  }

  add(timeUs: Float64Array, start: number, end: number): void {
    if (end > this.following.length) {
      const longer = new Int32Array(Math.max(end, this.following.length * 2));
      longer.set(this.following);
      this.following = longer;
    }
    for (let row = start; row < end; row++) this.append(Math.floor(timeUs[row]! / 1e6), row);
    this.waiting += end - start;
  }

  private append(second: number, row: number): void {
    const { seconds } = this;
    let at = seconds.length - 1;
    while (at >= 0 && seconds[at]! > second) at--;
    this.following[row] = -1;
    if (at >= 0 && seconds[at] === second) {
      this.following[this.tails[at]!] = row;
      this.tails[at] = row;
      this.counts[at]!++;
    } else {
      this.counts.splice(at + 1, 0, 1);
      seconds.splice(at + 1, 0, second);
      this.heads.splice(at + 1, 0, row);
      this.tails.splice(at + 1, 0, row);
    }
  }

  /** First row of the pane `second` if that is the earliest, else −1; the pane leaves. */
  take(second: number): number {
    this.taken = -1;
    if (this.seconds[0] !== second) return -1;
    this.taken = this.heads[0]!;
    this.waiting -= this.counts[0]!;
    this.seconds.shift();
    this.heads.shift();
    this.tails.shift();
    this.counts.shift();
    return this.taken;
  }

  next(row: number): number {
    return this.following[row]!;
  }

  /** Calls `visit` with stretches of rows, `[start, end)`, that together are all that wait, in pane order. */
  visitStretches(visit: (start: number, end: number) => void): void {
    for (const head of this.heads)
      for (let start = head; start >= 0; ) {
        let last = start;
        while (this.following[last] === last + 1) last++;
        visit(start, last + 1);
        start = this.following[last]!;
      }
  }
}
