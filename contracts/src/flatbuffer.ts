import { ContractError } from './contract-error.js';

/** A place in a vector: where its first element lies, and how many there are. */
export interface VectorSpan {
  readonly at: number;
  readonly length: number;
}

const NOTHING: VectorSpan = { at: 0, length: 0 };
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads one table of a flatbuffer (https://flatbuffers.dev/internals) that nobody has vouched for. Every offset is
 * read through a DataView of the buffer alone, so that one pointing outside throws a RangeError and reads nothing; no
 * vector is walked before its length is known to be sound.
 */
export class FlatbufferTable {
  private constructor(
    private readonly view: DataView,
    private readonly at: number,
  ) {}

  /** The table that the buffer begins with. */
  static root(bytes: Uint8Array): FlatbufferTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatbufferTable(view, view.getUint32(0, true));
  }

  /** Where field `index` lies, or 0 when the writer left it out. */
  private field(index: number): number {
    const { view, at } = this;
    const vtable = at - view.getInt32(at, true);
    const entry = 4 + 2 * index;
    if (entry + 2 > view.getUint16(vtable, true)) return 0;
    const offset = view.getUint16(vtable + entry, true);
    return offset === 0 ? 0 : at + offset;
  }

  private follow(index: number): number {
    const at = this.field(index);
    return at === 0 ? 0 : at + this.view.getUint32(at, true);
  }

  has(index: number): boolean {
    return this.field(index) !== 0;
  }

  uint8(index: number): number {
    const at = this.field(index);
    return at === 0 ? 0 : this.view.getUint8(at);
  }

  int16(index: number): number {
    const at = this.field(index);
    return at === 0 ? 0 : this.view.getInt16(at, true);
  }

  int32(index: number): number {
    const at = this.field(index);
    return at === 0 ? 0 : this.view.getInt32(at, true);
  }

  /** A 64-bit count or offset. Throws a ContractError when it is negative or past 2^53. */
  size(index: number): number {
    const at = this.field(index);
    return at === 0 ? 0 : this.sizeAt(at);
  }

  /** As `size`, of the number at `at` within the buffer. */
  sizeAt(at: number): number {
    const high = this.view.getUint32(at + 4, true);
    if (high > 0x1f_ffff) throw new ContractError('Arrow message with an impossible length. The bytes are damaged.');
    return high * 2 ** 32 + this.view.getUint32(at, true);
  }

  table(index: number): FlatbufferTable {
    const at = this.follow(index);
    if (at === 0) throw new RangeError('table missing');
    return new FlatbufferTable(this.view, at);
  }

  /** The span of a vector whose elements take `elementBytes` each; empty when it was left out. */
  vector(index: number, elementBytes: number): VectorSpan {
    const at = this.follow(index);
    if (at === 0) return NOTHING;
    const length = this.view.getUint32(at, true);
    if (length * elementBytes > this.view.byteLength - at - 4) throw new RangeError('vector past the buffer');
    return { at: at + 4, length };
  }

  /** The table that element `i` of a vector of tables points to. */
  element(span: VectorSpan, i: number): FlatbufferTable {
    const at = span.at + 4 * i;
    return new FlatbufferTable(this.view, at + this.view.getUint32(at, true));
  }

  /** A string of at most `maxBytes`; empty when it was left out. */
  text(index: number, maxBytes: number): string {
    const { at, length } = this.vector(index, 1);
    if (length > maxBytes) throw new ContractError(`Arrow metadata string of ${length} bytes; at most ${maxBytes}.`);
    return decoder.decode(new Uint8Array(this.view.buffer, this.view.byteOffset + at, length));
  }
}
