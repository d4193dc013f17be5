import {
  AddressColumn,
  BytesColumn,
  type ColumnArrays,
  type ColumnType,
  createActivityTable,
  createNoteTable,
  type HostBatch,
} from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../features/state-bytes.js';
import { decodeHostMessage, encodeHostMessage } from './host-message.js';
import { readCount, writeCount } from './row-bytes.js';

const counters = {
  packets: 1_000_000,
  bytes: 900_000_000_000,
  nonIpPackets: 17,
  flowsStarted: 250_000,
  flowsEnded: 249_000,
  flowsEvicted: 0,
  flowsLive: 1000,
  batchesMissing: 0,
  batchesRepeated: 1,
};
const sensorCounters = {
  packetsCaptured: 4_000_000,
  packetsDroppedByKernel: 3,
  packetsDroppedByInterface: 0,
  packetsLate: 2,
  packetsUndecoded: 5,
};

function batchOf(rows: number): HostBatch {
  const activity = createActivityTable(Math.max(1, rows));
  const notes = createNoteTable(Math.max(1, rows));
  for (let row = 0; row < rows; row++) {
    activity.columns.timeUs[row] = 1.7e15 + row;
    activity.columns.responderAddress.bytes[row * 16 + 15] = row;
    activity.columns.responderPort[row] = 400 + row;
    activity.columns.protocol[row] = 6;
    notes.columns.noteText.append(row, Buffer.from(`name ${row}`), 0, row);
  }
  activity.count = rows;
  notes.count = rows;
  const upstream = 'flow/office/3';
  const header = { upstream, sensor: 'office', partitions: 4, epoch: 1_795_000_000_000, sequence: 70_000 };
  return { ...header, watermarkS: 0xffff_ffff, counters, sensorCounters, activity, notes };
}

/** What the rows of a table hold, as text; what lies beyond them does not count. */
function rowsOf({ layout, columns, count }: HostBatch['activity'] | HostBatch['notes']): string[] {
  const hex = ({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('hex');
  return layout.map(({ name }) => {
    const column = (columns as Record<string, ColumnArrays[ColumnType]>)[name]!;
    if (column instanceof AddressColumn) return hex(column.bytes.subarray(0, count * 16));
    if (column instanceof BytesColumn)
      return `${[...column.offsets.subarray(0, count + 1)]} ${hex(column.data.subarray(0, column.offsets[count]))}`;
    return hex(column.subarray(0, count));
  });
}

describe('a host batch as a message', () => {
  it.each([0, 1, 2, 33, 1500])('is read as it was written, with %i rows', (rows) => {
    const { activity, notes, ...header } = batchOf(rows);
    const read = decodeHostMessage(encodeHostMessage({ ...header, activity, notes }));
    expect({ ...read, activity: 0, notes: 0 }).toEqual({ ...header, activity: 0, notes: 0 });
    expect(rowsOf(read.activity)).toEqual(rowsOf(activity));
    expect(rowsOf(read.notes)).toEqual(rowsOf(notes));
  });

  it('says nothing of the one that was read before it', () => {
    decodeHostMessage(encodeHostMessage(batchOf(33)));
    const { activity, notes } = decodeHostMessage(encodeHostMessage(batchOf(2)));
    expect([activity, notes].map(rowsOf)).toEqual([batchOf(2).activity, batchOf(2).notes].map(rowsOf));
  });

  it('takes tens of bytes when it only says how far time has come', () => {
    expect(encodeHostMessage(batchOf(0)).length).toBeLessThan(70);
  });

  it('tells counts beyond what is exact as the most that is, as rows of a flow table may hold anything', () => {
    const told = { ...batchOf(0), counters: { ...counters, bytes: 2 ** 60 } };
    expect(decodeHostMessage(encodeHostMessage(told)).counters).toEqual({
      ...counters,
      bytes: Number.MAX_SAFE_INTEGER,
    });
  });

  it('that ends early is refused, wherever it is cut', () => {
    const bytes = encodeHostMessage(batchOf(3));
    for (let end = 0; end < bytes.length; end++)
      expect(() => decodeHostMessage(bytes.subarray(0, end)), `${end} bytes`).toThrow();
  });

  it('of another version, with bytes too many or without a sensor is refused', () => {
    const bytes = encodeHostMessage(batchOf(1));
    expect(() => decodeHostMessage(Buffer.concat([Buffer.from([9]), bytes.subarray(1)]))).toThrow(/version 9/);
    expect(() => decodeHostMessage(Buffer.concat([bytes, Buffer.from([0])]))).toThrow(/too many/);
    expect(() => decodeHostMessage(encodeHostMessage({ ...batchOf(0), sensor: 'No Name' }))).toThrow(/sensor/);
  });

  it('that claims more rows than can be is refused before memory is taken', () => {
    const writer = new ByteWriter();
    const bytes = encodeHostMessage(batchOf(0));
    writeCount(writer, 2 ** 40);
    const lying = Buffer.concat([bytes.subarray(0, -2), writer.finish(), Buffer.from([0])]);
    expect(() => decodeHostMessage(lying)).toThrow(/rows in one message/);
  });
});

describe('a count', () => {
  it.each([0, 1, 127, 128, 300, 2 ** 32, 2 ** 48 + 1, Number.MAX_SAFE_INTEGER])('of %i is read as written', (value) => {
    const writer = new ByteWriter();
    writeCount(writer, value);
    expect(readCount(new ByteReader(writer.finish()))).toBe(value);
  });

  it('beyond 2^53 is refused', () => {
    expect(() => readCount(new ByteReader(new Uint8Array(12).fill(0xff)))).toThrow(/2\^53/);
  });
});
