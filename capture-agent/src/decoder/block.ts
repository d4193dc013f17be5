import type { PacketTable } from '@weir/contracts';
import type { RawPackets } from '../sources/source.js';

/** What of a row is still to be looked at once its headers are in the columns (`Block.look`). */
export const Look = {
  nothing: 0,
  /** The payload at `payloadAt`. */
  payload: 1,
  /** The same, and the payload goes on in later fragments. */
  fragment: 2,
  /** A segment that opens a stream in its direction. */
  streamStart: 3,
  /** The ARP message at `payloadAt`. */
  arp: 4,
  /** The packet that an ICMP error at `payloadAt` quotes. */
  quotedPacket: 5,
} as const;

/**
 * The rows being decoded and what the passes over them hand on to each other. Decoding a block pass by pass keeps each
 * loop small enough for the compiler to hold its columns in registers.
 */
export class Block {
  raw!: RawPackets;
  table!: PacketTable;
  /** First packet in `raw`, first row in `table`, and how many. */
  firstPacket = 0;
  firstRow = 0;
  rows = 0;
  /** Rows of the block that are left to the layered decoder. */
  left = new Int32Array(0);
  /** By row of the block: Look. */
  look = new Uint8Array(0);
  /** By row of the block: where in the raw bytes to look, and where captured bytes of it end. */
  payloadAt = new Int32Array(0);
  payloadEnd = new Int32Array(0);
  /** By row of the block: 1 when the source endpoint has the larger hash, which tells a flow's two directions apart. */
  direction = new Uint8Array(0);

  /** Starts with packets `[from, to)` of `raw`, to be appended to `table`. */
  begin(raw: RawPackets, from: number, to: number, table: PacketTable): void {
    const rows = to - from;
    if (table.count + rows > table.capacity) table.grow(table.count + rows);
    this.raw = raw;
    this.table = table;
    this.firstPacket = from;
    this.firstRow = table.count;
    this.rows = rows;
    if (rows > this.look.length) this.grow(rows);
    this.look.fill(0, 0, rows);
    clearRows(table, table.count, table.count + rows);
    copyMeasures(this);
  }

  /** Leaves all rows to the layered decoder; returns how many. */
  leaveAll(): number {
    for (let i = 0; i < this.rows; i++) this.left[i] = i;
    return this.rows;
  }

  private grow(rows: number): void {
    this.left = new Int32Array(rows);
    this.look = new Uint8Array(rows);
    this.payloadAt = new Int32Array(rows);
    this.payloadEnd = new Int32Array(rows);
    this.direction = new Uint8Array(rows);
  }
}

/** Zeroes the columns that only some rows have. The headers' own columns are written for every row. */
function clearRows({ columns }: PacketTable, from: number, to: number): void {
  columns.watermarkS.fill(0, from, to);
  columns.tunnelKind.fill(0, from, to);
  columns.tunnelId.fill(0, from, to);
  columns.conformance.fill(0, from, to);
  columns.payloadGuess.fill(0, from, to);
  columns.payloadEntropy.fill(0, from, to);
  columns.noteKind.fill(0, from, to);
  columns.noteCode.fill(0, from, to);
  columns.noteValue.fill(0, from, to);
}

function copyMeasures({ raw, table, firstPacket, firstRow, rows }: Block): void {
  const { timeUs, lengthBytes } = table.columns;
  const times = raw.timeUs;
  const lengths = raw.wireBytes;
  for (let i = 0; i < rows; i++) {
    timeUs[firstRow + i] = times[firstPacket + i]!;
    lengthBytes[firstRow + i] = lengths[firstPacket + i]!;
  }
}
