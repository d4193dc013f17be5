import {
  AddressColumn,
  BytesColumn,
  type ColumnArrays,
  type ColumnTable,
  type ColumnType,
  ContractError,
  type Layout,
} from '@weir/contracts';
import type { ByteReader, ByteWriter } from '../../features/state-bytes.js';

/** Rows that one message may hold; a lying count must not take memory. */
const MOST_ROWS = 2 ** 21;

const SEVEN_BITS = 0x80;

/** A whole number from 0, seven bits a byte, lowest first; from 2^53 on as 2^53 − 1, beyond which none is exact. */
export function writeCount(writer: ByteWriter, value: number): void {
  let left = Math.min(value, Number.MAX_SAFE_INTEGER);
  while (left >= SEVEN_BITS) {
    writer.u8((left % SEVEN_BITS) | SEVEN_BITS);
    left = Math.floor(left / SEVEN_BITS);
  }
  writer.u8(left);
}

/** What writeCount wrote. Throws a ContractError for a number that is larger. */
export function readCount(reader: ByteReader): number {
  let value = 0;
  for (let scale = 1; ; scale *= SEVEN_BITS) {
    const byte = reader.u8();
    value += (byte % SEVEN_BITS) * scale;
    if (value > Number.MAX_SAFE_INTEGER) throw new ContractError('a count of more than 2^53. Send the message again.');
    if (byte < SEVEN_BITS) return value;
  }
}

/** All rows of a table, column by column, without the words that are zero. Nothing for a table without rows. */
export function writeRows<L extends Layout>(writer: ByteWriter, { layout, columns, count }: ColumnTable<L>): void {
  if (count === 0) return;
  for (const { name } of layout) writeColumn(writer, columnOf(columns, name), count);
}

function writeColumn(writer: ByteWriter, column: ColumnArrays[ColumnType], rows: number): void {
  if (column instanceof BytesColumn) {
    const { offsets, data } = column;
    writer.packed(bytesOf(offsets.subarray(0, rows + 1)));
    writer.bytes(data.subarray(0, offsets[rows]!));
  } else if (column instanceof AddressColumn) writer.packed(column.bytes.subarray(0, rows * 16));
  else writer.packed(bytesOf(column.subarray(0, rows)));
}

/** Rows up to which a table is kept for the messages to come. */
const MOST_KEPT_ROWS = 2 ** 15;

/**
 * Reads tables of one layout, one after the other, into the same memory: most messages hold a few thousand rows of a
 * hundred bytes, which would be garbage at once.
 */
export class RowsReader<L extends Layout> {
  private kept: ColumnTable<L>;

  /** `create` makes an empty table. */
  constructor(private readonly create: (capacity: number) => ColumnTable<L>) {
    this.kept = create(0);
  }

  /** A table that writeRows wrote, valid until the next is read. Throws a ContractError or LayoutError. */
  read(reader: ByteReader, rows: number): ColumnTable<L> {
    if (rows > MOST_ROWS) throw new ContractError(`${rows} rows in one message; at most ${MOST_ROWS} can be.`);
    const table = this.tableFor(rows);
    table.count = rows;
    if (rows > 0) for (const { name } of table.layout) readColumn(reader, columnOf(table.columns, name), rows);
    return table;
  }

  private tableFor(rows: number): ColumnTable<L> {
    if (rows <= this.kept.capacity) return this.kept;
    const table = this.create(rows);
    if (rows <= MOST_KEPT_ROWS) this.kept = table;
    return table;
  }
}

function readColumn(reader: ByteReader, column: ColumnArrays[ColumnType], rows: number): void {
  if (column instanceof BytesColumn) {
    unpackInto(reader, bytesOf(column.offsets.subarray(0, rows + 1)));
    column.data = reader.bytes();
    checkTexts(column, rows);
  } else if (column instanceof AddressColumn) unpackInto(reader, column.bytes.subarray(0, rows * 16));
  else unpackInto(reader, bytesOf(column.subarray(0, rows)));
}

/** What is zero was left out. */
function unpackInto(reader: ByteReader, bytes: Uint8Array): void {
  bytes.fill(0);
  reader.unpack(bytes);
}

/** Who reads texts trusts where they begin and end. */
function checkTexts({ offsets, data }: BytesColumn, rows: number): void {
  let isSound = offsets[0] === 0 && offsets[rows] === data.length;
  for (let row = 0; row < rows; row++) isSound &&= offsets[row]! <= offsets[row + 1]!;
  if (!isSound) throw new ContractError('the texts of a message do not lie one after the other.');
}

function columnOf(columns: object, name: string): ColumnArrays[ColumnType] {
  return (columns as Record<string, ColumnArrays[ColumnType]>)[name]!;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
