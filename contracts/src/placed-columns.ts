import {
  AddressColumn,
  BytesColumn,
  type ColumnArrays,
  type ColumnsOf,
  ColumnTable,
  type ColumnType,
  columnShape,
  type Layout,
} from './columns.js';

/**
 * Tables at fixed places of one memory, for compiled cores (WebAssembly) that read and write the same columns. The cores'
 * constants are generated from these places, so that both sides cannot disagree.
 */

/** One column of a placed table: byte offset from the table's start. */
export interface PlacedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly offset: number;
  /** Of a `bytes` column: where its data lie; `offset` is that of its row ends. */
  readonly dataOffset?: number;
}

/** Where the columns of a table lie that holds `capacity` rows and takes `size` bytes. */
export interface PlacedTable<L extends Layout = Layout> {
  readonly layout: L;
  readonly capacity: number;
  readonly columns: readonly PlacedColumn[];
  readonly size: number;
}

const ROW_BYTES = { u8: 1, u16: 2, u32: 4, i32: 4, f32: 4, f64: 8, address: 16 } as const;
/** Wide loads want aligned columns. Unit: byte. */
const ALIGNMENT = 64;

/** Places a table. `maxRowBytes` is what one row of a `bytes` column may take. */
export function placeTable<const L extends Layout>(layout: L, capacity: number, maxRowBytes = 0): PlacedTable<L> {
  let size = 0;
  const take = (bytes: number) => {
    const at = size;
    size = Math.ceil((at + bytes) / ALIGNMENT) * ALIGNMENT;
    return at;
  };
  const columns = layout.map(({ name, type }) => {
    if (type !== 'bytes') return { name, type, offset: take(ROW_BYTES[type] * capacity) };
    return { name, type, offset: take(4 * (capacity + 1)), dataOffset: take(maxRowBytes * capacity) };
  });
  return { layout, capacity, columns, size };
}

/** The placed table that begins at byte `at` of `buffer`, as a table without rows that cannot grow in place. */
export function viewTable<L extends Layout>(placed: PlacedTable<L>, buffer: ArrayBuffer, at: number): ColumnTable<L> {
  const views = columnShape(placed.layout);
  placed.columns.forEach((column, k) => {
    const next = placed.columns[k + 1]?.offset ?? placed.size;
    views[column.name] = viewColumn(column, buffer, { at, rows: placed.capacity, endAt: at + next });
  });
  return new ColumnTable(placed.layout, placed.capacity, views as ColumnsOf<L>);
}

function viewColumn(
  { type, offset, dataOffset = 0 }: PlacedColumn,
  buffer: ArrayBuffer,
  { at, rows, endAt }: { at: number; rows: number; endAt: number },
): ColumnArrays[ColumnType] {
  const from = at + offset;
  switch (type) {
    case 'u8':
      return new Uint8Array(buffer, from, rows);
    case 'u16':
      return new Uint16Array(buffer, from, rows);
    case 'u32':
      return new Uint32Array(buffer, from, rows);
    case 'i32':
      return new Int32Array(buffer, from, rows);
    case 'f32':
      return new Float32Array(buffer, from, rows);
    case 'f64':
      return new Float64Array(buffer, from, rows);
    case 'address':
      return new AddressColumn(rows, new Uint8Array(buffer, from, rows * 16));
    case 'bytes': {
      const column = new BytesColumn(0, 0);
      column.offsets = new Int32Array(buffer, from, rows + 1);
      column.data = new Uint8Array(buffer, at + dataOffset, endAt - at - dataOffset);
      return column;
    }
  }
}

/**
 * Replaces the rows of a placed table by rows `[start, end)` of another with the same columns and perhaps more, as many as
 * it can hold at most. Texts longer than `maxRowBytes` are cut.
 */
export function copyRows(
  from: Readonly<Record<string, ColumnArrays[ColumnType]>>,
  into: ColumnTable<Layout>,
  { start, end, maxRowBytes = 0 }: { start: number; end: number; maxRowBytes?: number },
): void {
  const columns = into.columns as Record<string, ColumnArrays[ColumnType]>;
  for (const { name } of into.layout) {
    const source = from[name]!;
    const target = columns[name]!;
    if (source instanceof BytesColumn) copyTexts(source, target as BytesColumn, { start, end, maxRowBytes });
    else if (source instanceof AddressColumn)
      (target as AddressColumn).bytes.set(source.bytes.subarray(start * 16, end * 16));
    else (target as Float64Array).set((source as Float64Array).subarray(start, end));
  }
  into.count = end - start;
}

/** Texts, which begin at 0 in the copy. */
function copyTexts(
  from: BytesColumn,
  into: BytesColumn,
  { start, end, maxRowBytes }: { start: number; end: number; maxRowBytes: number },
): void {
  const first = from.offsets[start]!;
  const last = from.offsets[end]!;
  if (last - first <= (end - start) * maxRowBytes) {
    for (let i = start; i <= end; i++) into.offsets[i - start] = from.offsets[i]! - first;
    if (last > first) into.data.set(from.data.subarray(first, last));
    return;
  }
  into.offsets[0] = 0;
  for (let i = start; i < end; i++) {
    const at = from.offsets[i]!;
    into.append(i - start, from.data, at, Math.min(from.offsets[i + 1]!, at + maxRowBytes));
  }
}
