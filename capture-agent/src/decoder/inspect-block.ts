import { noteArp } from './arp.js';
import { type Block, Look } from './block.js';
import { type Frame, MAX_NOTE_BYTES } from './frame.js';
import { noteQuotedPacket } from './icmp.js';
import type { PayloadInspector } from './payload.js';

// Copies: the compiler folds constants of this module, but loads and checks imported ones for each packet.
const NOTE_BYTES = MAX_NOTE_BYTES;
const NOTHING = Look.nothing;
const FRAGMENT = Look.fragment;
const STREAM_START = Look.streamStart;
const ARP = Look.arp;
const QUOTED_PACKET = Look.quotedPacket;

/**
 * Last pass: what lies behind the headers. Writes notes, guesses and entropies, and where each row's note ends; adds the
 * breaches found there.
 */
export function inspectBlock(block: Block, f: Frame, inspector: PayloadInspector): void {
  const { look, firstRow, rows } = block;
  const { noteText } = block.table.columns;
  const { offsets } = noteText;
  f.textAt = offsets[firstRow]!;
  for (let i = 0; i < rows; i++) {
    if (look[i] !== NOTHING) {
      if (f.textAt + NOTE_BYTES > f.text.length) {
        noteText.reserve(f.textAt, MAX_NOTE_BYTES);
        f.text = noteText.data;
      }
      inspectRow(block, i, f, inspector);
    }
    offsets[firstRow + i + 1] = f.textAt;
  }
}

function inspectRow(block: Block, i: number, f: Frame, inspector: PayloadInspector): void {
  const look = block.look[i]!;
  const row = block.firstRow + i;
  f.row = row;
  f.textStart = f.textAt;
  f.payloadAt = block.payloadAt[i]!;
  f.end = block.payloadEnd[i]!;
  if (look === ARP) noteArp(f);
  else if (look === QUOTED_PACKET) noteQuotedPacket(f);
  else {
    f.breaches = 0;
    f.wireEnd = f.payloadAt + f.payloadBytes[row]!;
    f.fragment = look === FRAGMENT ? 1 : 0;
    if (look === STREAM_START) inspector.beginStream(f, block.direction[i]!);
    if (f.payloadAt !== 0) inspector.inspect(f, block.direction[i]!);
    if (f.breaches !== 0) block.table.columns.conformance[row]! |= f.breaches;
  }
}
