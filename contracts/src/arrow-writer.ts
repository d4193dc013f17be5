import {
  Binary,
  type Data,
  type DataType,
  Field,
  FixedSizeBinary,
  Float32,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Uint8,
  Uint16,
  Uint32,
} from 'apache-arrow';
import type { AddressColumn, BytesColumn, ColumnArrays, ColumnTable, ColumnType, Layout } from './columns.js';
import type { VersionedLayout } from './layouts.js';

/** Schema metadata of every stream: which layout, its version, and what the message says besides its rows, as JSON. */
export const METADATA_KEY = { layout: 'weir.layout', version: 'weir.version', message: 'weir' } as const;

const ARROW_TYPES: Record<ColumnType, DataType> = {
  u8: new Uint8(),
  u16: new Uint16(),
  u32: new Uint32(),
  i32: new Int32(),
  f32: new Float32(),
  f64: new Float64(),
  address: new FixedSizeBinary(16),
  bytes: new Binary(),
};

interface ArrowShape {
  readonly fields: Field[];
  readonly struct: Struct;
}

const shapes = new WeakMap<Layout, ArrowShape>();

function shapeOf(layout: Layout): ArrowShape {
  const known = shapes.get(layout);
  if (known) return known;
  const fields = layout.map(({ name, type }) => new Field(name, ARROW_TYPES[type], false));
  const shape = { fields, struct: new Struct(fields) };
  shapes.set(layout, shape);
  return shape;
}

/**
 * The rows of a table as an Arrow IPC stream of one record batch, with `message` as JSON in its metadata. The columns
 * are handed over whole; nothing is done for each row.
 */
export function writeTable<L extends Layout>(
  layout: VersionedLayout<L>,
  table: ColumnTable<L>,
  message: object,
): Uint8Array<ArrayBuffer> {
  const { fields, struct } = shapeOf(layout.columns);
  const metadata = new Map<string, string>([
    [METADATA_KEY.layout, layout.name],
    [METADATA_KEY.version, String(layout.version)],
    [METADATA_KEY.message, JSON.stringify(message)],
  ]);
  const columns = table.columns as Record<string, ColumnArrays[ColumnType]>;
  const children = layout.columns.map(({ name, type }) => columnData(type, columns[name]!, table.count));
  const data = makeData({ type: struct, length: table.count, nullCount: 0, children });
  const writer = new RecordBatchStreamWriter();
  writer.write(new RecordBatch(new Schema(fields, metadata), data));
  return writer.finish().toUint8Array(true) as Uint8Array<ArrayBuffer>;
}

function columnData(columnType: ColumnType, column: ColumnArrays[ColumnType], length: number): Data {
  const type = ARROW_TYPES[columnType];
  if (columnType === 'address') {
    const data = (column as AddressColumn).bytes.subarray(0, length * 16);
    return makeData({ type: type as FixedSizeBinary, length, nullCount: 0, data });
  }
  if (columnType === 'bytes') {
    const { offsets, data } = column as BytesColumn;
    const valueOffsets = offsets.subarray(0, length + 1);
    return makeData({
      type: type as Binary,
      length,
      nullCount: 0,
      valueOffsets,
      data: data.subarray(0, offsets[length]),
    });
  }
  const data = (column as Uint8Array<ArrayBuffer>).subarray(0, length);
  return makeData({ type: type as Uint8, length, nullCount: 0, data });
}
