import type { ByteReader, ByteWriter } from '../features/state-bytes.js';
import { LayoutError } from '../runtime/port.js';
import type { FlowConfig } from './config.js';
import type { FlowCore } from './core.js';

/** Parts of the core's memory, by number (functions/flow-core/index.ts). Timers and rows are one record a flow. */
const PART = { wheel: 0, timers: 1, panes: 2, freeSequences: 3, sequences: 4, rows: 5 } as const;
const WHOLE_PARTS = [PART.wheel, PART.panes, PART.freeSequences, PART.sequences];
const TIMER_BYTES = 12;
const ROW_BYTES = 384;

/** Scalars in front of the parts. */
interface Scalars {
  watermarkS: number;
  newestS: number;
  usedRows: number;
  panes: number;
  usedSequences: number;
  freeSequences: number;
}

/** Writes what the core knows between two batches: scalars, lists, and the timers and rows of live flows. */
export function writeCore(core: FlowCore, writer: ByteWriter): void {
  const { exports } = core;
  const usedRows = exports.usedRows.value;
  const scalars: Scalars = {
    watermarkS: Number(exports.watermarkS.value),
    newestS: exports.newestS.value,
    usedRows,
    panes: exports.paneCount(),
    usedSequences: exports.usedSequences(),
    freeSequences: exports.freeSequenceCount(),
  };
  writer.string(JSON.stringify(scalars));
  const live = liveRows(core, usedRows);
  writer.words(live);
  exports.clearFreeSequences();
  for (const part of WHOLE_PARTS) writer.packed(partOf(core, part));
  writer.packed(gather(partOf(core, PART.timers), live, TIMER_BYTES));
  writer.packed(gather(partOf(core, PART.rows), live, ROW_BYTES));
}

/** Fills a new core with what `writeCore` wrote. Throws a LayoutError when it does not fit. */
export function readCore(core: FlowCore, reader: ByteReader, { maxFlows }: FlowConfig): void {
  const { exports } = core;
  const { watermarkS, newestS, usedRows, panes, usedSequences, freeSequences } = JSON.parse(reader.string()) as Scalars;
  const live = reader.words();
  const fits = usedRows <= maxFlows && usedSequences <= maxFlows && panes <= 2 * maxFlows + 1024;
  if (!fits || freeSequences > usedSequences || live.length > usedRows)
    throw new LayoutError(`flow state of ${usedRows} flows; maxFlows is ${maxFlows}. Raise it.`);
  exports.beginRestore(usedRows, panes, usedSequences, freeSequences);
  // A core that served another state has left its words there, and only words that are not zero are written.
  for (const part of WHOLE_PARTS) reader.unpack(partOf(core, part).fill(0));
  scatter(unpacked(reader, live.length * TIMER_BYTES), partOf(core, PART.timers), live, TIMER_BYTES);
  scatter(unpacked(reader, live.length * ROW_BYTES), partOf(core, PART.rows), live, ROW_BYTES);
  const isLive = new Uint8Array(usedRows);
  for (const row of live) isLive[row] = 1;
  for (let row = 0; row < usedRows; row++) if (isLive[row] === 0) exports.freeRow(row);
  exports.endRestore(BigInt(watermarkS), newestS);
}

function unpacked(reader: ByteReader, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  reader.unpack(bytes);
  return bytes;
}

function liveRows({ exports }: FlowCore, usedRows: number): Uint32Array {
  const live = new Uint32Array(exports.flowsLive.value);
  let count = 0;
  for (let row = 0; row < usedRows; row++) if (exports.isFreeRow(row) === 0) live[count++] = row;
  return live;
}

function partOf({ exports }: FlowCore, part: number): Uint8Array {
  return new Uint8Array(exports.memory.buffer, exports.partAt(part), exports.partBytes(part));
}

function gather(part: Uint8Array, rows: Uint32Array, rowBytes: number): Uint8Array {
  const out = new Uint8Array(rows.length * rowBytes);
  for (let k = 0; k < rows.length; k++) {
    const at = rows[k]! * rowBytes;
    out.set(part.subarray(at, at + rowBytes), k * rowBytes);
  }
  return out;
}

function scatter(bytes: Uint8Array, part: Uint8Array, rows: Uint32Array, rowBytes: number): void {
  for (let k = 0; k < rows.length; k++) part.set(bytes.subarray(k * rowBytes, (k + 1) * rowBytes), rows[k]! * rowBytes);
}
