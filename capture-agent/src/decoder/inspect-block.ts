import { noteArp } from './arp.js';
import type { DecodeCore } from './core.js';
import type { Frame } from './frame.js';
import { noteQuotedPacket } from './icmp.js';
import { Look } from './look.js';
import { LaterPayloads } from './notes/later-payloads.js';
import { Notes } from './notes/notes.js';
import { noteRouterAdvertisement } from './notes/router-advertisement.js';
import { inspectFirstPayload } from './payload.js';

/** Rows that are searched for later payloads at a time: a first payload among them may change what is looked for. */
const STRETCH_ROWS = 64;

/**
 * Last pass: what lies behind the headers. Most of it is done by the core, which stops at each row that has something for
 * this side: ARP, a quoted packet, or the first payload of a flow's direction. In between come later payloads of flows
 * whose first one said that there is more to note.
 */
export class BlockInspection {
  private readonly notes = new Notes();
  private readonly later: LaterPayloads;

  constructor(
    private readonly core: DecodeCore,
    private readonly frame: Frame,
  ) {
    this.later = new LaterPayloads(core, frame, this.notes.flows);
  }

  /** Inspects rows `[0, rows)`. */
  inspect(rows: number): void {
    this.core.exports.setTextAt(0);
    for (let from = 0; from < rows; from += STRETCH_ROWS)
      this.inspectStretch(from, Math.min(rows, from + STRETCH_ROWS));
  }

  /** Inspects rows `[first, end)`, stopping at each that has something for this side. */
  private inspectStretch(first: number, end: number): void {
    const { exports } = this.core;
    const { flows } = this.notes;
    let wanted = -1;
    for (let from = first, additions = -1; from < end; ) {
      if (wanted < from || additions !== flows.additions) wanted = this.later.nextRow(from, end);
      additions = flows.additions;
      const stop = Math.min(wanted + 1, end);
      const row = exports.inspect(from, stop);
      if (row < stop) this.stopAt(row, true);
      else if (wanted < end) this.stopAt(wanted, false);
      from = row < stop ? row + 1 : stop;
    }
  }

  /** Lets this side look at a row, and write its note. */
  private stopAt(row: number, isFirst: boolean): void {
    const { exports } = this.core;
    this.frame.textAt = exports.textAt.value;
    if (isFirst) this.inspectRow(row);
    else this.inspectLater(row);
    exports.setTextAt(this.frame.textAt);
    exports.endText(row);
  }

  private inspectRow(row: number): void {
    const { block, packets, exports } = this.core;
    const f = this.frame;
    const look = block.look[row]!;
    this.pointAt(row);
    if (look === Look.arp) noteArp(f);
    else if (look === Look.quotedPacket) noteQuotedPacket(f);
    else {
      f.breaches = 0;
      const isStreamStart = exports.isStreamStart.value !== 0;
      inspectFirstPayload(f, { isStreamStart, notes: this.notes, direction: block.direction[row]! });
      if (f.breaches !== 0) packets.columns.conformance[row]! |= f.breaches;
    }
  }

  private inspectLater(row: number): void {
    this.pointAt(row);
    if (this.core.block.look[row] === Look.routerAdvertisement) noteRouterAdvertisement(this.frame);
    else this.notes.noteLater(this.frame, this.core.block.direction[row]!);
  }

  private pointAt(row: number): void {
    const { block } = this.core;
    const f = this.frame;
    f.row = row;
    f.payloadAt = block.payloadAt[row]!;
    f.end = block.payloadEnd[row]!;
    f.wireEnd = f.payloadAt + f.payloadBytes[row]!;
  }
}
