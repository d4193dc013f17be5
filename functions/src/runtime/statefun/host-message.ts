import {
  ContractError,
  checkAgainst,
  createActivityTable,
  createNoteTable,
  type FlowPartitionCounters,
  flowAddress,
  type HostBatch,
  HostBatchHeader,
  type LiveMeasures,
  type SensorCounters,
} from '@weir/contracts';
import { ByteReader, ByteWriter } from '../../features/state-bytes.js';
import { RowsReader, readCount, writeCount, writeRows } from './row-bytes.js';

/**
 * A host batch between two functions. Most of them hold few rows or none, and the schemas of two Arrow streams would take
 * some five kilobytes each time; no stranger reads these bytes, which both ends write and read with the same columns.
 */

/** Version of the layout, first of all. The columns are part of it. */
const VERSION = 2;

const COUNTERS = [
  'packets',
  'bytes',
  'nonIpPackets',
  'flowsStarted',
  'flowsEnded',
  'flowsEvicted',
  'flowsLive',
  'batchesMissing',
  'batchesRepeated',
] as const satisfies readonly (keyof FlowPartitionCounters)[];

const SENSOR_COUNTERS = [
  'packetsCaptured',
  'packetsDroppedByKernel',
  'packetsDroppedByInterface',
  'packetsLate',
  'packetsUndecoded',
] as const satisfies readonly (keyof SensorCounters)[];

const LIVE = ['clockMs', 'lagMs', 'aheadMs', 'clockSetMs'] as const satisfies readonly (keyof LiveMeasures)[];

/** One buffer serves all messages. */
const writer = new ByteWriter(1 << 16);

/** A host batch as bytes: a header of some fifty bytes, then the words of its rows that are not zero. */
export function encodeHostMessage(batch: HostBatch): Uint8Array {
  writer.clear();
  writer.u8(VERSION);
  writer.string(batch.sensor);
  for (const value of [partitionOf(batch.upstream), batch.partitions, batch.epoch, batch.sequence, batch.watermarkS])
    writeCount(writer, value);
  for (const name of COUNTERS) writeCount(writer, batch.counters[name]);
  for (const name of SENSOR_COUNTERS) writeCount(writer, batch.sensorCounters[name]);
  writeLive(writer, batch.sensorCounters.live);
  writeCount(writer, batch.activity.count);
  writeCount(writer, batch.notes.count);
  writeRows(writer, batch.activity);
  writeRows(writer, batch.notes);
  return writer.finish();
}

const activities = new RowsReader(createActivityTable);
const notices = new RowsReader(createNoteTable);

/**
 * The batch that encodeHostMessage wrote; its rows are valid until the next one is read. Throws a ContractError, or a
 * LayoutError for bytes that end early.
 */
export function decodeHostMessage(bytes: Uint8Array): HostBatch {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== VERSION)
    throw new ContractError(`a host batch of version ${version}; this release reads ${VERSION}. Run one release.`);
  const sensor = reader.string();
  const partition = readCount(reader);
  const header = {
    upstream: flowAddress(sensor, partition),
    sensor,
    partitions: readCount(reader),
    epoch: readCount(reader),
    sequence: readCount(reader),
    watermarkS: readCount(reader),
    counters: readCounts(reader, COUNTERS),
    sensorCounters: { ...readCounts(reader, SENSOR_COUNTERS), ...readLive(reader) },
  };
  const activityRows = readCount(reader);
  const noteRows = readCount(reader);
  const activity = activities.read(reader, activityRows);
  const notes = notices.read(reader, noteRows);
  reader.expectEnd();
  return { ...checkAgainst(HostBatchHeader, header), activity, notes };
}

function readCounts<const Name extends string>(reader: ByteReader, names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, readCount(reader)])) as Record<Name, number>;
}

/** One byte says whether there are any. */
function writeLive(writer: ByteWriter, live: LiveMeasures | undefined): void {
  writer.u8(live ? 1 : 0);
  if (live) for (const name of LIVE) writeCount(writer, live[name]);
}

function readLive(reader: ByteReader): { live?: LiveMeasures } {
  return reader.u8() === 0 ? {} : { live: readCounts(reader, LIVE) };
}

/** Number of the flow partition with this address. */
function partitionOf(address: string): number {
  return Number(address.slice(address.lastIndexOf('/') + 1));
}
