import {
  type ActivityTable,
  type ColumnTable,
  ConformanceBreach,
  createActivityTable,
  createNoteTable,
  END_OF_TIME_S,
  type HostBatch,
  type Layout,
  type NoteTable,
} from '@weir/contracts';
import type { ByteReader, ByteWriter } from '../features/state-bytes.js';
import { PaneChains } from './pane-chains.js';
import { decodeRows, encodeRows } from './waiting-rows.js';

/** Fields written as they are, in this order. */
const NUMBERS = ['epoch', 'nextSequence', 'watermarkS', 'batchesMissing', 'batchesRepeated', 'heardAtMs'] as const;

/** What one upstream has sent and event time has not reached yet, by pane. */
export class PaneQueue {
  readonly activity: ActivityTable = createActivityTable(16);
  readonly notes: NoteTable = createNoteTable(16);
  private readonly activityPanes = new PaneChains();
  private readonly notePanes = new PaneChains();
  /** Run of the sensor; −1 before its first batch. */
  epoch = -1;
  nextSequence = 0;
  watermarkS = 0;
  batchesMissing = 0;
  batchesRepeated = 0;
  /** Whether a batch came since the last tick, and the time of the last tick before which one had come; 0 no tick yet. */
  wasHeard = false;
  heardAtMs = 0;
  /** Time does not wait for it: it was silent or far behind, and has not caught up yet. */
  isReleased = false;

  constructor(
    readonly sensor: string,
    /** Flow partitions that the sensor fills. */
    readonly partitions: number,
  ) {}

  /**
   * Keeps a copy of the batch's rows; those from before `reachedS` are raised to it and marked late. False when the batch
   * was seen before.
   */
  accept(batch: HostBatch, reachedS: number): boolean {
    this.wasHeard = true;
    if (batch.epoch !== this.epoch) this.beginRun(batch.epoch);
    else if (batch.sequence < this.nextSequence || this.watermarkS === END_OF_TIME_S) {
      this.batchesRepeated++;
      return false;
    }
    this.batchesMissing += batch.sequence - this.nextSequence;
    this.nextSequence = batch.sequence + 1;
    const isBehind = this.watermarkS < reachedS;
    this.watermarkS = Math.max(this.watermarkS, batch.watermarkS);
    this.isReleased &&= this.watermarkS < reachedS;
    this.append(batch, isBehind ? reachedS : 0);
    return true;
  }

  private beginRun(epoch: number): void {
    this.epoch = epoch;
    this.nextSequence = 0;
    this.watermarkS = 0;
  }

  private append(batch: HostBatch, raiseToS: number): void {
    if (this.activityPanes.isEmpty) this.activity.clear();
    if (this.notePanes.isEmpty) this.notes.clear();
    const firstActivity = this.activity.count;
    this.activity.appendRows(batch.activity, 0, batch.activity.count);
    if (raiseToS > 0) raiseActivity(this.activity, firstActivity, raiseToS);
    this.activityPanes.add(this.activity.columns.timeUs, firstActivity, this.activity.count);
    const firstNote = this.notes.count;
    this.notes.appendRows(batch.notes, 0, batch.notes.count);
    if (raiseToS > 0) raiseTimes(this.notes.columns.timeUs, { from: firstNote, to: this.notes.count }, raiseToS);
    this.notePanes.add(this.notes.columns.timeUs, firstNote, this.notes.count);
  }

  /** Raises the times of rows from before `reachedS` to it, in a queue from which nothing was taken yet. */
  catchUp(reachedS: number): void {
    if (reachedS === 0) return;
    raiseActivity(this.activity, 0, reachedS);
    raiseTimes(this.notes.columns.timeUs, { from: 0, to: this.notes.count }, reachedS);
    this.activityPanes.clear();
    this.notePanes.clear();
    this.activityPanes.add(this.activity.columns.timeUs, 0, this.activity.count);
    this.notePanes.add(this.notes.columns.timeUs, 0, this.notes.count);
  }

  /** Rows that event time has not reached. */
  get waitingRows(): number {
    return this.activityPanes.waiting + this.notePanes.waiting;
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

  /** First note of it, once more. */
  get takenNotes(): number {
    return this.notePanes.taken;
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
    writer.string(this.sensor);
    writer.u32(this.partitions);
    for (const name of NUMBERS) writer.f64(this[name]);
    writer.u8((this.wasHeard ? 1 : 0) | (this.isReleased ? 2 : 0));
    encodeRows(writer, this.activity as unknown as ColumnTable<Layout>, this.activityPanes);
    encodeRows(writer, this.notes as unknown as ColumnTable<Layout>, this.notePanes);
  }

  static decode(reader: ByteReader): PaneQueue {
    const queue = new PaneQueue(reader.string(), reader.u32());
    for (const name of NUMBERS) queue[name] = reader.f64();
    const flags = reader.u8();
    queue.wasHeard = (flags & 1) !== 0;
    queue.isReleased = (flags & 2) !== 0;
    decodeRows(reader, queue.activity as unknown as ColumnTable<Layout>);
    queue.activityPanes.add(queue.activity.columns.timeUs, 0, queue.activity.count);
    decodeRows(reader, queue.notes as unknown as ColumnTable<Layout>);
    queue.notePanes.add(queue.notes.columns.timeUs, 0, queue.notes.count);
    return queue;
  }

  /** Gives back the memory of rows that were taken, when they are most. */
  compact(): void {
    compactTable(this.activity, this.activityPanes);
    compactTable(this.notes, this.notePanes);
  }
}

function raiseActivity({ columns, count }: ActivityTable, from: number, toS: number): void {
  const { timeUs, lastTimeUs, conformance } = columns;
  for (let i = from; i < count; i++) if (timeUs[i]! < toS * 1e6) conformance[i]! |= ConformanceBreach.timeLate;
  raiseTimes(timeUs, { from, to: count }, toS);
  raiseTimes(lastTimeUs, { from, to: count }, toS);
}

function raiseTimes(timesUs: Float64Array, { from, to }: { from: number; to: number }, toS: number): void {
  for (let i = from; i < to; i++) timesUs[i] = Math.max(timesUs[i]!, toS * 1e6);
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
