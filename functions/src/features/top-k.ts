import { LayoutError } from '../runtime/port.js';
import { Slab } from './slab.js';
import type { ByteReader, ByteWriter } from './state-bytes.js';

/** Addresses that a summary can hold. */
export const TOP_PEERS = 8;

/** Words of an entry: four of address, two each of weight and error (as floats). */
const ENTRY_WORDS = 8;
const ENTRY_FLOATS = ENTRY_WORDS / 2;
const WEIGHT = 2;
const ERROR = 3;

/** In a handle's low bits: 1 to 8 entries. */
const COUNT_BITS = 4;
const COUNT_MASK = (1 << COUNT_BITS) - 1;

/** What `maxSummaries` may not exceed, so that handles stay small integers. */
const MOST_SUMMARIES = 2 ** 26;

/** One of the heaviest addresses. */
export interface TopPeer {
  /** 16 bytes, network order. */
  address: Uint8Array<ArrayBuffer>;
  /** Never below the true sum; above it by at most `errorWeight`. */
  weight: number;
  /** 0 as long as the summary has met no more than 8 addresses. */
  errorWeight: number;
}

/**
 * Many summaries of the heaviest addresses, each behind an integer handle from 0 to 2^31 − 1; handle 0 is the empty
 * summary and holds no memory. `add` returns the handle to keep in place of the one passed in, which must not be used
 * again. SpaceSaving with eight counters (Metwally, Agrawal, El Abbadi 2005): an address with more than an eighth of
 * the whole weight is always among them.
 *
 * Exact and independent of the order of adds up to 8 addresses. Beyond, the same adds in the same order give the same
 * summary, but another order may give another: feed it in event order.
 */
export class TopPeers {
  /** For 1, 2, 4 and 8 entries. */
  private readonly slabs: readonly Slab[];
  /** Additions to empty summaries that found no room. */
  overflowed = 0;
  /** Summaries that are not empty. */
  summaries = 0;

  /** `maxSummaries`: summaries that may be non-empty at one time, at most 2^26. */
  constructor(readonly bounds: { maxSummaries: number }) {
    if (!(bounds.maxSummaries >= 1 && bounds.maxSummaries <= MOST_SUMMARIES))
      throw new RangeError(`maxSummaries is ${bounds.maxSummaries}. Expected 1 to ${MOST_SUMMARIES}.`);
    this.slabs = [1, 2, 4, TOP_PEERS].map((entries) => new Slab(entries * ENTRY_WORDS, bounds.maxSummaries));
  }

  /** Memory held, used or not. Unit: byte. */
  get bytesUsed(): number {
    return this.slabs.reduce((sum, slab) => sum + slab.bytesUsed, 0);
  }

  /**
   * Adds `weight` (0 or more) to the address at `addressWords[at .. at + 4)`, as AddressColumn holds it. Returns the
   * summary's handle from now on; an unchanged 0 when there is no room for another summary.
   */
  add(handle: number, addressWords: Uint32Array, at: number, weight: number): number {
    if (handle === 0) return this.create(addressWords, at, weight);
    const count = handle & COUNT_MASK;
    const slab = this.slabs[classOf(count)]!;
    const { words, floats } = slab;
    const first = (((handle >>> COUNT_BITS) - 1) * slab.stride) / ENTRY_WORDS;
    const last = addressWords[at + 3];
    for (let entry = first; entry < first + count; entry++) {
      const w = entry * ENTRY_WORDS;
      // The last word differs first for IPv4.
      if (words[w + 3] !== last || words[w + 2] !== addressWords[at + 2]) continue;
      if (words[w + 1] !== addressWords[at + 1] || words[w] !== addressWords[at]) continue;
      floats[entry * ENTRY_FLOATS + WEIGHT]! += weight;
      return handle;
    }
    if (count < TOP_PEERS) return this.append(handle, addressWords, at, weight);
    replaceLightest(slab, first, { addressWords, at, weight });
    return handle;
  }

  /** The addresses of a summary, heaviest first; equal weights in the order of their bytes. */
  entries(handle: number): TopPeer[] {
    if (handle === 0) return [];
    const count = handle & COUNT_MASK;
    const slab = this.slabs[classOf(count)]!;
    const first = (((handle >>> COUNT_BITS) - 1) * slab.stride) / ENTRY_WORDS;
    return Array.from({ length: count }, (_, i) => peerAt(slab, first + i)).sort(
      (a, b) => b.weight - a.weight || Buffer.compare(a.address, b.address),
    );
  }

  /** Forgets the summary; its handle must not be used again. */
  release(handle: number): void {
    if (handle === 0) return;
    this.summaries--;
    this.slabs[classOf(handle & COUNT_MASK)]!.free((handle >>> COUNT_BITS) - 1);
  }

  encode(writer: ByteWriter): void {
    writer.u32(this.summaries);
    writer.f64(this.overflowed);
    for (const slab of this.slabs) slab.encode(writer);
  }

  /** The summaries that `encode` wrote; handles stay valid. Throws a LayoutError where they do not fit `bounds`. */
  static decode(reader: ByteReader, bounds: { maxSummaries: number }): TopPeers {
    const arena = new TopPeers(bounds);
    arena.summaries = reader.u32();
    arena.overflowed = reader.f64();
    let live = 0;
    for (const slab of arena.slabs) {
      slab.decode(reader);
      live += slab.live;
    }
    if (live !== arena.summaries) throw new LayoutError(`${arena.summaries} summaries in ${live} rows`);
    return arena;
  }

  private create(addressWords: Uint32Array, at: number, weight: number): number {
    if (this.summaries >= this.bounds.maxSummaries) {
      this.overflowed++;
      return 0;
    }
    this.summaries++;
    const slab = this.slabs[0]!;
    const row = slab.allocate();
    writeEntry(slab, row, { addressWords, at, weight });
    return ((row + 1) << COUNT_BITS) | 1;
  }

  private append(handle: number, addressWords: Uint32Array, at: number, weight: number): number {
    const count = handle & COUNT_MASK;
    const from = this.slabs[classOf(count)]!;
    const to = this.slabs[classOf(count + 1)]!;
    const fromRow = (handle >>> COUNT_BITS) - 1;
    const row = from === to ? fromRow : to.allocate();
    const start = fromRow * from.stride;
    if (from !== to) {
      to.words.set(from.words.subarray(start, start + from.stride), row * to.stride);
      from.free(fromRow);
    }
    writeEntry(to, (row * to.stride) / ENTRY_WORDS + count, { addressWords, at, weight });
    return ((row + 1) << COUNT_BITS) | (count + 1);
  }
}

/** An address on its way into an entry. */
interface Newcomer {
  addressWords: Uint32Array;
  at: number;
  weight: number;
}

function writeEntry(slab: Slab, entry: number, { addressWords, at, weight }: Newcomer): void {
  for (let k = 0; k < 4; k++) slab.words[entry * ENTRY_WORDS + k] = addressWords[at + k]!;
  slab.floats[entry * ENTRY_FLOATS + WEIGHT] = weight;
  slab.floats[entry * ENTRY_FLOATS + ERROR] = 0;
}

/** The newcomer takes over the lightest entry (the first of equals) with its weight, which becomes the error. */
function replaceLightest(slab: Slab, first: number, newcomer: Newcomer): void {
  const { floats } = slab;
  let lightest = first;
  for (let entry = first + 1; entry < first + TOP_PEERS; entry++) {
    if (floats[entry * ENTRY_FLOATS + WEIGHT]! < floats[lightest * ENTRY_FLOATS + WEIGHT]!) lightest = entry;
  }
  const inherited = floats[lightest * ENTRY_FLOATS + WEIGHT]!;
  writeEntry(slab, lightest, newcomer);
  floats[lightest * ENTRY_FLOATS + WEIGHT]! += inherited;
  floats[lightest * ENTRY_FLOATS + ERROR] = inherited;
}

function peerAt(slab: Slab, entry: number): TopPeer {
  return {
    address: slab.bytes.slice(entry * ENTRY_WORDS * 4, entry * ENTRY_WORDS * 4 + 16),
    weight: slab.floats[entry * ENTRY_FLOATS + WEIGHT]!,
    errorWeight: slab.floats[entry * ENTRY_FLOATS + ERROR]!,
  };
}

/** Slab of a summary with `count` entries: 0 for 1, 1 for 2, 2 for 3 and 4, 3 for 5 to 8. */
function classOf(count: number): number {
  return 32 - Math.clz32(count - 1);
}
