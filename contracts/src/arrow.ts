import { type Static, Type } from '@sinclair/typebox';
import { layoutNameOf, readTable } from './arrow-reader.js';
import { writeTable } from './arrow-writer.js';
import { ContractError } from './contract-error.js';
import { type HostBatch, HostBatchHeader } from './contributions.js';
import type { FlowRecordTable } from './flow-record.js';
import { type FlowRowBatch, isFlowRowBatch, type SensorBatch } from './flow-rows.js';
import { LAYOUTS } from './layouts.js';
import { BatchHeader, MOST_BATCH_ROWS, type PacketBatch, type PacketTable, SensorCounters } from './packet-batch.js';
import { checkAgainst } from './validate.js';

/** The JSON under the metadata key `weir` of a packet batch. */
export const PacketBatchMessage = Type.Object(
  { header: BatchHeader, counters: SensorCounters },
  { $id: 'PacketBatchMessage', description: 'What a packet batch says besides its rows' },
);

/** A batch as one message of the `packets` topic: an Arrow IPC stream (docs/wire-format.md). */
export function encodePacketBatch({ header, counters, packets }: PacketBatch): Uint8Array<ArrayBuffer> {
  return writeTable(LAYOUTS.packets, packets, { header, counters });
}

/**
 * The batch in one message of the `packets` topic. Its columns share the memory of `bytes` where they can. Throws a
 * ContractError for anything that is not such a message.
 */
export function decodePacketBatch(bytes: Uint8Array): PacketBatch {
  const { table, message, end } = readTable(LAYOUTS.packets, bytes);
  refuseTrailing(bytes, end);
  refuseTooMany(table.count);
  const { header, counters } = checkHeader(message);
  checkTimes(table, header);
  return { header, counters, packets: table };
}

/** Flow rows as one message of the `packets` topic: as encodePacketBatch, with the columns of flow rows. */
export function encodeFlowRowBatch({ header, counters, rows }: FlowRowBatch): Uint8Array<ArrayBuffer> {
  return writeTable(LAYOUTS.flowRows, rows, { header, counters });
}

/** The batch that encodeFlowRowBatch wrote. Shares memory and throws as decodePacketBatch does. */
export function decodeFlowRowBatch(bytes: Uint8Array): FlowRowBatch {
  const { table, message, end } = readTable(LAYOUTS.flowRows, bytes);
  refuseTrailing(bytes, end);
  refuseTooMany(table.count);
  const { header, counters } = checkHeader(message);
  return { header, counters, rows: table };
}

/** Either kind of batch as one message of the `packets` topic. */
export function encodeSensorBatch(batch: SensorBatch): Uint8Array<ArrayBuffer> {
  return isFlowRowBatch(batch) ? encodeFlowRowBatch(batch) : encodePacketBatch(batch);
}

/** The batch in one message of the `packets` topic, of the kind that its layout names. Throws as decodePacketBatch does. */
export function decodeSensorBatch(bytes: Uint8Array): SensorBatch {
  return layoutNameOf(bytes) === LAYOUTS.flowRows.name ? decodeFlowRowBatch(bytes) : decodePacketBatch(bytes);
}

/** A host batch as bytes: two Arrow IPC streams one after the other, activity (with the header as its JSON), then notes. */
export function encodeHostBatch({ activity, notes, ...header }: HostBatch): Uint8Array<ArrayBuffer> {
  const first = writeTable(LAYOUTS.activity, activity, header);
  const second = writeTable(LAYOUTS.notes, notes, {});
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** The host batch that encodeHostBatch wrote. Shares memory and throws as decodePacketBatch does. */
export function decodeHostBatch(bytes: Uint8Array): HostBatch {
  const activity = readTable(LAYOUTS.activity, bytes);
  const notes = readTable(LAYOUTS.notes, bytes, activity.end);
  refuseTrailing(bytes, notes.end);
  const header = checkAgainst(HostBatchHeader, activity.message);
  return { ...header, activity: activity.table, notes: notes.table };
}

/** Flow records as bytes: one Arrow IPC stream. */
export function encodeFlowRecords(records: FlowRecordTable): Uint8Array<ArrayBuffer> {
  return writeTable(LAYOUTS.flowRecords, records, {});
}

/** The flow records that encodeFlowRecords wrote. Shares memory and throws as decodePacketBatch does. */
export function decodeFlowRecords(bytes: Uint8Array): FlowRecordTable {
  const { table, end } = readTable(LAYOUTS.flowRecords, bytes);
  refuseTrailing(bytes, end);
  return table;
}

function checkHeader(message: unknown): Static<typeof PacketBatchMessage> {
  const checked = checkAgainst(PacketBatchMessage, message);
  const { partition, partitions } = checked.header;
  if (partition < partitions) return checked;
  throw new ContractError(`partition ${partition} of ${partitions}. Number partitions from 0.`);
}

/** Readers rely on it that no packet comes behind the watermark, and that the watermark never goes back. */
function checkTimes({ columns, count }: PacketTable, header: BatchHeader): void {
  const { timeUs, watermarkS } = columns;
  let reachedS = 0;
  for (let i = 0; i < count; i++) {
    if (watermarkS[i]! < reachedS || timeUs[i]! < watermarkS[i]! * 1e6)
      throw new ContractError(
        `packets: row ${i} is behind the watermark. Raise its time, as docs/wire-format.md says.`,
      );
    reachedS = watermarkS[i]!;
  }
  if (header.watermarkS < reachedS)
    throw new ContractError('packets: the header’s watermark is behind the last row’s.');
}

function refuseTooMany(rows: number): void {
  if (rows <= MOST_BATCH_ROWS) return;
  throw new ContractError(`${rows} rows in one batch; at most ${MOST_BATCH_ROWS} can be. Send more batches.`);
}

function refuseTrailing(bytes: Uint8Array, end: number): void {
  if (end === bytes.length) return;
  throw new ContractError(`${bytes.length - end} bytes after the end of the stream. Send one message at a time.`);
}
