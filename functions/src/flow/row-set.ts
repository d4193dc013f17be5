/** A set of row numbers that gives back its lowest. Three levels of bit maps, so that each step is a few instructions. */
export class RowSet {
  private readonly bits: Int32Array;
  private readonly groups: Int32Array;
  private readonly tops: Int32Array;
  size = 0;

  /** For rows below `capacity`, at most 2^25. */
  constructor(capacity: number) {
    this.bits = new Int32Array((capacity >>> 5) + 1);
    this.groups = new Int32Array((capacity >>> 10) + 1);
    this.tops = new Int32Array((capacity >>> 15) + 1);
  }

  /** Adds a row that is not in the set. */
  add(row: number): void {
    this.bits[row >>> 5]! |= 1 << (row & 31);
    this.groups[row >>> 10]! |= 1 << ((row >>> 5) & 31);
    this.tops[row >>> 15]! |= 1 << ((row >>> 10) & 31);
    this.size++;
  }

  /** Removes and returns the lowest row. The set must not be empty. */
  takeLowest(): number {
    const { bits, groups, tops } = this;
    let top = 0;
    while (tops[top] === 0) top++;
    const group = (top << 5) | lowestBit(tops[top]!);
    const word = (group << 5) | lowestBit(groups[group]!);
    const row = (word << 5) | lowestBit(bits[word]!);
    bits[word]! &= bits[word]! - 1;
    if (bits[word] === 0) groups[group]! &= ~(1 << (word & 31));
    if (groups[group] === 0) tops[top]! &= ~(1 << (group & 31));
    this.size--;
    return row;
  }

  /** All rows, lowest first. */
  toArray(): number[] {
    const rows: number[] = [];
    this.bits.forEach((word, at) => {
      for (let rest = word; rest !== 0; rest &= rest - 1) rows.push((at << 5) | lowestBit(rest));
    });
    return rows;
  }
}

/** Number of the lowest bit that is set. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
