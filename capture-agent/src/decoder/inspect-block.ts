import type { DecodeCore } from './core.js';
import type { Frame } from './frame.js';
import { FollowedFlows } from './notes/followed-flows.js';
import { Notes } from './notes/notes.js';

/**
 * Last pass: what lies behind the headers. Nearly all of it is done by the core, which stops at each row with a message
 * that this side is to note.
 */
export class BlockInspection {
  private readonly notes: Notes;

  constructor(
    private readonly core: DecodeCore,
    private readonly frame: Frame,
  ) {
    this.notes = new Notes(new FollowedFlows(core.followedHashes, core.followedValues));
  }

  /** Inspects rows `[first, end)`. */
  inspect(first: number, end: number): void {
    const { exports } = this.core;
    for (let row = exports.inspect(first, end); row < end; ) {
      this.note(row);
      row = exports.resume(row, this.frame.textAt, end);
    }
  }

  private note(row: number): void {
    const { block, visit } = this.core;
    const f = this.frame;
    f.row = row;
    f.payloadAt = block.payloadAt[row]!;
    f.end = block.payloadEnd[row]!;
    f.wireEnd = f.payloadAt + f.payloadBytes[row]!;
    f.textAt = visit[1]!;
    this.notes.note(f, visit[0]!, block.direction[row]!);
  }
}
