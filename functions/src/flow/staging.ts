import {
  AddressColumn,
  BytesColumn,
  type ColumnArrays,
  type ColumnsOf,
  ColumnTable,
  type ColumnType,
  copyRows,
  type Layout,
  type PacketTable,
} from '@weir/contracts';
import { MAX_NOTE_BYTES } from './core-layout.js';

type Columns = Readonly<Record<string, ColumnArrays[ColumnType]>>;
type Values = Exclude<ColumnArrays[ColumnType], AddressColumn | BytesColumn>;

/** A column's rows of one slice, and where they go. */
interface Copy {
  readonly from: Values;
  readonly to: Values;
}

/**
 * Copies packets into the compiled core, a slice at a time. A sensor's batches come in one and the same table, so what is
 * copied from where is worked out once for each slice of it. Rows behind the last packet are copied too: nobody reads them.
 */
export class Staging {
  private readonly texts: ColumnTable<Layout>;
  /** The table that the slices are of. */
  private source: Columns | undefined;
  private readonly slices = new Map<number, readonly Copy[]>();

  constructor(private readonly staged: ColumnTable<Layout>) {
    const texts = staged.layout.filter(({ type }) => type === 'bytes');
    this.texts = new ColumnTable(texts, staged.capacity, staged.columns as ColumnsOf<Layout>);
  }

  /** Copies packets from `from` on, as many as fit. Returns how many. */
  copy({ columns, count, capacity }: PacketTable, from: number): number {
    if (this.source !== columns) {
      this.source = columns;
      this.slices.clear();
    }
    const end = Math.min(count, from + this.staged.capacity);
    for (const { from: source, to } of this.sliceFrom(from, capacity)) to.set(source as Float64Array);
    copyRows(columns, this.texts, { start: from, end, maxRowBytes: MAX_NOTE_BYTES });
    return end - from;
  }

  private sliceFrom(start: number, capacity: number): readonly Copy[] {
    let slice = this.slices.get(start);
    if (slice === undefined) {
      slice = this.copiesOf(start, Math.min(capacity, start + this.staged.capacity));
      this.slices.set(start, slice);
    }
    return slice;
  }

  private copiesOf(start: number, end: number): Copy[] {
    const targets = this.staged.columns as Columns;
    return this.staged.layout.flatMap(({ name }) => {
      const source = this.source?.[name];
      const target = targets[name]!;
      if (source === undefined || source instanceof BytesColumn) return [];
      if (source instanceof AddressColumn)
        return [{ from: source.bytes.subarray(start * 16, end * 16), to: (target as AddressColumn).bytes }];
      return [{ from: source.subarray(start, end), to: target as Values }];
    });
  }
}
