import { readFileSync } from 'node:fs';
import { type PacketTable, viewTable } from '@weir/contracts';
import type { RawPackets, RecordFormat, RecordScanner } from '../sources/source.js';
import { BLOCK, BLOCK_BYTES, BLOCK_PACKETS, PACKETS, RAW } from './core-layout.js';
import { NAME_BYTE } from './dns-names.js';
import { LOG2, SHARE, STEP } from './entropy.js';
import { ICMP_BYTES, ICMP_COUNTERPARTS, ICMPV6_BYTES, ICMPV6_COUNTERPARTS } from './icmp.js';
import { FOLLOWED_SLOTS } from './notes/followed-flows.js';
import { ILLEGAL_FLAGS } from './transport.js';

/** What the compiled core (capture-agent/decode-core) exports. Numbers are i32. */
interface CoreExports {
  readonly memory: WebAssembly.Memory;
  begin(): void;
  setRecordFormat(isBigEndian: number, fractionsPerUs: number, mostBytes: number): void;
  /** Position behind the last record that was read into raw rows `[row, rawCount)`. */
  scanRecords(row: number, start: number, end: number): number;
  readonly rawCount: WebAssembly.Global<'i32'>;
  /** Rows of `[first, end)` that are left to the layered decoder. */
  decodePlain(raw: number, first: number, end: number): number;
  /** Rows of that pass without a transport layer. */
  readonly undecoded: WebAssembly.Global<'i32'>;
  hashFlows(first: number, end: number): void;
  /** First row of `[from, end)` with a breach, or `end`. */
  nextBreach(from: number, end: number): number;
  /** First row at which this side must write a note, or `end`. */
  inspect(first: number, end: number): number;
  /** The same for the rows behind `row`, whose note's text ends at `textAt`. */
  resume(row: number, textAt: number, end: number): number;
  payloadEntropy(start: number, end: number): number;
  readonly entropySteps: WebAssembly.Global<'i32'>;
  readonly entropyShares: WebAssembly.Global<'i32'>;
  readonly entropyLogs: WebAssembly.Global<'i32'>;
  readonly illegalFlags: WebAssembly.Global<'i32'>;
  readonly nameBytes: WebAssembly.Global<'i32'>;
  readonly rawColumns: WebAssembly.Global<'i32'>;
  readonly packetColumns: WebAssembly.Global<'i32'>;
  readonly blockColumns: WebAssembly.Global<'i32'>;
  readonly bytes: WebAssembly.Global<'i32'>;
  readonly followedHashes: WebAssembly.Global<'i32'>;
  readonly followedValues: WebAssembly.Global<'i32'>;
  readonly visit: WebAssembly.Global<'i32'>;
  readonly icmpBytes: WebAssembly.Global<'i32'>;
  readonly icmpv6Bytes: WebAssembly.Global<'i32'>;
  readonly icmpCounterparts: WebAssembly.Global<'i32'>;
  readonly icmpv6Counterparts: WebAssembly.Global<'i32'>;
}

/** The same path from src/decoder and from dist/decoder. */
const CORE_FILE = new URL('../../decode-core/build/decode-core.wasm', import.meta.url);

let compiled: WebAssembly.Module | undefined;

/** One instance of the compiled core, and views of the block that it works on. */
export class DecodeCore implements RecordScanner {
  readonly exports: CoreExports;
  readonly raw;
  readonly packets: PacketTable;
  readonly block;
  /** Captured bytes of the block; positions in columns count from here. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The table of FollowedFlows. */
  readonly followedHashes: Int32Array;
  readonly followedValues: Uint8Array;
  /** Where the last pass stopped: the Visit that is left to this side, and where the text of its note begins. */
  readonly visit: Int32Array;
  /** Where raw packets that were loaded begin. */
  rawFrom = 0;

  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(CORE_FILE));
    this.exports = new WebAssembly.Instance(compiled).exports as CoreExports;
    const core = this.exports;
    core.begin();
    const { buffer } = core.memory;
    this.raw = viewTable(RAW, buffer, core.rawColumns.value).columns;
    this.packets = viewTable(PACKETS, buffer, core.packetColumns.value);
    this.block = viewTable(BLOCK, buffer, core.blockColumns.value).columns;
    this.bytes = new Uint8Array(buffer, core.bytes.value, BLOCK_BYTES);
    this.followedHashes = new Int32Array(buffer, core.followedHashes.value, FOLLOWED_SLOTS);
    this.followedValues = new Uint8Array(buffer, core.followedValues.value, FOLLOWED_SLOTS);
    this.visit = new Int32Array(buffer, core.visit.value, 2);
    new Int32Array(buffer, core.entropySteps.value).set(STEP);
    new Float64Array(buffer, core.entropyShares.value).set(SHARE);
    new Float64Array(buffer, core.entropyLogs.value).set(LOG2);
    new Uint8Array(buffer, core.illegalFlags.value).set(ILLEGAL_FLAGS);
    new Uint8Array(buffer, core.nameBytes.value).set(NAME_BYTE);
    new Uint8Array(buffer, core.icmpBytes.value).set(ICMP_BYTES);
    new Uint8Array(buffer, core.icmpv6Bytes.value).set(ICMPV6_BYTES);
    new Int16Array(buffer, core.icmpCounterparts.value).set(ICMP_COUNTERPARTS);
    new Int16Array(buffer, core.icmpv6Counterparts.value).set(ICMPV6_COUNTERPARTS);
  }

  /** A block for a source to fill where this core looks for it. */
  createBlock(): RawPackets {
    return { bytes: this.bytes, room: this.bytes, scanner: this, count: 0, ...this.raw };
  }

  scan(block: RawPackets, { start, end }: { start: number; end: number }, format: RecordFormat): number {
    const { exports } = this;
    exports.setRecordFormat(format.littleEndian ? 0 : 1, format.fractionsPerUs, format.usualBytes);
    const at = exports.scanRecords(block.count, start, end);
    block.count = exports.rawCount.value;
    return at;
  }

  /**
   * Makes packets of `raw` from `from` on the block's, as many as fit and at most up to `to`; returns how many, and `rawFrom`
   * is where they begin. What a packet has captured beyond the block's bytes, or claims to have beyond the source's, is left
   * out. What a source has read into the core's own block stays where it is; all else is copied.
   */
  load(raw: RawPackets, from: number, to: number): number {
    const isInPlace = raw.bytes.buffer === this.bytes.buffer && raw.bytes.byteOffset === this.bytes.byteOffset;
    const limit = Math.min(to, from + BLOCK_PACKETS);
    const isOwn = isInPlace && raw.timeUs === this.raw.timeUs;
    this.rawFrom = isOwn ? from : 0;
    if (isOwn) return limit - from;
    const end = isInPlace ? this.copyPlaces(raw, from, limit) : this.copyBytes(raw, from, limit);
    this.raw.timeUs.set(raw.timeUs.subarray(from, end));
    this.raw.wireBytes.set(raw.wireBytes.subarray(from, end));
    this.raw.linkType.set(raw.linkType.subarray(from, end));
    return end - from;
  }

  private copyPlaces(raw: RawPackets, from: number, end: number): number {
    this.raw.offset.set(raw.offset.subarray(from, end));
    this.raw.capturedBytes.set(raw.capturedBytes.subarray(from, end));
    return end;
  }

  /** Copies the bytes of packets `[from, limit)`, as many as fit, and writes where they begin. Returns their end. */
  private copyBytes(raw: RawPackets, from: number, limit: number): number {
    const { offset, capturedBytes } = this.raw;
    let low = raw.offset[from]!;
    let high = low;
    let end = from;
    for (; end < limit; end++) {
      const at = raw.offset[end]!;
      const nextLow = at < low ? at : low;
      const nextHigh = Math.max(high, at + raw.capturedBytes[end]!);
      if (nextHigh - nextLow > BLOCK_BYTES && end > from) break;
      low = nextLow;
      high = nextHigh;
    }
    const bytes = raw.bytes.subarray(low, Math.min(high, low + BLOCK_BYTES));
    this.bytes.set(bytes);
    for (let i = from; i < end; i++) {
      const at = Math.min(raw.offset[i]! - low, bytes.length);
      offset[i - from] = at;
      capturedBytes[i - from] = Math.min(raw.capturedBytes[i]!, bytes.length - at);
    }
    return end;
  }
}
