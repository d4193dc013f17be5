/** Rows of a table that were picked out, in order. Kept and filled again, so that a pane allocates nothing. */
export class RowList {
  rows = new Int32Array(64);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  add(row: number): void {
    if (this.count === this.rows.length) this.grow();
    this.rows[this.count++] = row;
  }

  private grow(): void {
    const larger = new Int32Array(this.rows.length * 2);
    larger.set(this.rows);
    this.rows = larger;
  }
}
