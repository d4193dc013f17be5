import type { Batcher } from '../batches/index.js';
import type { RawPackets } from '../sources/index.js';

/**
 * Ends a round of batches whenever the capture time has moved on by a tick. Which packets are in which batch then
 * follows from the packets alone, at any replay speed and however they come in blocks: numbered batches of a run that is
 * told again hold the same packets.
 */
export class CaptureTicks {
  /** Time of the packet that began the round; undefined before the first. */
  private roundStartUs: number | undefined;

  /** `everyUs` is above 0. */
  constructor(
    private readonly batcher: Pick<Batcher, 'push' | 'flush'>,
    private readonly everyUs: number,
  ) {}

  /** Hands a block on to the batcher. */
  push(raw: RawPackets): void {
    let from = 0;
    for (let row = 0; row < raw.count; row++) {
      const timeUs = raw.timeUs[row] as number;
      this.roundStartUs ??= timeUs;
      // Backwards too, so that one packet from the future does not end the ticking.
      if (Math.abs(timeUs - this.roundStartUs) < this.everyUs) continue;
      this.roundStartUs = timeUs;
      this.batcher.push(rowsOf(raw, from, row));
      this.batcher.flush();
      from = row;
    }
    this.batcher.push(rowsOf(raw, from, raw.count));
  }
}

/** Rows `[from, to)`, sharing the memory. */
function rowsOf(raw: RawPackets, from: number, to: number): RawPackets {
  if (from === 0 && to === raw.count) return raw;
  return {
    bytes: raw.bytes,
    count: to - from,
    timeUs: raw.timeUs.subarray(from, to),
    offset: raw.offset.subarray(from, to),
    capturedBytes: raw.capturedBytes.subarray(from, to),
    wireBytes: raw.wireBytes.subarray(from, to),
    linkType: raw.linkType.subarray(from, to),
  };
}
