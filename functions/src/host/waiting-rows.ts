import {
  AddressColumn,
  BytesColumn,
  type ColumnArrays,
  ColumnTable,
  type ColumnType,
  type Layout,
} from '@weir/contracts';
import type { ByteReader, ByteWriter } from '../features/state-bytes.js';
import { LayoutError } from '../runtime/port.js';
import type { PaneChains } from './pane-chains.js';

/** Writes the rows of a table that wait, in pane order. Without rows: four bytes. */
export function encodeRows(writer: ByteWriter, table: ColumnTable<Layout>, panes: PaneChains): void {
  writer.u32(panes.waiting);
  if (panes.waiting === 0) return;
  const rows = new ColumnTable<Layout>(table.layout, panes.waiting);
  panes.visitStretches((start, end) => rows.appendRows(table, start, end));
  for (const { name } of rows.layout) writeColumn(writer, rows.columns[name]!, rows.count);
}

function writeColumn(writer: ByteWriter, column: ColumnArrays[ColumnType], rows: number): void {
  if (column instanceof AddressColumn) writer.packed(column.bytes.subarray(0, rows * 16));
  else if (column instanceof BytesColumn) {
    writer.packed(new Uint8Array(column.offsets.buffer, 0, (rows + 1) * 4));
    writer.bytes(column.data.subarray(0, column.offsets[rows]!));
  } else writer.packed(new Uint8Array(column.buffer, 0, rows * column.BYTES_PER_ELEMENT));
}

/** Puts what `encodeRows` wrote into an empty table. */
export function decodeRows(reader: ByteReader, table: ColumnTable<Layout>): void {
  const rows = reader.u32();
  if (rows === 0) return;
  if (rows > reader.remainingBytes * 8) throw new LayoutError(`${rows} rows in ${reader.remainingBytes} bytes`);
  if (rows > table.capacity) table.grow(rows);
  for (const { name } of table.layout) readColumn(reader, table.columns[name]!, rows);
  table.count = rows;
}

function readColumn(reader: ByteReader, column: ColumnArrays[ColumnType], rows: number): void {
  if (column instanceof AddressColumn) reader.unpack(column.bytes.subarray(0, rows * 16));
  else if (column instanceof BytesColumn) {
    reader.unpack(new Uint8Array(column.offsets.buffer, 0, (rows + 1) * 4));
    column.data = reader.bytes();
  } else reader.unpack(new Uint8Array(column.buffer, 0, rows * column.BYTES_PER_ELEMENT));
}
