/**
 * Column tables: the one shape in which packets, contributions and flow records travel.
 *
 * A layout declares each column once (name, type, unit, meaning); the table, its Arrow codec, its documentation and its
 * TypeScript types all follow from that declaration.
 */

/** How a column is held. `address` is 16 bytes a row in network order (IPv4 as ::ffff:a.b.c.d, RFC 4291 2.5.5.2). */
export type ColumnType = 'u8' | 'u16' | 'u32' | 'i32' | 'f32' | 'f64' | 'address' | 'bytes';

/** One column's declaration. `unit` is `1` for counts, codes and identifiers. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly unit: string;
  readonly meaning: string;
}

/** Words of 32 bits in one address. */
export const ADDRESS_WORDS = 4;

/**
 * A column of addresses. `words[4 * row + k]` is the k-th group of four bytes *as the machine loads it*: compare and
 * hash words freely, but read single bytes through `bytes`, which is in network order on every machine.
 */
export class AddressColumn {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly words: Uint32Array<ArrayBuffer>;

  constructor(capacity: number, bytes = new Uint8Array(capacity * ADDRESS_WORDS * 4)) {
    this.bytes = bytes;
    this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
  }
}

/** A column of byte strings: row `i` is `data[offsets[i] .. offsets[i + 1])`. Rows are appended in order. */
export class BytesColumn {
  offsets: Int32Array<ArrayBuffer>;
  data: Uint8Array<ArrayBuffer>;

  constructor(capacity: number, dataBytes = 1024) {
    this.offsets = new Int32Array(capacity + 1);
    this.data = new Uint8Array(dataBytes);
  }

  /** Makes room for `extraBytes` after `usedBytes`, keeping what is there. */
  reserve(usedBytes: number, extraBytes: number): void {
    if (usedBytes + extraBytes <= this.data.length) return;
    const larger = new Uint8Array(Math.max(this.data.length * 2, usedBytes + extraBytes));
    larger.set(this.data.subarray(0, usedBytes));
    this.data = larger;
  }

  /** Appends `source[start, end)` as row `row`; rows must be written in order. Returns nothing, copies the bytes. */
  append(row: number, source: Uint8Array, start: number, end: number): void {
    const at = this.offsets[row]!;
    const length = end - start;
    if (at + length > this.data.length) this.reserve(at, length);
    const data = this.data;
    let i = 0;
    // Four at a time: for names of a few dozen bytes faster than a copy through a view.
    for (; i + 4 <= length; i += 4) {
      data[at + i] = source[start + i]!;
      data[at + i + 1] = source[start + i + 1]!;
      data[at + i + 2] = source[start + i + 2]!;
      data[at + i + 3] = source[start + i + 3]!;
    }
    for (; i < length; i++) data[at + i] = source[start + i]!;
    this.offsets[row + 1] = at + length;
  }
}

/** The in-memory form of each column type. */
export interface ColumnArrays {
  u8: Uint8Array<ArrayBuffer>;
  u16: Uint16Array<ArrayBuffer>;
  u32: Uint32Array<ArrayBuffer>;
  i32: Int32Array<ArrayBuffer>;
  f32: Float32Array<ArrayBuffer>;
  f64: Float64Array<ArrayBuffer>;
  address: AddressColumn;
  bytes: BytesColumn;
}

export type Layout = readonly Column[];

/** The columns of a table, by name, as arrays. */
export type ColumnsOf<L extends Layout> = { [C in L[number] as C['name']]: ColumnArrays[C['type']] };

/** The arrays of a layout with room for `capacity` rows. */
export function allocateColumns<L extends Layout>(layout: L, capacity: number): ColumnsOf<L> {
  const columns = columnShape(layout);
  for (const { name, type } of layout) columns[name] = allocateColumn(type, capacity);
  return columns as ColumnsOf<L>;
}

/**
 * An object with a property for each column. V8 turns an object that is given a dozen computed properties into a
 * dictionary, with a hash look-up for each access in the hot loops; one that was parsed keeps a shape, shared by all
 * tables of the layout.
 */
export function columnShape(layout: Layout): Record<string, ColumnArrays[ColumnType]> {
  return JSON.parse(`{${layout.map(({ name }) => `${JSON.stringify(name)}:null`).join(',')}}`);
}

function allocateColumn(type: ColumnType, capacity: number): ColumnArrays[ColumnType] {
  switch (type) {
    case 'u8':
      return new Uint8Array(capacity);
    case 'u16':
      return new Uint16Array(capacity);
    case 'u32':
      return new Uint32Array(capacity);
    case 'i32':
      return new Int32Array(capacity);
    case 'f32':
      return new Float32Array(capacity);
    case 'f64':
      return new Float64Array(capacity);
    case 'address':
      return new AddressColumn(capacity);
    case 'bytes':
      return new BytesColumn(capacity);
  }
}

/**
 * Rows in columns. `count` rows are valid; what lies beyond is scratch. `grow` replaces the arrays, so a hot loop takes
 * `table.columns` afresh after each call that may have grown the table.
 */
export class ColumnTable<L extends Layout> {
  count = 0;

  /** `columns`, where given, must hold `capacity` rows; the table takes them over. */
  constructor(
    readonly layout: L,
    public capacity: number,
    public columns: ColumnsOf<L> = allocateColumns(layout, capacity),
  ) {}

  /** Forgets all rows and keeps the memory. */
  clear(): void {
    this.count = 0;
  }

  /** Forgets the first `rows` rows; the others move up. */
  dropFirst(rows: number): void {
    const columns = this.columns as Record<string, ColumnArrays[ColumnType]>;
    for (const { name } of this.layout) dropRows(columns[name]!, rows, this.count);
    this.count -= rows;
  }

  /** Doubles the capacity (at least to `rows`), keeping the rows that are there. */
  grow(rows: number = this.capacity * 2): void {
    const larger = new ColumnTable(this.layout, Math.max(rows, this.capacity * 2, 16));
    larger.appendRows(this, 0, this.count);
    this.columns = larger.columns;
    this.capacity = larger.capacity;
  }

  /** Appends rows `[start, end)` of a table with the same layout. */
  appendRows(source: ColumnTable<L>, start: number, end: number): void {
    const rows = end - start;
    if (this.count + rows > this.capacity) this.grow(this.count + rows);
    const to = this.columns as Record<string, ColumnArrays[ColumnType]>;
    const from = source.columns as Record<string, ColumnArrays[ColumnType]>;
    for (const { name } of this.layout) copyRows(from[name]!, to[name]!, { start, end, at: this.count });
    this.count += rows;
  }
}

function copyRows(
  from: ColumnArrays[ColumnType],
  to: ColumnArrays[ColumnType],
  rows: { start: number; end: number; at: number },
): void {
  const { start, end, at } = rows;
  if (from instanceof AddressColumn) {
    (to as AddressColumn).bytes.set(from.bytes.subarray(start * 16, end * 16), at * 16);
  } else if (from instanceof BytesColumn) {
    copyByteStrings(from, to as BytesColumn, rows);
  } else {
    (to as Float64Array).set(from.subarray(start, end) as Float64Array, at);
  }
}

function dropRows(column: ColumnArrays[ColumnType], rows: number, count: number): void {
  if (column instanceof AddressColumn) column.bytes.copyWithin(0, rows * 16, count * 16);
  else if (column instanceof BytesColumn) {
    const first = column.offsets[rows]!;
    column.data.copyWithin(0, first, column.offsets[count]!);
    for (let i = rows; i <= count; i++) column.offsets[i - rows] = column.offsets[i]! - first;
  } else column.copyWithin(0, rows, count);
}

function copyByteStrings(
  from: BytesColumn,
  to: BytesColumn,
  { start, end, at }: { start: number; end: number; at: number },
): void {
  const first = from.offsets[start]!;
  const used = to.offsets[at]!;
  const length = from.offsets[end]! - first;
  to.reserve(used, length);
  to.data.set(from.data.subarray(first, first + length), used);
  for (let i = start; i < end; i++) to.offsets[at + i - start + 1] = used + from.offsets[i + 1]! - first;
}
