/** Rows of a table as one chain for each pane, the panes in order: few of live traffic, thousands of a flow table. */
export class PaneChains {
  private seconds: number[] = [];
  private heads: number[] = [];
  private tails: number[] = [];
  private counts: number[] = [];
  /** Panes at the beginning of these lists that were taken: to shift long lists for each costs more than all else. */
  private from = 0;
  private following = new Int32Array(16);
  /** First row of the chain that was taken last; −1 none. */
  taken = -1;
  /** Rows in chains. */
  waiting = 0;

  get isEmpty(): boolean {
    return this.waiting === 0;
  }

  get firstS(): number {
    return this.seconds[this.from] ?? Number.POSITIVE_INFINITY;
  }

  clear(): void {
    this.seconds = [];
    this.heads = [];
    this.tails = [];
    this.counts = [];
    this.from = 0;
    this.waiting = 0;
  }

  /** Lowest row that waits. Chains grow at their end, so it is the first of one. */
  get firstWaiting(): number {
    let first = Number.POSITIVE_INFINITY;
    for (let k = this.from; k < this.heads.length; k++) first = Math.min(first, this.heads[k]!);
    return first;
  }

  /** Renumbers the rows after the first `rows` of `count` were dropped. */
  dropFirst(rows: number, count: number): void {
    for (let row = rows; row < count; row++) this.following[row - rows] = Math.max(-1, this.following[row]! - rows);
    this.dropTaken();
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
    while (at >= this.from && seconds[at]! > second) at--;
    this.following[row] = -1;
    if (at >= this.from && seconds[at] === second) {
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
    const { from } = this;
    if (this.seconds[from] !== second) return -1;
    this.taken = this.heads[from]!;
    this.waiting -= this.counts[from]!;
    this.from++;
    if (this.from * 2 > this.seconds.length) this.dropTaken();
    return this.taken;
  }

  private dropTaken(): void {
    for (const list of [this.seconds, this.heads, this.tails, this.counts]) list.splice(0, this.from);
    this.from = 0;
  }

  next(row: number): number {
    return this.following[row]!;
  }

  /** Calls `visit` with stretches of rows, `[start, end)`, that together are all that wait, in pane order. */
  visitStretches(visit: (start: number, end: number) => void): void {
    for (let k = this.from; k < this.heads.length; k++)
      for (let start = this.heads[k]!; start >= 0; ) {
        let last = start;
        while (this.following[last] === last + 1) last++;
        visit(start, last + 1);
        start = this.following[last]!;
      }
  }
}
