import type { ColumnArrays, ColumnTable, ColumnType, Layout, PacketTable } from '@weir/contracts';

type Columns = Record<string, ColumnArrays[ColumnType]>;
/** Rows that know which partition is theirs: packets, or flow rows. */
type HashedRows = ColumnTable<Layout> & { columns: Pick<PacketTable['columns'], 'flowHash'> };

/**
 * Distributes rows to one table a partition, column by column: a counting sort of the row numbers, then one gather loop a
 * column and partition. Rows keep their order within a partition.
 */
export class Scatter {
  private order = new Uint32Array(0);
  private partitionOf = new Uint16Array(0);
  private readonly ends: Uint32Array;

  constructor(private readonly partitions: number) {
    this.ends = new Uint32Array(partitions + 1);
  }

  /** Replaces the rows of `targets` by those of `source`, by flow hash modulo the number of partitions. */
  distribute<T extends HashedRows>(source: T, targets: readonly T[]): void {
    this.sort(source.columns.flowHash, source.count);
    for (let partition = 0; partition < this.partitions; partition++) {
      const from = partition === 0 ? 0 : this.ends[partition - 1]!;
      gatherRows(source, targets[partition]!, this.order.subarray(from, this.ends[partition]));
    }
  }

  /** Afterwards `order` holds the rows of each partition in turn, and `ends` where each partition's end. */
  private sort(hashes: Uint32Array, rows: number): void {
    if (this.order.length < rows) {
      this.order = new Uint32Array(rows);
      this.partitionOf = new Uint16Array(rows);
    }
    const { ends, order, partitionOf } = this;
    const partitions = this.partitions >>> 0;
    ends.fill(0);
    for (let row = 0; row < rows; row++) {
      // Both unsigned, or the compiler would divide doubles.
      const partition = (hashes[row]! >>> 0) % partitions;
      partitionOf[row] = partition;
      ends[partition + 1]!++;
    }
    for (let i = 1; i <= partitions; i++) ends[i]! += ends[i - 1]!;
    // Each start moves up to its partition's end as rows are placed.
    for (let row = 0; row < rows; row++) {
      const partition = partitionOf[row]!;
      const at = ends[partition]!;
      order[at] = row;
      ends[partition] = at + 1;
    }
  }
}

function gatherRows(source: HashedRows, target: HashedRows, rows: Uint32Array): void {
  target.clear();
  if (rows.length > target.capacity) target.grow(rows.length);
  target.count = rows.length;
  const from = source.columns as Columns;
  const to = target.columns as Columns;
  for (const { name, type } of source.layout) gatherColumn(type, from[name]!, to[name]!, rows);
}

/** One loop a type, so that each is compiled for its own kind of array. */
function gatherColumn(
  type: ColumnType,
  from: ColumnArrays[ColumnType],
  to: ColumnArrays[ColumnType],
  rows: Uint32Array,
): void {
  switch (type) {
    case 'u8':
      gatherBytes(from as Uint8Array, to as Uint8Array, rows);
      break;
    case 'u16':
      gatherHalfWords(from as Uint16Array, to as Uint16Array, rows);
      break;
    case 'u32':
      gatherWords(from as Uint32Array, to as Uint32Array, rows);
      break;
    case 'f64':
      gatherDoubles(from as Float64Array, to as Float64Array, rows);
      break;
    case 'address':
      gatherAddresses((from as ColumnArrays['address']).words, (to as ColumnArrays['address']).words, rows);
      break;
    case 'bytes':
      gatherStrings(from as ColumnArrays['bytes'], to as ColumnArrays['bytes'], rows);
      break;
    default:
      throw new TypeError(`Packet columns of type ${type} cannot be distributed. Add a gather loop for it.`);
  }
}

function gatherBytes(from: Uint8Array, to: Uint8Array, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]!]!;
}

function gatherHalfWords(from: Uint16Array, to: Uint16Array, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]!]!;
}

function gatherWords(from: Uint32Array, to: Uint32Array, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]!]!;
}

function gatherDoubles(from: Float64Array, to: Float64Array, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]!]!;
}

function gatherAddresses(from: Uint32Array, to: Uint32Array, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) {
    const at = 4 * rows[i]!;
    to[4 * i] = from[at]!;
    to[4 * i + 1] = from[at + 1]!;
    to[4 * i + 2] = from[at + 2]!;
    to[4 * i + 3] = from[at + 3]!;
  }
}

function gatherStrings(from: ColumnArrays['bytes'], to: ColumnArrays['bytes'], rows: Uint32Array): void {
  const { offsets } = from;
  for (let i = 0; i < rows.length; i++) {
    const start = offsets[rows[i]!]!;
    const end = offsets[rows[i]! + 1]!;
    // Most rows have no note.
    if (start === end) to.offsets[i + 1] = to.offsets[i]!;
    else to.append(i, from.data, start, end);
  }
}
