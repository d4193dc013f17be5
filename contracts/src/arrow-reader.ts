import { readRows } from './arrow-rows.js';
import { METADATA_KEY } from './arrow-writer.js';
import { type Column, ColumnTable, type ColumnType, type Layout } from './columns.js';
import { ContractError } from './contract-error.js';
import { FlatbufferTable } from './flatbuffer.js';
import type { VersionedLayout } from './layouts.js';

/*
 * Reads what writeTable wrote, or any other Arrow IPC stream of the same columns. Written by hand because these bytes
 * come from the network: the Arrow library trusts the lengths it reads, and walks vectors of 2^31 elements when told to.
 * Field numbers are those of Message.fbs and Schema.fbs (https://arrow.apache.org/docs/format/Columnar.html).
 */

const MESSAGE = { version: 0, headerType: 1, header: 2, bodyLength: 3 } as const;
const HEADER_SCHEMA = 1;
const HEADER_RECORD_BATCH = 3;
const SCHEMA = { endianness: 0, fields: 1, customMetadata: 2 } as const;
const FIELD = { name: 0, typeKind: 2, type: 3, dictionary: 4 } as const;
const TYPE_KIND = { int: 2, float: 3, binary: 4, utf8: 5, fixedSizeBinary: 15 } as const;
const OLDEST_VERSION = 3; // MetadataVersion V4, since Arrow 0.8

const CONTINUATION = 0xffff_ffff;
const MAX_METADATA_PAIRS = 16;
const MAX_NAME_BYTES = 256;
const MAX_MESSAGE_BYTES = 65_536;

/** What a stream held, and where the next one would begin. */
export interface ReadTable<L extends Layout> {
  readonly table: ColumnTable<L>;
  /** The metadata's JSON, not yet checked against anything. */
  readonly message: unknown;
  readonly end: number;
}

/**
 * The table in the Arrow IPC stream that begins at `bytes[start]`. It shares the memory of `bytes` where alignment
 * allows, so leave them alone afterwards. Throws a ContractError, and nothing else, for bytes that are not such a
 * stream; takes memory in proportion to `bytes` whatever lengths they claim.
 */
export function readTable<L extends Layout>(layout: VersionedLayout<L>, bytes: Uint8Array, start = 0): ReadTable<L> {
  // A Buffer would give Buffers as columns, which are another shape to the loops that read them.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return readStream(layout, plain, start);
  } catch (error) {
    if (error instanceof ContractError) throw error;
    throw new ContractError(
      `${layout.name}: not an Arrow IPC stream (${(error as Error).message}). Send what docs/wire-format.md describes.`,
    );
  }
}

/**
 * Name of the layout that the stream in `bytes` says it has; undefined when it says none, or is no stream. Nothing else is
 * checked: readTable does.
 */
export function layoutNameOf(bytes: Uint8Array): string | undefined {
  try {
    const first = readMessage(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
    return first?.kind === HEADER_SCHEMA ? readMetadata(first.header).get(METADATA_KEY.layout) : undefined;
  } catch {
    return undefined;
  }
}

function readStream<L extends Layout>(layout: VersionedLayout<L>, bytes: Uint8Array, start: number): ReadTable<L> {
  const first = readMessage(bytes, start);
  if (first?.kind !== HEADER_SCHEMA) throw new RangeError('no schema at its beginning');
  const message = checkSchema(layout, first.header);
  const second = readMessage(bytes, first.end);
  if (!second) return { table: new ColumnTable(layout.columns, 0), message, end: first.end + 8 };
  if (second.kind !== HEADER_RECORD_BATCH) throw new RangeError('no record batch after the schema');
  const table = readRows(layout, second.header, second.body);
  if (second.end === bytes.length) return { table, message, end: second.end };
  if (readMessage(bytes, second.end)) {
    throw new ContractError(`${layout.name}: more than one record batch. Send one a stream.`);
  }
  return { table, message, end: second.end + 8 };
}

interface ArrowMessage {
  readonly kind: number;
  readonly header: FlatbufferTable;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly end: number;
}

/** The message at `at`, or nothing at the mark that ends a stream. */
function readMessage(bytes: Uint8Array, at: number): ArrowMessage | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(at, true) !== CONTINUATION) throw new RangeError(`no message at byte ${at}`);
  const metadataBytes = view.getUint32(at + 4, true);
  if (metadataBytes === 0) return undefined;
  const bodyStart = at + 8 + metadataBytes;
  if (bodyStart > bytes.length) throw new RangeError('cut in its metadata');
  const message = FlatbufferTable.root(bytes.subarray(at + 8, bodyStart));
  if (message.int16(MESSAGE.version) < OLDEST_VERSION) throw new RangeError('a format older than Arrow 0.8');
  const end = bodyStart + message.size(MESSAGE.bodyLength);
  if (end > bytes.length) throw new RangeError('cut in its body');
  const header = message.table(MESSAGE.header);
  return { kind: message.uint8(MESSAGE.headerType), header, body: alignedBody(bytes, bodyStart, end), end };
}

/** The body as it lies, or a copy where typed arrays of eight bytes could not lie over it. */
function alignedBody(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  const shared = !(bytes.buffer instanceof ArrayBuffer);
  const body = bytes.subarray(start, end) as Uint8Array<ArrayBuffer>;
  return shared || body.byteOffset % 8 !== 0 ? new Uint8Array(body) : body;
}

/** Checks layout, version and columns; gives the metadata's JSON. */
function checkSchema(layout: VersionedLayout<Layout>, schema: FlatbufferTable): unknown {
  if (schema.int16(SCHEMA.endianness) !== 0) {
    throw new ContractError(`${layout.name}: big-endian columns. Write them little-endian.`);
  }
  const metadata = readMetadata(schema);
  checkVersion(layout, metadata);
  const fields = schema.vector(SCHEMA.fields, 4);
  const wanted = layout.columns.length;
  if (fields.length !== wanted) {
    throw new ContractError(`${layout.name}: ${fields.length} columns instead of ${wanted}. ${SEE_LAYOUT}`);
  }
  for (let i = 0; i < wanted; i++) checkField(layout.name, layout.columns[i]!, schema.element(fields, i));
  return parseMessage(layout.name, metadata.get(METADATA_KEY.message));
}

const SEE_LAYOUT = 'See docs/wire-format.md for the columns and their order.';

function readMetadata(schema: FlatbufferTable): Map<string, string> {
  const pairs = schema.vector(SCHEMA.customMetadata, 4);
  if (pairs.length > MAX_METADATA_PAIRS) throw new RangeError(`${pairs.length} metadata pairs`);
  const metadata = new Map<string, string>();
  for (let i = 0; i < pairs.length; i++) {
    const pair = schema.element(pairs, i);
    metadata.set(pair.text(0, MAX_NAME_BYTES), pair.text(1, MAX_MESSAGE_BYTES));
  }
  return metadata;
}

function checkVersion({ name, version }: VersionedLayout<Layout>, metadata: Map<string, string>): void {
  const foundName = metadata.get(METADATA_KEY.layout);
  if (foundName !== name) {
    throw new ContractError(`layout ${quote(foundName)} where "${name}" belongs. Check the topic it was sent to.`);
  }
  const foundVersion = metadata.get(METADATA_KEY.version);
  if (foundVersion !== String(version)) {
    throw new ContractError(
      `${name}: layout version ${quote(foundVersion)}, but this Weir reads ${version}. Run the same release on both ends.`,
    );
  }
}

function quote(text: string | undefined): string {
  return text === undefined ? 'missing' : JSON.stringify(text.slice(0, 40));
}

function parseMessage(name: string, json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '{}');
  } catch (error) {
    throw new ContractError(
      `${name}: metadata key "${METADATA_KEY.message}" is no JSON (${(error as Error).message}). Write one JSON object.`,
    );
  }
}

function checkField(layoutName: string, { name, type }: Column, field: FlatbufferTable): void {
  const found = field.text(FIELD.name, MAX_NAME_BYTES);
  if (found !== name) {
    throw new ContractError(`${layoutName}: column ${quote(found)} where "${name}" belongs. ${SEE_LAYOUT}`);
  }
  if (field.has(FIELD.dictionary) || !isType(type, field.uint8(FIELD.typeKind), field)) {
    throw new ContractError(`${layoutName}: column "${name}" is not of type ${type}. ${SEE_LAYOUT}`);
  }
}

/** Bits and sign of each whole-number type, precision of each real one (Schema.fbs: 1 single, 2 double). */
const INTEGERS: Partial<Record<ColumnType, readonly [bits: number, signed: number]>> = {
  u8: [8, 0],
  u16: [16, 0],
  u32: [32, 0],
  i32: [32, 1],
};
const PRECISIONS: Partial<Record<ColumnType, number>> = { f32: 1, f64: 2 };

function isType(type: ColumnType, kind: number, field: FlatbufferTable): boolean {
  if (type === 'bytes') return kind === TYPE_KIND.binary || kind === TYPE_KIND.utf8;
  const declared = field.table(FIELD.type);
  if (type === 'address') return kind === TYPE_KIND.fixedSizeBinary && declared.int32(0) === 16;
  const integer = INTEGERS[type];
  if (integer) return kind === TYPE_KIND.int && declared.int32(0) === integer[0] && declared.uint8(1) === integer[1];
  return kind === TYPE_KIND.float && declared.int16(0) === PRECISIONS[type];
}
