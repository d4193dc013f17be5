import { ContractError, type FeatureListName } from '@weir/contracts';
import { collectedWidth } from '../features/feature-collector.js';
import { FeatureRows } from '../features/feature-rows.js';
import type { ByteReader, ByteWriter } from '../features/state-bytes.js';

/** Rows that one table may hold; a lying count must not take memory. */
const MOST_ROWS = 2 ** 19;

/** Rows of features as bytes, without the words that are zero. */
export function writeFeatureRows(writer: ByteWriter, rows: FeatureRows): void {
  const { count, width } = rows;
  writer.u32(count);
  if (count === 0) return;
  for (const column of numberColumns(rows)) writer.packed(bytesOf(column.subarray(0, count)));
  for (const column of addressColumns(rows)) writer.packed(column.subarray(0, count * 16));
  writer.packed(bytesOf(rows.matrix.subarray(0, count * width)));
}

/** What writeFeatureRows wrote of rows of `list`. Throws a ContractError or LayoutError. */
export function readFeatureRows(reader: ByteReader, list: FeatureListName): FeatureRows {
  const rows = new FeatureRows(collectedWidth(list));
  const count = reader.u32();
  if (count > MOST_ROWS)
    throw new ContractError(`${count} rows of features in one table; at most ${MOST_ROWS} can be.`);
  if (count === 0) return rows;
  rows.reserve(count);
  for (const column of numberColumns(rows)) reader.unpack(bytesOf(column.subarray(0, count)));
  for (const column of addressColumns(rows)) reader.unpack(column.subarray(0, count * 16));
  reader.unpack(bytesOf(rows.matrix.subarray(0, count * rows.width)));
  return rows;
}

function numberColumns({ keys: { columns: c } }: FeatureRows) {
  return [c.timeUs, c.startUs, c.tellableS, c.sourcePort, c.destinationPort, c.protocol];
}

function addressColumns({ keys: { columns: c } }: FeatureRows) {
  return [c.source.bytes, c.destination.bytes];
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
