import { ADDRESS_WORDS, hashAddress, WINDOW_LENGTHS_S } from '@weir/contracts';
import type { DistinctSets } from '../features/distinct-sets.js';
import { decodeFreeRows, decodeLiveRows, encodeFreeRows, encodeLiveRows, trimFreeRows } from '../features/free-rows.js';
import { HashIndex } from '../features/hash-index.js';
import type { ByteReader, ByteWriter } from '../features/state-bytes.js';
import type { TopPeers } from '../features/top-k.js';
import { AgeLists } from './age-lists.js';
import { Doorkeeper } from './doorkeeper.js';
import { clearBlock, clearPane, FIELD, SET } from './fields.js';
import {
  BLOCK_STRIDE,
  EMPTY_BLOCKS,
  IDLE_S,
  MARK,
  MIN_DECODED_ROWS,
  NETWORK_ROW,
  PROVED_AFTER,
  SET_STRIDE,
} from './host-rows.js';
import { RowList } from './row-list.js';
import { SensorBits } from './sensor-bits.js';

/**
 * The hosts of a partition, with their blocks and sets. Bounded: when full, a stranger must come twice to be remembered,
 * and the host longest untouched goes, first among those with hardly any contributions (so a flood of forged sources
 * cannot push out a real host), then among all.
 */
export class HostTable {
  blocks: Float64Array;
  setHandles: Int32Array;
  /** Largest peers of each window, as handles into TopPeers. */
  peerHandles: Int32Array;
  addresses: Uint32Array;
  /** Address that each host probed last. */
  lastTargets: Uint32Array;
  private hashes: Uint32Array;
  private marks: Uint32Array;
  private index: HashIndex;
  private capacity: number;
  private used = 1;
  private free: number[] = [];
  private readonly ages = new AgeLists();
  private doorkeeper = new Doorkeeper();
  readonly sensorBits = new SensorBits();
  count = 0;
  forgotten = 0;
  /** Rows counted in this pane; and in this shortest window, a row perhaps twice. */
  readonly touched = new RowList();
  active: number[] = [];

  constructor(
    readonly maxHosts: number,
    private readonly sets: DistinctSets,
    private readonly peers: TopPeers,
    initialCapacity = 256,
  ) {
    this.capacity = Math.min(maxHosts + 1, initialCapacity);
    this.blocks = new Float64Array(this.capacity * BLOCK_STRIDE);
    this.setHandles = new Int32Array(this.capacity * SET_STRIDE);
    this.peerHandles = new Int32Array(this.capacity * WINDOW_LENGTHS_S.length);
    this.addresses = new Uint32Array(this.capacity * ADDRESS_WORDS);
    this.lastTargets = new Uint32Array(this.capacity * ADDRESS_WORDS);
    this.hashes = new Uint32Array(this.capacity);
    this.marks = new Uint32Array(this.capacity * MARK.stride);
    this.index = new HashIndex(this.capacity);
  }

  /** Where the block of window `window` (0 the shortest) of a row begins in `blocks`. */
  blockAt(row: number, window: number): number {
    return row * BLOCK_STRIDE + (window === 0 ? 0 : FIELD.size + (window - 1) * FIELD.carried);
  }

  /** Marks a row as counted in this pane: lists it with those touched, and with those active in the shortest window. */
  enter(row: number, nowS: number): number {
    const m = row * MARK.stride;
    const block = row * BLOCK_STRIDE;
    if (this.marks[m + MARK.lastS] !== nowS) this.firstInPane(row, m, block, nowS);
    this.blocks[block + FIELD.contributions]! += 1;
    return block;
  }

  /**
   * Whether a host has had more than a few contributions, or is the network. Longer windows are kept of such only: most
   * addresses in a flood or scan are seen once, and cost as much as all others together if each is carried on.
   */
  isProved(row: number): boolean {
    return row === NETWORK_ROW || this.marks[row * MARK.stride + MARK.isProved] === 1;
  }

  private firstInPane(row: number, m: number, block: number, nowS: number): void {
    this.marks[m + MARK.lastS] = nowS;
    this.touched.add(row);
    if (this.blocks[block + FIELD.floodInPane] !== 0) clearPane(this.blocks, block);
    const startS = nowS - (nowS % WINDOW_LENGTHS_S[0]);
    if (this.marks[m + MARK.listedForS] === startS) return;
    this.marks[m + MARK.listedForS] = startS;
    this.active.push(row);
  }

  /** Where the sets of window `window` (0 the shortest) of a row begin in `setHandles`. */
  setsAt(row: number, window: number): number {
    return row * SET_STRIDE + window * SET.size;
  }

  /**
   * Row of the host at `words[at .. at + 4)`, made if need be, and the newest of its list from now on. In a full table a
   * stranger has to come twice: −1 the first time.
   */
  touch(words: Uint32Array, at: number, hash: number, nowS: number): number {
    let row = this.find(words, at, hash);
    if (row < 0) {
      if (this.count >= this.maxHosts && !this.doorkeeper.knows(hash, nowS)) return -1;
      row = this.insert(words, at, hash);
    }
    const m = row * MARK.stride;
    const contributions = this.marks[m + MARK.contributions]!;
    if (contributions <= PROVED_AFTER) this.marks[m + MARK.contributions] = contributions + 1;
    if (this.marks[m + MARK.lastS] !== nowS || contributions === PROVED_AFTER) {
      this.ages.unlink(this.marks, row);
      this.marks[m + MARK.isProved] = contributions >= PROVED_AFTER ? 1 : 0;
      this.ages.linkNewest(this.marks, row);
    }
    return row;
  }

  private find(words: Uint32Array, at: number, hash: number): number {
    const { addresses } = this;
    const { slots, mask } = this.index;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = slots[2 * slot + 1]! - 1;
      if (row < 0) return -1;
      if (slots[2 * slot] !== (hash | 0)) continue;
      const a = row * ADDRESS_WORDS;
      if (
        addresses[a + 3] === words[at + 3] &&
        addresses[a] === words[at] &&
        addresses[a + 1] === words[at + 1] &&
        addresses[a + 2] === words[at + 2]
      )
        return row;
    }
  }

  private insert(words: Uint32Array, at: number, hash: number): number {
    if (this.count >= this.maxHosts) this.forget(this.ages.oldestOf(0) || this.ages.oldestOf(1));
    const row = this.free.pop() ?? this.nextUnused();
    const a = row * ADDRESS_WORDS;
    this.addresses[a] = words[at]!;
    this.addresses[a + 1] = words[at + 1]!;
    this.addresses[a + 2] = words[at + 2]!;
    this.addresses[a + 3] = words[at + 3]!;
    this.hashes[row] = hash;
    this.index.enter(this.hashes[row]! | 0, row);
    this.ages.linkNewest(this.marks, row);
    this.count++;
    return row;
  }

  /** Adds bytes exchanged with a peer to all windows of a host. */
  addPeer(row: number, words: Uint32Array, at: number, bytes: number): void {
    const first = row * WINDOW_LENGTHS_S.length;
    for (let k = first; k < first + WINDOW_LENGTHS_S.length; k++)
      this.peerHandles[k] = this.peers.add(this.peerHandles[k]!, words, at, bytes);
  }

  /** Forgets the largest peers of one window. */
  dropPeers(row: number, window: number): void {
    if (this.peers.summaries === 0) return;
    const at = row * WINDOW_LENGTHS_S.length + window;
    if (this.peerHandles[at] === 0) return;
    this.peers.release(this.peerHandles[at]!);
    this.peerHandles[at] = 0;
  }

  /** From now on contributions are told apart by sensor; all so far were the first one's. */
  tellSensorsApart(): void {
    this.sensorBits.turnOn(this.capacity, this.used);
  }

  /** Notes that a sensor contributed to the shortest window of the host at `words[at .. at + 4)`, if it is known. */
  noteSensor(words: Uint32Array, at: number, bit: number): void {
    const row = this.find(words, at, hashAddress(words, at));
    if (row >= 0) this.sensorBits.add(row, bit);
  }

  /** Drops a host and all that is counted of it; its address and target are overwritten by the next. */
  private forget(row: number): void {
    this.ages.unlink(this.marks, row);
    this.index.remove(this.hashes[row]! | 0, row);
    this.clearCounts(row);
    this.sensorBits.forget(row);
    for (let k = row * MARK.stride; k < (row + 1) * MARK.stride; k++) this.marks[k] = 0;
    this.free.push(row);
    this.count--;
    this.forgotten++;
  }

  /** Of most hosts that go, a flood's or a scan's, nothing is left but the empty block of a shortest window. */
  private clearCounts(row: number): void {
    const { setHandles } = this;
    const block = row * BLOCK_STRIDE;
    const windows = this.isProved(row) ? WINDOW_LENGTHS_S.length : 1;
    if (windows === 1 && this.blocks[block + FIELD.contributions] === 0) return;
    for (let k = row * SET_STRIDE; k < row * SET_STRIDE + windows * SET.size; k++) {
      if (setHandles[k] === 0) continue;
      this.sets.release(setHandles[k]!);
      setHandles[k] = 0;
    }
    for (let window = 0; window < WINDOW_LENGTHS_S.length; window++) this.dropPeers(row, window);
    if (windows > 1) this.blocks.set(EMPTY_BLOCKS, block);
    else clearBlock(this.blocks, block, 0);
  }

  /**
   * Forgets hosts of which nothing is counted any more. `nowS` must not depend on what other hosts do, as then it would matter who shares a partition.
   */
  forgetIdle(nowS: number): void {
    for (const [list, idleS] of IDLE_S.entries())
      for (let row = this.ages.oldestOf(list); row !== 0; row = this.ages.oldestOf(list)) {
        if (this.marks[row * MARK.stride + MARK.lastS]! >= nowS - idleS) break;
        this.forget(row);
        this.forgotten--;
      }
  }

  private nextUnused(): number {
    if (this.used === this.capacity) this.growRows();
    return this.used++;
  }

  private growRows(): void {
    this.capacity = Math.min(this.maxHosts + 1, this.capacity * 2);
    this.blocks = resized(this.blocks, new Float64Array(this.capacity * BLOCK_STRIDE));
    this.setHandles = resized(this.setHandles, new Int32Array(this.capacity * SET_STRIDE));
    this.peerHandles = resized(this.peerHandles, new Int32Array(this.capacity * WINDOW_LENGTHS_S.length));
    this.addresses = resized(this.addresses, new Uint32Array(this.capacity * ADDRESS_WORDS));
    this.lastTargets = resized(this.lastTargets, new Uint32Array(this.capacity * ADDRESS_WORDS));
    this.hashes = resized(this.hashes, new Uint32Array(this.capacity));
    this.marks = resized(this.marks, new Uint32Array(this.capacity * MARK.stride));
    this.sensorBits.grow(this.capacity);
    this.index = new HashIndex(this.capacity);
    for (let row = 1; row < this.used; row++) this.index.enter(this.hashes[row]! | 0, row);
  }

  encode(writer: ByteWriter): void {
    const { count, forgotten, active } = this;
    const tellsApart = this.sensorBits.isOn;
    writer.string(JSON.stringify({ count, forgotten, active, tellsApart }));
    writer.words(this.ages.ends);
    const use = trimFreeRows(this.used, this.free);
    this.used = use.used;
    this.free = [...use.free].reverse();
    encodeFreeRows(writer, use);
    for (const bytes of this.arrays()) encodeLiveRows(writer, bytes, { rowBytes: bytes.length / this.capacity, use });
    this.doorkeeper.encode(writer);
  }

  static decode(reader: ByteReader, maxHosts: number, counts: { sets: DistinctSets; peers: TopPeers }): HostTable {
    const { count, forgotten, active, tellsApart } = JSON.parse(reader.string());
    const ends = reader.words();
    const use = decodeFreeRows(reader, maxHosts + 1);
    const table = new HostTable(maxHosts, counts.sets, counts.peers, Math.max(MIN_DECODED_ROWS, use.used));
    if (tellsApart) table.sensorBits.turnOn(table.capacity, 0);
    table.ages.restore(ends);
    table.free = [...use.free].reverse();
    for (const bytes of table.arrays()) decodeLiveRows(reader, bytes, { rowBytes: bytes.length / table.capacity, use });
    table.doorkeeper = Doorkeeper.decode(reader);
    Object.assign(table, { used: use.used, count, forgotten, active });
    const isFree = new Set(use.free);
    for (let row = 1; row < use.used; row++) if (!isFree.has(row)) table.index.enter(table.hashes[row]! | 0, row);
    return table;
  }

  /** What there is of each row, as bytes. */
  private arrays(): Uint8Array[] {
    const { blocks, setHandles, peerHandles, addresses, lastTargets, hashes, marks } = this;
    const arrays = [blocks, setHandles, peerHandles, addresses, lastTargets, hashes, marks];
    return [...arrays.map(({ buffer }) => new Uint8Array(buffer)), this.sensorBits.bytes];
  }
}

function resized<A extends Uint32Array | Float64Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
