import { Type } from '@sinclair/typebox';
import { ContractError, flowAddress, hostPartitionAddress, parseJsonAs, WINDOW_MEASURES } from '@weir/contracts';
import { ByteReader, ByteWriter } from '../../features/state-bytes.js';
import type { HostWindowFacts } from '../../features/window-features.js';
import type { Accusation } from '../../score/index.js';
import { decodeRowLists, encodeRowLists } from '../../score/partition-state.js';
import type { RowMark, ScoreRows, ScoreTime } from '../port.js';
import { readCount, writeCount } from './row-bytes.js';

/**
 * What flow and host partitions tell the score partition, in few bytes. Both ends are of one release, and no stranger reads
 * them.
 */

/** Version of both layouts, first of all. The feature lists are part of it. */
const VERSION = 1;
/** Lists in a message are no longer; a lying count must not take memory. */
const MOST = 2 ** 20;

/** One buffer serves all messages. */
const writer = new ByteWriter(1 << 16);

/** Rows of features as bytes. */
export function encodeScoreRows({ upstream, epoch, first, last, rows }: ScoreRows): Uint8Array {
  const lists = encodeRowLists(rows);
  begin();
  writeMark({ upstream, epoch, sequence: first });
  writeCount(writer, last - first);
  writer.bytes(lists);
  return writer.finish();
}

/** What encodeScoreRows wrote. Throws a ContractError, or a LayoutError for bytes that end early. */
export function decodeScoreRows(bytes: Uint8Array): ScoreRows {
  const reader = readerOf(bytes);
  const { upstream, epoch, sequence: first } = readMark(reader);
  const last = first + readCount(reader);
  const rows = decodeRowLists(reader.bytes());
  reader.expectEnd();
  return { upstream, epoch, first, last, rows };
}

const Accusations = Type.Array(
  Type.Object({ sources: Type.Array(Type.String()), targets: Type.Array(Type.String()), detectedAtMs: Type.Number() }),
  { $id: 'Accusations' },
);

/** What a host partition tells, as bytes. */
export function encodeScoreTime({ upstream, run, watermarkS, accusations, windows, passed }: ScoreTime): Uint8Array {
  begin();
  writeCount(writer, numberOf(upstream));
  writeCount(writer, run);
  writeCount(writer, watermarkS);
  writer.string(accusations.length === 0 ? '' : JSON.stringify(accusations));
  writeCount(writer, passed.length);
  for (const mark of passed) writeMark(mark);
  writeCount(writer, windows.length);
  for (const window of windows) writeWindow(window);
  return writer.finish();
}

/** What encodeScoreTime wrote. Throws a ContractError, or a LayoutError for bytes that end early. */
export function decodeScoreTime(bytes: Uint8Array): ScoreTime {
  const reader = readerOf(bytes);
  const upstream = hostPartitionAddress(readCount(reader));
  const run = readCount(reader);
  const watermarkS = readCount(reader);
  const told = reader.string();
  const accusations: Accusation[] = told === '' ? [] : parseJsonAs(Accusations, told);
  const passed = readList(reader, readMark);
  const windows = readList(reader, readWindow);
  reader.expectEnd();
  return { upstream, run, watermarkS, accusations, windows, passed };
}

function begin(): void {
  writer.clear();
  writer.u8(VERSION);
}

function readerOf(bytes: Uint8Array): ByteReader {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version === VERSION) return reader;
  throw new ContractError(
    `a message for scoring of version ${version}; this release reads ${VERSION}. Run one release.`,
  );
}

function writeMark({ upstream, epoch, sequence }: RowMark): void {
  writer.string(upstream.split('/')[1] ?? '');
  writeCount(writer, numberOf(upstream));
  writeCount(writer, epoch);
  writeCount(writer, sequence);
}

function readMark(reader: ByteReader): RowMark {
  const sensor = reader.string();
  return { upstream: flowAddress(sensor, readCount(reader)), epoch: readCount(reader), sequence: readCount(reader) };
}

function writeWindow(window: HostWindowFacts): void {
  writer.string(window.address ?? '');
  writeCount(writer, window.startMs);
  writeCount(writer, window.endMs - window.startMs);
  writer.floats(Float64Array.from(WINDOW_MEASURES, ({ field }) => window[field]));
}

function readWindow(reader: ByteReader): HostWindowFacts {
  const address = reader.string();
  const startMs = readCount(reader);
  const endMs = startMs + readCount(reader);
  const values = reader.floats();
  const measures = Object.fromEntries(WINDOW_MEASURES.map(({ field }, k) => [field, values[k] ?? 0]));
  return { scope: 'host', address, startMs, endMs, ...measures } as HostWindowFacts;
}

function readList<T>(reader: ByteReader, read: (reader: ByteReader) => T): T[] {
  const length = readCount(reader);
  if (length > MOST) throw new ContractError(`a list of ${length} entries; at most ${MOST} can be.`);
  return Array.from({ length }, () => read(reader));
}

/** Number of the partition with this address. */
function numberOf(address: string): number {
  return Number(address.slice(address.lastIndexOf('/') + 1));
}
