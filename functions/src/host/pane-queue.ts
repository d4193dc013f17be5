import {
  type ActivityTable,
  AddressColumn,
  BytesColumn,
  type ColumnArrays,
  ColumnTable,
  type ColumnType,
  createActivityTable,
  createNoteTable,
  type HostBatch,
  type Layout,
  type NoteTable,
} from '@weir/contracts';
import type { ByteReader, ByteWriter } from '../features/state-bytes.js';

/** What one upstream has sent and event time has not reached yet, by pane. */
export class PaneQueue {
  readonly activity: ActivityTable = createActivityTable(1024);
  readonly notes: NoteTable = createNoteTable(256);
  private readonly activityPanes = new PaneChains();
  private readonly notePanes = new PaneChains();
  nextSequence = 0;
  watermarkS = 0;
  batchesMissing = 0;
  batchesRepeated = 0;

  /** Keeps a copy of the batch's rows. False when the batch was seen before. */
  accept(batch: HostBatch): boolean {
    if (batch.sequence < this.nextSequence) {
      this.batchesRepeated++;
      return false;
    }
    this.batchesMissing += batch.sequence - this.nextSequence;
    this.nextSequence = batch.sequence + 1;
    this.watermarkS = Math.max(this.watermarkS, batch.watermarkS);
    if (this.activityPanes.isEmpty) this.activity.clear();
    if (this.notePanes.isEmpty) this.notes.clear();
    const firstActivity = this.activity.count;
    this.activity.appendRows(batch.activity, 0, batch.activity.count);
    this.activityPanes.add(this.activity.columns.timeUs, firstActivity, this.activity.count);
    const firstNote = this.notes.count;
    this.notes.appendRows(batch.notes, 0, batch.notes.count);
    this.notePanes.add(this.notes.columns.timeUs, firstNote, this.notes.count);
    return true;
  }

  /** Earliest pane with rows; Infinity without. */
  get firstPaneS(): number {
    return Math.min(this.activityPanes.firstS, this.notePanes.firstS);
  }

  /**
   * First activity row of pane `second` in order of arrival, or −1; `nextActivity` leads on. The pane leaves the queue, but
   * its rows stay readable until `forgetTaken`.
   */
  takeActivity(second: number): number {
    return this.activityPanes.take(second);
  }

  nextActivity(row: number): number {
    return this.activityPanes.next(row);
  }

  /** First row of the pane that was taken last, once more. */
  get takenActivity(): number {
    return this.activityPanes.taken;
  }

  /** Lets go of the pane that was taken last: its rows may be overwritten from now on. */
  forgetTaken(): void {
    this.activityPanes.taken = -1;
  }

  /** Notes, as takeActivity. */
  takeNotes(second: number): number {
    return this.notePanes.take(second);
  }

  nextNote(row: number): number {
    return this.notePanes.next(row);
  }

  /** Waiting rows only, in pane order. */
  encode(writer: ByteWriter): void {
    const { nextSequence, watermarkS, batchesMissing, batchesRepeated } = this;
    writer.string(JSON.stringify({ nextSequence, watermarkS, batchesMissing, batchesRepeated }));
    encodeRows(writer, this.activity, this.activityPanes);
    encodeRows(writer, this.notes, this.notePanes);
  }

  static decode(reader: ByteReader): PaneQueue {
    const queue = new PaneQueue();
    Object.assign(queue, JSON.parse(reader.string()));
    decodeRows(reader, queue.activity as ColumnTable<Layout>);
    queue.activityPanes.add(queue.activity.columns.timeUs, 0, queue.activity.count);
    decodeRows(reader, queue.notes as ColumnTable<Layout>);
    queue.notePanes.add(queue.notes.columns.timeUs, 0, queue.notes.count);
    return queue;
  }

  /** Gives back the memory of rows that were taken, when they are most. */
  compact(): void {
    compactTable(this.activity, this.activityPanes);
    compactTable(this.notes, this.notePanes);
  }
}

/** Drops the rows before the first that waits, once they are most. */
function compactTable(table: ActivityTable | NoteTable, panes: PaneChains): void {
  if (panes.isEmpty) {
    table.clear();
    panes.clear();
    return;
  }
  const taken = panes.firstWaiting;
  if (taken * 2 < table.count) return;
  panes.dropFirst(taken, table.count);
  table.dropFirst(taken);
}

function encodeRows(writer: ByteWriter, table: ActivityTable | NoteTable, panes: PaneChains): void {
  const rows = new ColumnTable<Layout>(table.layout, Math.max(1, panes.waiting));
  panes.visitAll((row) => {
    rows.appendRows(table as unknown as ColumnTable<Layout>, row, row + 1);
  });
  writer.u32(rows.count);
  for (const { name } of rows.layout) writeColumn(writer, rows.columns[name]!, rows.count);
}

function writeColumn(writer: ByteWriter, column: ColumnArrays[ColumnType], rows: number): void {
  if (column instanceof AddressColumn) writer.bytes(column.bytes.subarray(0, rows * 16));
  else if (column instanceof BytesColumn) {
    writer.bytes(new Uint8Array(column.offsets.buffer, 0, (rows + 1) * 4));
    writer.bytes(column.data.subarray(0, column.offsets[rows]!));
  } else writer.bytes(new Uint8Array(column.buffer, 0, rows * column.BYTES_PER_ELEMENT));
}

function decodeRows(reader: ByteReader, table: ColumnTable<Layout>): void {
  const rows = reader.u32();
  if (rows > table.capacity) table.grow(rows);
  for (const { name } of table.layout) {
    const column = table.columns[name]!;
    const bytes = reader.bytes();
    if (column instanceof AddressColumn) column.bytes.set(bytes);
    else if (column instanceof BytesColumn) {
      new Uint8Array(column.offsets.buffer).set(bytes);
      column.data = reader.bytes();
    } else new Uint8Array(column.buffer).set(bytes);
  }
  table.count = rows;
}

/** Rows of a table as one chain for each pane, the panes in order. Few are open at a time, the newest last. */
class PaneChains {
  private seconds: number[] = [];
  private heads: number[] = [];
  private tails: number[] = [];
  private counts: number[] = [];
  private following = new Int32Array(1024);
  /** First row of the chain that was taken last; −1 none. */
  taken = -1;
  /** Rows in chains. */
  waiting = 0;

  get isEmpty(): boolean {
    return this.waiting === 0;
  }

  get firstS(): number {
    return this.seconds[0] ?? Number.POSITIVE_INFINITY;
  }

  clear(): void {
    this.seconds = [];
    this.heads = [];
    this.tails = [];
    this.counts = [];
    this.waiting = 0;
  }

  /** Lowest row that waits. Chains grow at their end, so it is the first of one. */
  get firstWaiting(): number {
    return Math.min(...this.heads);
  }

  /** Renumbers the rows after the first `rows` of `count` were dropped. */
  dropFirst(rows: number, count: number): void {
    for (let row = rows; row < count; row++) this.following[row - rows] = Math.max(-1, this.following[row]! - rows);
    this.heads = this.heads.map((row) => row - rows);
    this.tails = this.tails.map((row) => row - rows);
    this.taken = -1;
  }

  add(timeUs: Float64Array, start: number, end: number): void {
    if (end > this.following.length) {
      const longer = new Int32Array(Math.max(end, this.following.length * 2));
      longer.set(this.following);
      this.following = longer;
    }
    for (let row = start; row < end; row++) this.append(Math.floor(timeUs[row]! / 1e6), row);
    this.waiting += end - start;
  }

  private append(second: number, row: number): void {
    const { seconds } = this;
    let at = seconds.length - 1;
    while (at >= 0 && seconds[at]! > second) at--;
    this.following[row] = -1;
    if (at >= 0 && seconds[at] === second) {
      this.following[this.tails[at]!] = row;
      this.tails[at] = row;
      this.counts[at]!++;
    } else {
      this.counts.splice(at + 1, 0, 1);
      seconds.splice(at + 1, 0, second);
      this.heads.splice(at + 1, 0, row);
      this.tails.splice(at + 1, 0, row);
    }
  }

  /** First row of the pane `second` if that is the earliest, else −1; the pane leaves. */
  take(second: number): number {
    this.taken = -1;
    if (this.seconds[0] !== second) return -1;
    this.taken = this.heads[0]!;
    this.waiting -= this.counts[0]!;
    this.seconds.shift();
    this.heads.shift();
    this.tails.shift();
    this.counts.shift();
    return this.taken;
  }

  next(row: number): number {
    return this.following[row]!;
  }

  visitAll(visit: (row: number) => void): void {
    for (const head of this.heads) for (let row = head; row >= 0; row = this.following[row]!) visit(row);
  }
}
