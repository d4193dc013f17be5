import type { ByteReader, ByteWriter } from '../features/state-bytes.js';

const BITS = 2 ** 17;
/** Share of set bits at which a generation is full: one stranger in eight would pass by chance. */
const MOST_SEEN = BITS / 8;
/** A generation lasts this long at most, so two span five to ten minutes. */
const GENERATION_S = 300;

/**
 * Remembers who has knocked once, in a bit each, in two generations of a Bloom filter with one hash (Bloom 1970; the use
 * before a table is TinyLFU's doorkeeper, Einziger 2017). Whoever knocks again is let in; a few are by chance.
 */
export class Doorkeeper {
  private current = new Uint32Array(BITS / 32);
  private previous = new Uint32Array(BITS / 32);
  private seen = 0;
  private startS = 0;

  /** Whether the owner of this hash has knocked before; if not, it has now. `nowS` never goes back. */
  knows(hash: number, nowS: number): boolean {
    if (this.seen >= MOST_SEEN || nowS - this.startS >= GENERATION_S) this.turn(nowS);
    const word = (hash >>> 5) & (BITS / 32 - 1);
    const bit = 1 << (hash & 31);
    if ((this.current[word]! | this.previous[word]!) & bit) return true;
    this.current[word]! |= bit;
    this.seen++;
    return false;
  }

  private turn(nowS: number): void {
    const oldest = this.previous;
    this.previous = this.current;
    this.current = oldest.fill(0);
    this.seen = 0;
    this.startS = nowS;
  }

  encode(writer: ByteWriter): void {
    writer.u32(this.seen);
    writer.u32(this.startS);
    writer.packed(bytesOf(this.current));
    writer.packed(bytesOf(this.previous));
  }

  static decode(reader: ByteReader): Doorkeeper {
    const keeper = new Doorkeeper();
    keeper.seen = reader.u32();
    keeper.startS = reader.u32();
    reader.unpack(bytesOf(keeper.current));
    reader.unpack(bytesOf(keeper.previous));
    return keeper;
  }
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer);
}
