/*
 * One record batch as the Arrow IPC stream format has it (https://arrow.apache.org/docs/format/Columnar.html), by hand: it is the
 * same few numbers in the same places each time. Field numbers are those of Message.fbs.
 */

const CONTINUATION = 0xffff_ffff;
const VERSION_V5 = 4;
const HEADER_RECORD_BATCH = 3;
const END_BYTES = 8;

/** Where things lie in the metadata; tables follow their vtables, and eight-byte numbers lie at multiples of eight. */
const AT = {
  messageTable: 16,
  bodyLength: 24,
  version: 32,
  headerType: 34,
  batchVtable: 40,
  batchTable: 52,
  rows: 56,
  nodesOffset: 64,
  buffersOffset: 68,
  nodesLength: 76,
  nodes: 80,
} as const;

/** What a record batch says besides its buffers. */
export interface BatchShape {
  readonly rows: number;
  readonly columns: number;
}

/** `schema` (a whole message), then one record batch of `buffers`, then the mark that ends a stream. */
export function writeRecordBatch(
  schema: Uint8Array,
  buffers: readonly Uint8Array[],
  shape: BatchShape,
): Uint8Array<ArrayBuffer> {
  const metadataBytes = AT.nodes + 16 * shape.columns + 8 + 16 * buffers.length;
  let bodyBytes = 0;
  for (const { length } of buffers) bodyBytes += padded(length);
  const metadataAt = schema.length + 8;
  const stream = new Uint8Array(metadataAt + metadataBytes + bodyBytes + END_BYTES);
  const view = new DataView(stream.buffer);
  stream.set(schema);
  view.setUint32(schema.length, CONTINUATION, true);
  view.setUint32(schema.length + 4, metadataBytes, true);
  const metadata = new DataView(stream.buffer, metadataAt, metadataBytes);
  writeTables(metadata, bodyBytes, shape);
  writeBuffers(metadata, buffers, { stream, bodyAt: metadataAt + metadataBytes, columns: shape.columns });
  view.setUint32(stream.length - END_BYTES, CONTINUATION, true);
  return stream;
}

function padded(lengthBytes: number): number {
  return Math.ceil(lengthBytes / 8) * 8;
}

function writeTables(metadata: DataView, bodyBytes: number, { rows, columns }: BatchShape): void {
  const u16 = (at: number, ...values: number[]) => {
    for (const [i, value] of values.entries()) metadata.setUint16(at + 2 * i, value, true);
  };
  const u32 = (at: number, value: number) => metadata.setUint32(at, value, true);
  u32(0, AT.messageTable);
  // Size of the vtable, size of the table, then where version, headerType, header and bodyLength lie in it.
  u16(4, 12, 20, AT.version - 16, AT.headerType - 16, 4, AT.bodyLength - 16);
  u32(AT.messageTable, AT.messageTable - 4);
  u32(AT.messageTable + 4, AT.batchTable - (AT.messageTable + 4));
  size(metadata, AT.bodyLength, bodyBytes);
  u16(AT.version, VERSION_V5);
  metadata.setUint8(AT.headerType, HEADER_RECORD_BATCH);
  // The same for length, nodes and buffers.
  u16(AT.batchVtable, 10, 20, AT.rows - 52, AT.nodesOffset - 52, AT.buffersOffset - 52);
  u32(AT.batchTable, AT.batchTable - AT.batchVtable);
  size(metadata, AT.rows, rows);
  u32(AT.nodesOffset, AT.nodesLength - AT.nodesOffset);
  u32(AT.nodesLength, columns);
  for (let column = 0; column < columns; column++) size(metadata, AT.nodes + 16 * column, rows);
}

/** Copies the buffers into the body, each padded to eight bytes, and notes where each lies. */
function writeBuffers(
  metadata: DataView,
  buffers: readonly Uint8Array[],
  { stream, bodyAt, columns }: { stream: Uint8Array; bodyAt: number; columns: number },
): void {
  const lengthAt = AT.nodes + 16 * columns + 4;
  metadata.setUint32(AT.buffersOffset, lengthAt - AT.buffersOffset, true);
  metadata.setUint32(lengthAt, buffers.length, true);
  let at = 0;
  for (let i = 0; i < buffers.length; i++) {
    const buffer = buffers[i]!;
    size(metadata, lengthAt + 4 + 16 * i, at);
    size(metadata, lengthAt + 12 + 16 * i, buffer.length);
    stream.set(buffer, bodyAt + at);
    at += padded(buffer.length);
  }
}

/** A 64-bit count below 2^53. */
function size(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}
