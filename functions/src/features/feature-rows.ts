import { ColumnTable } from '@weir/contracts';

/** What a row of features is about. */
const KEY_COLUMNS = [
  { name: 'timeUs', type: 'f64', unit: 'µs since 1970-01-01 UTC', meaning: 'Flow: last packet; window: its end.' },
  { name: 'startUs', type: 'f64', unit: 'µs since 1970-01-01 UTC', meaning: 'First packet, or start of the window.' },
  {
    name: 'tellableS',
    type: 'f64',
    unit: 's since 1970-01-01 UTC',
    meaning: 'When the watermark has passed this second, all rows with it or an earlier one have come.',
  },
  { name: 'source', type: 'address', unit: '1', meaning: 'Originator of the flow, or the host.' },
  { name: 'destination', type: 'address', unit: '1', meaning: 'Responder of the flow; zero for windows.' },
  { name: 'sourcePort', type: 'u16', unit: '1', meaning: 'Of the originator; 0 for windows.' },
  { name: 'destinationPort', type: 'u16', unit: '1', meaning: 'Of the responder; 0 for windows.' },
  { name: 'protocol', type: 'u8', unit: '1', meaning: 'IANA number; 0 for windows.' },
] as const;

/** Rows of one feature list: who and when in columns, and the features as the matrix that a model takes. */
export class FeatureRows {
  readonly keys = new ColumnTable(KEY_COLUMNS, 64);
  /** Row-major, `width` a row. */
  matrix: Float32Array<ArrayBuffer>;

  constructor(readonly width: number) {
    this.matrix = new Float32Array(this.keys.capacity * width);
  }

  get count(): number {
    return this.keys.count;
  }

  /** Makes room for one more row and gives its number; the caller fills it in. */
  append(): number {
    const { keys } = this;
    if (keys.count === keys.capacity) {
      keys.grow();
      const larger = new Float32Array(keys.capacity * this.width);
      larger.set(this.matrix);
      this.matrix = larger;
    }
    return keys.count++;
  }

  /** Makes room for `count` rows, all zero, in a table that has none. */
  reserve(count: number): void {
    if (count > this.keys.capacity) {
      this.keys.grow(count);
      this.matrix = new Float32Array(this.keys.capacity * this.width);
    }
    this.keys.count = count;
  }

  /** The features of one row; a view. */
  features(row: number): Float32Array {
    return this.matrix.subarray(row * this.width, (row + 1) * this.width);
  }

  clear(): void {
    this.keys.clear();
  }

  /** Keeps the rows at `places`, which ascend, and forgets the others. The memory stays. */
  keep(places: readonly number[]): void {
    for (let first = 0, next = 0; first < places.length; first = next) {
      while (next < places.length && places[next]! - places[first]! === next - first) next++;
      this.move(places[first]!, places[next - 1]! + 1, first);
    }
    this.keys.count = places.length;
  }

  private move(start: number, end: number, to: number): void {
    if (start === to) return;
    const { columns: c } = this.keys;
    const { width } = this;
    for (const column of [c.timeUs, c.startUs, c.tellableS]) column.copyWithin(to, start, end);
    for (const column of [c.sourcePort, c.destinationPort]) column.copyWithin(to, start, end);
    c.protocol.copyWithin(to, start, end);
    for (const { words } of [c.source, c.destination]) words.copyWithin(to * 4, start * 4, end * 4);
    this.matrix.copyWithin(to * width, start * width, end * width);
  }

  /** Appends the rows `[start, end)` of `from`, which has the same width; without these all. */
  takeAll(from: FeatureRows, start = 0, end = from.count): void {
    const { count, width } = this;
    this.keys.appendRows(from.keys, start, end);
    if (this.keys.capacity * width > this.matrix.length) {
      const larger = new Float32Array(this.keys.capacity * width);
      larger.set(this.matrix.subarray(0, count * width));
      this.matrix = larger;
    }
    this.matrix.set(from.matrix.subarray(start * width, end * width), count * width);
  }
}

/** Copies one address between columns. */
export function copyAddress(to: Uint32Array, toRow: number, from: Uint32Array, fromRow: number): void {
  for (let k = 0; k < 4; k++) to[toRow * 4 + k] = from[fromRow * 4 + k]!;
}
