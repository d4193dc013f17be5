import {
  AddressColumn,
  BytesColumn,
  type Column,
  type ColumnArrays,
  type ColumnsOf,
  ColumnTable,
  type ColumnType,
  type Layout,
} from './columns.js';
import { ContractError } from './contract-error.js';
import type { FlatbufferTable, VectorSpan } from './flatbuffer.js';
import type { VersionedLayout } from './layouts.js';

/** Fields of RecordBatch in Message.fbs; its structs FieldNode and Buffer are two 64-bit numbers each. */
const RECORD_BATCH = { length: 0, nodes: 1, buffers: 2, compression: 3 } as const;
const NODE_BYTES = 16;
const BUFFER_BYTES = 16;

/** Last whole second that the `…S` columns can hold, in µs. */
const MAX_TIME_US = 0xffff_ffff * 1e6;

/** Takes the buffers of a record batch in order. */
class BufferCursor {
  private next = 0;

  constructor(
    private readonly batch: FlatbufferTable,
    private readonly buffers: VectorSpan,
    private readonly body: Uint8Array<ArrayBuffer>,
  ) {}

  skip(): void {
    this.next++;
  }

  /** The next buffer, of which at least `neededBytes` must be there; exactly those when given. */
  take(neededBytes?: number): Uint8Array<ArrayBuffer> {
    const at = this.buffers.at + BUFFER_BYTES * this.next++;
    const offset = this.batch.sizeAt(at);
    const length = this.batch.sizeAt(at + 8);
    if (offset % 8 !== 0) throw new RangeError('a buffer that does not begin at a multiple of 8');
    if (offset + length > this.body.length) throw new RangeError('a buffer past its body');
    if (neededBytes === undefined) return this.body.subarray(offset, offset + length);
    if (length < neededBytes) throw new RangeError(`a buffer of ${length} bytes where its rows need ${neededBytes}`);
    return this.body.subarray(offset, offset + neededBytes);
  }
}

/**
 * The table in a record batch whose schema fits `layout`, its columns laid over `body`. Throws a ContractError or a
 * RangeError for counts, buffers or values that do not fit.
 */
export function readRows<L extends Layout>(
  layout: VersionedLayout<L>,
  header: FlatbufferTable,
  body: Uint8Array<ArrayBuffer>,
): ColumnTable<L> {
  const rows = header.size(RECORD_BATCH.length);
  if (header.has(RECORD_BATCH.compression)) {
    throw new ContractError(`${layout.name}: compressed columns. Let Kafka compress, and send them plain.`);
  }
  checkNodes(layout, header, rows);
  const buffers = header.vector(RECORD_BATCH.buffers, BUFFER_BYTES);
  const wanted = layout.columns.reduce((sum, { type }) => sum + (type === 'bytes' ? 3 : 2), 0);
  if (buffers.length !== wanted) throw new RangeError(`${buffers.length} buffers instead of ${wanted}`);
  const cursor = new BufferCursor(header, buffers, body);
  const columns: Record<string, ColumnArrays[ColumnType]> = {};
  for (const column of layout.columns) columns[column.name] = readColumn(column, cursor, rows);
  const table = new ColumnTable(layout.columns, rows, columns as ColumnsOf<L>);
  table.count = rows;
  return table;
}

function checkNodes(layout: VersionedLayout<Layout>, batch: FlatbufferTable, rows: number): void {
  const nodes = batch.vector(RECORD_BATCH.nodes, NODE_BYTES);
  const wanted = layout.columns.length;
  if (nodes.length !== wanted) throw new RangeError(`${nodes.length} columns in the record batch instead of ${wanted}`);
  for (let i = 0; i < wanted; i++) {
    const { name } = layout.columns[i]!;
    const length = batch.sizeAt(nodes.at + NODE_BYTES * i);
    if (length !== rows) throw new RangeError(`${length} rows in column "${name}" of a batch of ${rows}`);
    if (batch.sizeAt(nodes.at + NODE_BYTES * i + 8) !== 0) {
      throw new ContractError(`${layout.name}: column "${name}" has nulls. Write 0, or no bytes, for what is unknown.`);
    }
  }
}

function readColumn({ name, type, unit }: Column, cursor: BufferCursor, rows: number): ColumnArrays[ColumnType] {
  cursor.skip(); // validity: nothing is null
  switch (type) {
    case 'u8':
      return cursor.take(rows);
    case 'u16':
      return lay(Uint16Array<ArrayBuffer>, cursor.take(2 * rows), rows);
    case 'u32':
      return lay(Uint32Array<ArrayBuffer>, cursor.take(4 * rows), rows);
    case 'i32':
      return lay(Int32Array<ArrayBuffer>, cursor.take(4 * rows), rows);
    case 'f32':
      return checkFinite(name, lay(Float32Array<ArrayBuffer>, cursor.take(4 * rows), rows), Number.MAX_VALUE);
    case 'f64':
      return checkFinite(name, lay(Float64Array<ArrayBuffer>, cursor.take(8 * rows), rows), largest(unit));
    case 'address':
      return new AddressColumn(rows, cursor.take(16 * rows));
    case 'bytes':
      return readByteStrings(name, cursor, rows);
  }
}

function lay<A>(
  kind: new (buffer: ArrayBuffer, byteOffset: number, length: number) => A,
  bytes: Uint8Array<ArrayBuffer>,
  rows: number,
): A {
  return new kind(bytes.buffer, bytes.byteOffset, rows);
}

function largest(unit: string): number {
  return unit.startsWith('µs since') ? MAX_TIME_US : Number.MAX_VALUE;
}

/** Weir's reals are times, counts and sums: never negative, never NaN. Readers rely on it. */
function checkFinite<A extends Float32Array | Float64Array>(name: string, values: A, max: number): A {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= 0 && value <= max)) throw new RangeError(`${value} in row ${i} of column "${name}"`);
  }
  return values;
}

function readByteStrings(name: string, cursor: BufferCursor, rows: number): BytesColumn {
  const column = new BytesColumn(0, 0);
  const offsets = cursor.take(rows === 0 ? undefined : 4 * (rows + 1));
  column.data = cursor.take();
  if (rows === 0) return column;
  column.offsets = lay(Int32Array<ArrayBuffer>, offsets, rows + 1);
  let previous = 0;
  for (let i = 0; i <= rows; i++) {
    const offset = column.offsets[i]!;
    if (offset < previous || offset > column.data.length) {
      throw new RangeError(`offset ${offset} at row ${i} of column "${name}", after ${previous}`);
    }
    previous = offset;
  }
  return column;
}
