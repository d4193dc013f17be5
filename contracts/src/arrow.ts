import { Type } from '@sinclair/typebox';
import { readTable } from './arrow-reader.js';
import { writeTable } from './arrow-writer.js';
import { ContractError } from './contract-error.js';
import { type HostBatch, HostBatchHeader } from './contributions.js';
import type { FlowRecordTable } from './flow-record.js';
import { LAYOUTS } from './layouts.js';
import { BatchHeader, type PacketBatch, SensorCounters } from './packet-batch.js';
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
  const { header, counters } = checkAgainst(PacketBatchMessage, message);
  return { header, counters, packets: table };
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

function refuseTrailing(bytes: Uint8Array, end: number): void {
  if (end === bytes.length) return;
  throw new ContractError(`${bytes.length - end} bytes after the end of the stream. Send one message at a time.`);
}
