import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BytesColumn,
  type ColumnTable,
  ContractError,
  createActivityTable,
  createFlowRecordTable,
  createNoteTable,
  createPacketTable,
  decodeFlowRecords,
  decodeHostBatch,
  decodePacketBatch,
  encodeFlowRecords,
  encodeHostBatch,
  encodePacketBatch,
  type HostBatch,
  type Layout,
  NO_COUNTERS,
  type PacketBatch,
  type PacketTable,
} from './index.js';

/** Rows that differ in every column; byte strings of all lengths from 0 to 6, with bytes that are no UTF-8. */
function fill<L extends Layout>(table: ColumnTable<L>, rows: number): ColumnTable<L> {
  if (rows > table.capacity) table.grow(rows);
  for (const [c, { name, type }] of table.layout.entries()) {
    const column = (table.columns as Record<string, unknown>)[name];
    for (let row = 0; row < rows; row++) {
      const value = (row * 31 + c * 7 + 1) % 251;
      if (type === 'bytes') (column as BytesColumn).append(row, new Uint8Array(6).fill(value), 0, row % 7);
      else if (type === 'address') (column as { bytes: Uint8Array }).bytes.fill(value, row * 16, row * 16 + 16);
      else (column as Uint8Array)[row] = value;
    }
  }
  table.count = rows;
  return table;
}

/** Every row of every column as plain values. */
function rowsOf(table: ColumnTable<Layout>): Record<string, unknown[]> {
  const rows: Record<string, unknown[]> = {};
  for (const { name, type } of table.layout) {
    const column = (table.columns as Record<string, unknown>)[name] as BytesColumn & {
      bytes: Uint8Array;
      [row: number]: number;
    };
    rows[name] = Array.from({ length: table.count }, (_, i) => {
      if (type === 'bytes') return [...column.data.subarray(column.offsets[i], column.offsets[i + 1])];
      return type === 'address' ? [...column.bytes.subarray(16 * i, 16 * i + 16)] : column[i];
    });
  }
  return rows;
}

const header = { sensor: 'office-1', partition: 3, partitions: 4, epoch: 0, sequence: 77, watermarkS: 0xffff_ffff };
function batchOf(rows: number): PacketBatch {
  const packets = fill(createPacketTable(4), rows) as PacketTable;
  for (let row = 0; row < rows; row++) {
    packets.columns.watermarkS[row] = 7 + row;
    packets.columns.timeUs[row] = (8 + row) * 1e6 + row;
  }
  return { header, counters: { ...NO_COUNTERS, packetsLate: 9 }, packets };
}

describe('a packet batch', () => {
  it.each([0, 1, 7, 8, 1000])('of %i rows comes back as it was sent', (rows) => {
    const batch = batchOf(rows);
    const decoded = decodePacketBatch(encodePacketBatch(batch));
    expect(decoded.header).toEqual(batch.header);
    expect(decoded.counters).toEqual(batch.counters);
    expect(decoded.packets.count).toBe(rows);
    expect(rowsOf(decoded.packets)).toEqual(rowsOf(batch.packets));
  });

  it('comes back from bytes that lie at any alignment', () => {
    const batch = batchOf(9);
    const bytes = encodePacketBatch(batch);
    for (let shift = 0; shift < 8; shift++) {
      const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
      shifted.set(bytes);
      expect(rowsOf(decodePacketBatch(shifted).packets)).toEqual(rowsOf(batch.packets));
    }
  });

  it('comes back from a Buffer with plain arrays as columns', () => {
    const batch = batchOf(9);
    const { columns } = decodePacketBatch(Buffer.from(encodePacketBatch(batch))).packets;
    expect(columns.protocol.constructor).toBe(Uint8Array);
    expect(columns.sourceAddress.bytes.constructor).toBe(Uint8Array);
    expect(columns.noteText.data.constructor).toBe(Uint8Array);
  });

  it('leaves out what lies beyond the rows of its table', () => {
    const batch = batchOf(20);
    const whole = encodePacketBatch(batch).length;
    batch.packets.count = 2;
    const bytes = encodePacketBatch(batch);
    expect(bytes.length).toBeLessThan(whole);
    expect(decodePacketBatch(bytes).packets.count).toBe(2);
  });

  it('shares the memory of an aligned message, and a table so made can still grow', () => {
    const bytes = encodePacketBatch(batchOf(3));
    const { packets } = decodePacketBatch(bytes);
    expect(packets.columns.timeUs.buffer).toBe(bytes.buffer);
    packets.appendRows(batchOf(5).packets, 0, 5);
    expect(packets.count).toBe(8);
    expect(rowsOf(packets).noteText!.slice(3)).toEqual(rowsOf(batchOf(5).packets).noteText);
  });

  it('reads the same with the Arrow library', () => {
    const table = tableFromIPC(encodePacketBatch(batchOf(50)));
    expect(table.numRows).toBe(50);
    expect([...table.getChild('sourcePort')!]).toEqual([...batchOf(50).packets.columns.sourcePort.subarray(0, 50)]);
    expect(table.schema.metadata.get('weir.layout')).toBe('packets');
    expect(JSON.parse(table.schema.metadata.get('weir')!).header).toEqual(header);
  });

  it('with a header that breaks its schema is refused with the field and its value', () => {
    const wrong = { ...batchOf(1), header: { ...header, sensor: 'Büro' } };
    expect(() => decodePacketBatch(encodePacketBatch(wrong))).toThrow(/header\/sensor.*Büro/);
  });

  it('whose packets or watermarks go back behind the watermark are refused', () => {
    const [late, turned, over] = [batchOf(3), batchOf(3), batchOf(3)];
    late.packets.columns.timeUs[1] = 7.9e6;
    turned.packets.columns.watermarkS[2] = 7;
    over.header = { ...header, watermarkS: 8 };
    for (const batch of [late, turned, over])
      expect(() => decodePacketBatch(encodePacketBatch(batch))).toThrow(/behind the/);
  });

  it('of a partition that the sensor does not fill are refused', () => {
    const batch = { ...batchOf(1), header: { ...header, partition: 4 } };
    expect(() => decodePacketBatch(encodePacketBatch(batch))).toThrow('partition 4 of 4');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 2 ** 53])('with the time %d is refused', (timeUs) => {
    const batch = batchOf(3);
    batch.packets.columns.timeUs[1] = timeUs;
    expect(() => decodePacketBatch(encodePacketBatch(batch))).toThrow(/row 1 of column "timeUs"/);
  });
});

describe('the other messages', () => {
  const hostBatch: HostBatch = {
    upstream: 'flow/office-1/3',
    sensor: 'office-1',
    partitions: 4,
    epoch: 0,
    sequence: 4,
    watermarkS: 12,
    sensorCounters: { ...NO_COUNTERS, packetsCaptured: 10 },
    activity: fill(createActivityTable(4), 33) as HostBatch['activity'],
    notes: fill(createNoteTable(4), 5) as HostBatch['notes'],
    counters: {
      packets: 1,
      bytes: 2,
      nonIpPackets: 3,
      flowsStarted: 4,
      flowsEnded: 5,
      flowsEvicted: 6,
      flowsLive: 7,
      batchesMissing: 8,
      batchesRepeated: 9,
    },
  };

  it('a host batch comes back with both tables and its header', () => {
    const { activity, notes, ...rest } = decodeHostBatch(encodeHostBatch(hostBatch));
    const { activity: sentActivity, notes: sentNotes, ...sentRest } = hostBatch;
    expect(rest).toEqual(sentRest);
    expect(rowsOf(activity)).toEqual(rowsOf(sentActivity));
    expect(rowsOf(notes)).toEqual(rowsOf(sentNotes));
  });

  it('a host batch without any row comes back', () => {
    const empty = { ...hostBatch, activity: createActivityTable(0), notes: createNoteTable(0) };
    expect(decodeHostBatch(encodeHostBatch(empty)).activity.count).toBe(0);
  });

  it('flow records come back', () => {
    const records = fill(createFlowRecordTable(2), 40) as ReturnType<typeof createFlowRecordTable>;
    expect(rowsOf(decodeFlowRecords(encodeFlowRecords(records)))).toEqual(rowsOf(records));
  });

  it('a message of one kind is refused by the reader of another', () => {
    expect(() => decodePacketBatch(encodeFlowRecords(createFlowRecordTable(0)))).toThrow(/"flowRecords".*"packets"/);
  });
});

describe('hostile bytes', () => {
  const decoders = [decodePacketBatch, decodeHostBatch, decodeFlowRecords];
  const valid = encodePacketBatch(batchOf(6));

  /** Decodes and gives the ContractError, or nothing when the bytes passed. Anything else thrown fails the test. */
  function refusal(bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown = decodePacketBatch): string | undefined {
    try {
      decode(bytes);
      return undefined;
    } catch (error) {
      expect(error).toBeInstanceOf(ContractError);
      return (error as ContractError).message;
    }
  }

  it('that are nothing, or noise, are refused', () => {
    expect(refusal(new Uint8Array(0))).toMatch(/not an Arrow IPC stream/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(...decoders), (bytes, decode) => {
        expect(refusal(bytes, decode)).toBeDefined();
      }),
      { seed: 1 },
    );
  });

  it('of ten megabytes are refused without taking memory', () => {
    const noise = new Uint8Array(10_000_000).map((_, i) => (i * 2654435761) >>> 13);
    noise.set(valid.subarray(0, 8));
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 20; i++) expect(refusal(noise)).toBeDefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it('cut at any place are refused, unless only the end mark is gone', () => {
    for (let end = 0; end < valid.length - 8; end++) expect(refusal(valid.subarray(0, end))).toBeDefined();
    expect(refusal(valid.subarray(0, valid.length - 8))).toBeUndefined();
  });

  it('after the end are refused', () => {
    expect(refusal(new Uint8Array([...valid, 0]))).toMatch(/1 bytes after the end/);
  });

  it('with any byte of the metadata changed are refused or read, never anything else', () => {
    const started = process.memoryUsage().arrayBuffers;
    for (let at = 0; at < valid.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const bytes = valid.slice();
        bytes[at] = value;
        refusal(bytes);
      }
    }
    expect(process.memoryUsage().arrayBuffers - started).toBeLessThan(400_000_000);
  });

  it('with four bytes changed to lying lengths are refused or read at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(valid.length - 4), fc.constantFrom(0, 1, 4, 0x7fff_ffff, 0xffff_fff0)), {
          minLength: 1,
          maxLength: 4,
        }),
        (changes) => {
          const bytes = valid.slice();
          const view = new DataView(bytes.buffer);
          for (const [at, value] of changes) view.setUint32(at & ~3, value, true);
          refusal(bytes);
        },
      ),
      { seed: 2, numRuns: 5000 },
    );
  });

  it('of a future layout are refused with both versions and the remedy', () => {
    const at = Buffer.from(valid).indexOf('weir.version');
    const bytes = valid.slice();
    const value = Buffer.from(valid).indexOf(Uint8Array.from([1, 0, 0, 0, 0x31, 0]));
    expect(at).toBeGreaterThan(0);
    bytes[value + 4] = 0x39;
    expect(refusal(bytes)).toBe(
      'packets: layout version "9", but this Weir reads 1. Run the same release on both ends.',
    );
  });

  it('with a renamed column are refused with both names', () => {
    const at = Buffer.from(valid).indexOf('noteText');
    const bytes = valid.slice();
    bytes[at] = 0x4e;
    expect(refusal(bytes)).toMatch(/column "NoteText" where "noteText" belongs/);
  });

  it('with offsets that go back, or past the data, are refused', () => {
    for (const offset of [-1, 3, 0x7fff_ffff]) {
      const batch = batchOf(6);
      const bytes = encodePacketBatch(batch);
      const { noteText } = decodePacketBatch(bytes).packets.columns; // shares memory with bytes
      noteText.offsets[2] = offset === 3 ? noteText.offsets[3]! + 1 : offset;
      expect(refusal(bytes)).toMatch(/of column "noteText"/);
    }
  });
});
