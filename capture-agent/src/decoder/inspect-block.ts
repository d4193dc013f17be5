import { noteArp } from './arp.js';
import type { DecodeCore } from './core.js';
import type { Frame } from './frame.js';
import { noteQuotedPacket } from './icmp.js';
import { Look } from './look.js';
import { inspectFirstPayload } from './payload.js';

/**
 * Last pass: what lies behind the headers. Most of it is done by the core, which stops at each row that has something for
 * this side: ARP, a quoted packet, or the first payload of a flow's direction.
 */
export function inspectRows(core: DecodeCore, rows: number, f: Frame): void {
  const { exports } = core;
  exports.setTextAt(0);
  for (let row = exports.inspect(0, rows); row < rows; row = exports.inspect(row + 1, rows)) {
    f.textAt = exports.textAt.value;
    inspectRow(core, row, f);
    exports.setTextAt(f.textAt);
    exports.endText(row);
  }
}

function inspectRow({ block, packets, exports }: DecodeCore, row: number, f: Frame): void {
  const look = block.look[row]!;
  f.row = row;
  f.payloadAt = block.payloadAt[row]!;
  f.end = block.payloadEnd[row]!;
  if (look === Look.arp) noteArp(f);
  else if (look === Look.quotedPacket) noteQuotedPacket(f);
  else {
    f.breaches = 0;
    f.wireEnd = f.payloadAt + f.payloadBytes[row]!;
    inspectFirstPayload(f, exports.isStreamStart.value !== 0);
    if (f.breaches !== 0) packets.columns.conformance[row]! |= f.breaches;
  }
}
