import { describe, expect, it } from 'vitest';
import { readTable } from './arrow-reader.js';
import { writeTable } from './arrow-writer.js';
import { ColumnTable, type ColumnType, ContractError } from './index.js';

/** A layout of one column before another, and the stream of six empty rows of it. */
const layoutOf = (type: ColumnType) => ({
  name: 'sample',
  version: 1,
  columns: [
    { name: 'first', type: 'f64', unit: '1', meaning: 'A column.' },
    { name: 'second', type, unit: '1', meaning: 'A column.' },
  ] as const,
});

function streamOf(type: ColumnType, rows = 6): Uint8Array<ArrayBuffer> {
  const layout = layoutOf(type);
  const table = new ColumnTable(layout.columns, rows);
  table.count = rows;
  return writeTable(layout, table, {});
}

const TYPES: ColumnType[] = ['u8', 'u16', 'u32', 'i32', 'f32', 'f64', 'address', 'bytes'];

describe('a stream', () => {
  it.each(TYPES)('with a column of type %s is read by that type and no other', (type) => {
    for (const other of TYPES) {
      const read = () => readTable(layoutOf(other), streamOf(type));
      if (other === type) expect(read().table.count).toBe(6);
      else expect(read).toThrow(`column "second" is not of type ${other}`);
    }
  });

  it('with a column too few or too many is refused with both numbers', () => {
    const short = { ...layoutOf('u8'), columns: layoutOf('u8').columns.slice(0, 1) };
    expect(() => readTable(short, streamOf('u8'))).toThrow('2 columns instead of 1');
  });

  it('of two record batches is refused', () => {
    const bytes = streamOf('u8');
    const batchStart = recordBatchAt(bytes);
    const batch = bytes.subarray(batchStart, bytes.length - 8);
    const twice = new Uint8Array([...bytes.subarray(0, bytes.length - 8), ...batch]);
    expect(() => readTable(layoutOf('u8'), twice)).toThrow('more than one record batch');
  });
});

/** Where the record batch's message begins: behind the schema, which has no body. */
function recordBatchAt(bytes: Uint8Array): number {
  return 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
}

/**
 * Where the two columns' four buffers stand in the metadata, as pairs of offset and length. They are known by the second
 * buffer, which holds six rows of eight bytes and begins the body.
 */
function buffersAt(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer);
  for (let at = recordBatchAt(bytes) + 8; ; at += 8) {
    const numbers = [0, 8, 16, 24].map((i) => view.getBigUint64(at + i, true));
    if (numbers.join() === '0,0,0,48') return at;
  }
}

/** Where the two columns' nodes stand in the metadata, as pairs of row count and null count. */
function nodesAt(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer);
  for (let at = recordBatchAt(bytes) + 8; ; at += 8) {
    const numbers = [0, 8, 16, 24].map((i) => view.getBigUint64(at + i, true));
    if (numbers.join() === '6,0,6,0') return at;
  }
}

describe('a record batch', () => {
  const lies: [what: string, find: (bytes: Uint8Array) => number, at: number, value: bigint, message: RegExp][] = [
    ['a buffer longer than its body', buffersAt, 24, 1n << 40n, /a buffer past its body/],
    ['a buffer behind its body', buffersAt, 16, 1n << 40n, /a buffer past its body/],
    ['a buffer shorter than its rows', buffersAt, 24, 47n, /a buffer of 47 bytes where its rows need 48/],
    ['a buffer at an odd place', buffersAt, 16, 4n, /multiple of 8/],
    ['a negative length', buffersAt, 24, -1n, /impossible length/],
    ['a column of fewer rows', nodesAt, 16, 5n, /5 rows in column "second" of a batch of 6/],
    ['a column of more rows', nodesAt, 0, 1n << 33n, /8589934592 rows in column "first"/],
    ['nulls', nodesAt, 8, 1n, /column "first" has nulls/],
  ];

  it.each(lies)('with %s is refused', (_, find, offset, value, message) => {
    const bytes = streamOf('u8');
    new DataView(bytes.buffer).setBigInt64(find(bytes) + offset, value, true);
    expect(() => readTable(layoutOf('u8'), bytes)).toThrow(message);
    expect(() => readTable(layoutOf('u8'), bytes)).toThrow(ContractError);
  });
});
