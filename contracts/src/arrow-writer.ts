import {
  Binary,
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
import type { AddressColumn, BytesColumn, Column, ColumnArrays, ColumnTable, ColumnType, Layout } from './columns.js';
import type { VersionedLayout } from './layouts.js';
import { writeRecordBatch } from './record-batch-writer.js';

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

/**
 * The rows of a table as an Arrow IPC stream of one record batch, with `message` as JSON in its metadata. The columns
 * are handed over whole; nothing is done for each row.
 */
export function writeTable<L extends Layout>(
  layout: VersionedLayout<L>,
  table: ColumnTable<L>,
  message: object,
): Uint8Array<ArrayBuffer> {
  const columns = table.columns as Record<string, ColumnArrays[ColumnType]>;
  const buffers = layout.columns.flatMap((column) => buffersOf(column, columns[column.name]!, table.count));
  return writeRecordBatch(schemaMessage(layout, JSON.stringify(message)), buffers, {
    rows: table.count,
    columns: layout.columns.length,
  });
}

const NO_BYTES = new Uint8Array();

/** A column as Arrow's buffers: validity (none, as no value is ever missing), offsets where lengths vary, values. */
function buffersOf({ type }: Column, column: ColumnArrays[ColumnType], rows: number): Uint8Array[] {
  if (type === 'address') return [NO_BYTES, (column as AddressColumn).bytes.subarray(0, rows * 16)];
  if (type === 'bytes') {
    const { offsets, data } = column as BytesColumn;
    return [NO_BYTES, bytesOf(offsets.subarray(0, rows + 1)), data.subarray(0, offsets[rows])];
  }
  return [NO_BYTES, bytesOf((column as Uint8Array<ArrayBuffer>).subarray(0, rows))];
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** JSON is padded with spaces to a multiple of this, so that few lengths occur. */
const JSON_STEP_BYTES = 64;

/** Schemas already written, with room for JSON of a length: the room is filled with STAND_IN. */
interface SchemaTemplate {
  readonly bytes: Uint8Array;
  readonly jsonAt: number;
}
const STAND_IN = '\u0001';

const templates = new WeakMap<Layout, Map<number, SchemaTemplate>>();

/**
 * The schema's message with `json` in its metadata. The Arrow library takes half a millisecond to write one, and a flow
 * partition sends several a batch; so what differs is written into a copy of one that it wrote.
 */
function schemaMessage(layout: VersionedLayout<Layout>, json: string): Uint8Array {
  const text = new TextEncoder().encode(json);
  const roomBytes = Math.ceil(text.length / JSON_STEP_BYTES) * JSON_STEP_BYTES;
  const { bytes, jsonAt } = templateFor(layout, roomBytes);
  const message = bytes.slice();
  message.set(text, jsonAt);
  message.fill(0x20, jsonAt + text.length, jsonAt + roomBytes);
  return message;
}

function templateFor(layout: VersionedLayout<Layout>, jsonBytes: number): SchemaTemplate {
  const known = templates.get(layout.columns) ?? new Map<number, SchemaTemplate>();
  templates.set(layout.columns, known);
  const found = known.get(jsonBytes);
  if (found) return found;
  const template = writeTemplate(layout, jsonBytes);
  known.set(jsonBytes, template);
  return template;
}

function writeTemplate({ name, version, columns }: VersionedLayout<Layout>, jsonBytes: number): SchemaTemplate {
  const standIn = STAND_IN.repeat(jsonBytes);
  const fields = columns.map((column) => new Field(column.name, ARROW_TYPES[column.type], false));
  const metadata = new Map<string, string>([
    [METADATA_KEY.layout, name],
    [METADATA_KEY.version, String(version)],
    [METADATA_KEY.message, standIn],
  ]);
  const writer = new RecordBatchStreamWriter();
  const type = new Struct(fields);
  writer.write(new RecordBatch(new Schema(fields, metadata), makeData({ type, length: 0, children: [] })));
  const stream = writer.finish().toUint8Array(true);
  const lengthBytes = 8 + new DataView(stream.buffer, stream.byteOffset).getUint32(4, true);
  const bytes = stream.slice(0, lengthBytes);
  return { bytes, jsonAt: firstRun(bytes, jsonBytes) };
}

/** Where STAND_IN stands `length` times in a row. */
function firstRun(bytes: Uint8Array, length: number): number {
  let run = 0;
  for (let i = 0; i < bytes.length; i++) {
    run = bytes[i] === 1 ? run + 1 : 0;
    if (run === length) return i + 1 - length;
  }
  throw new RangeError('the Arrow library has written a schema without its metadata');
}
