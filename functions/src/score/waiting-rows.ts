import type { FeatureCollector } from '../features/feature-collector.js';
import { inOrder } from '../features/row-order.js';
import type { ByteReader, ByteWriter } from '../features/state-bytes.js';
import { readFeatureRows, writeFeatureRows } from './feature-row-bytes.js';

/** Rows that may wait for their time; beyond, they are not to wait any longer. */
const MOST_WAITING = 262_144;

/** Rows of one feature list that have come and wait for their time. They are given out in its order. */
export class WaitingRows {
  /** Places of the waiting rows, and how many rows of the collector have been looked at. */
  private places: number[] = [];
  private seen = 0;

  constructor(readonly collector: FeatureCollector) {}

  get count(): number {
    return this.places.length + this.collector.rows.count - this.seen;
  }

  /** Whether so many wait that all are to be given out, whatever the time. */
  get isCrowded(): boolean {
    return this.count > MOST_WAITING;
  }

  /** Gives the places of all rows whose second `watermarkS` has reached, in the order of time. They are there until `clean`. */
  takeDue(watermarkS: number): number[] {
    const { rows } = this.collector;
    const { tellableS } = rows.keys.columns;
    while (this.seen < rows.count) this.places.push(this.seen++);
    const due: number[] = [];
    const left: number[] = [];
    for (const row of this.places) (tellableS[row]! <= watermarkS ? due : left).push(row);
    this.places = left;
    return due.sort((a, b) => inOrder(rows, a, b));
  }

  /** Rows that were given out are not needed any more. They go when they are the most, so that few are moved. */
  clean(): void {
    if (this.places.length * 2 <= this.collector.rows.count) this.compact();
  }

  clear(): void {
    this.collector.rows.clear();
    this.places = [];
    this.seen = 0;
  }

  write(writer: ByteWriter): void {
    const { rows } = this.collector;
    while (this.seen < rows.count) this.places.push(this.seen++);
    if (this.places.length < rows.count) this.compact();
    writeFeatureRows(writer, rows);
  }

  /** Appends what `write` wrote. */
  read(reader: ByteReader): void {
    this.collector.rows.takeAll(readFeatureRows(reader, this.collector.list));
  }

  private compact(): void {
    this.collector.rows.keep(this.places);
    this.seen = this.places.length;
    for (let k = 0; k < this.seen; k++) this.places[k] = k;
  }
}
