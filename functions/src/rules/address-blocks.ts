import { parseAddress } from '@weir/contracts';
import { AddressTable } from './address-table.js';

const WORDS = 4;
const BITS = 128;
const V4_BITS_BEFORE = 96;

/** Blocks with prefixes of one length. */
interface SameLength {
  readonly mask: Uint32Array;
  /** The masked words of each block, and which of the texts it is. */
  readonly table: AddressTable;
}

/** Addresses and CIDR blocks (RFC 4632, RFC 4291 2.3), to be asked whether an address is in one of them. */
export class AddressBlocks {
  private readonly lengths = new Map<number, SameLength>();
  private readonly masked = new Uint32Array(WORDS);
  private readonly read = new Uint8Array(this.masked.byteLength);
  private readonly readWords = new Uint32Array(this.read.buffer);

  /** Keeps `blocks`, which must not change. Throws a RangeError that names a text which is no address and no block. */
  constructor(private readonly blocks: readonly string[]) {
    for (let k = 0; k < blocks.length; k++) this.add(blocks[k]!, k);
  }

  get isEmpty(): boolean {
    return this.lengths.size === 0;
  }

  /** The block that the address in `words[at, at + 4)` is in, as it was written; undefined for none. */
  find(words: Uint32Array, at: number): string | undefined {
    const { masked } = this;
    for (const { mask, table } of this.lengths.values()) {
      for (let k = 0; k < WORDS; k++) masked[k] = words[at + k]! & mask[k]!;
      const found = table.find(masked);
      if (found >= 0) return this.blocks[found];
    }
    return undefined;
  }

  /** The same for an address, or the first of a block, in text; undefined too for anything that is none. */
  findText(address: string): string | undefined {
    try {
      this.readAddress(address);
      return this.find(this.readWords, 0);
    } catch {
      return undefined;
    }
  }

  private add(text: string, k: number): void {
    this.readAddress(text);
    const length = prefixLength(text);
    const same = this.lengths.get(length) ?? { mask: maskOf(length), table: new AddressTable() };
    this.lengths.set(length, same);
    for (let word = 0; word < WORDS; word++) this.masked[word] = this.readWords[word]! & same.mask[word]!;
    same.table.add(this.masked, k);
  }

  /** Reads an address, up to the length of its prefix. Throws a RangeError that names a text which is none. */
  private readAddress(text: string): void {
    if (!readDotted(text, this.read)) this.read.set(parseAddress(text.split('/')[0]!));
  }
}

const ZERO = 48;
const DOT = 46;
const SLASH = 47;

/** Reads the usual form of an IPv4 address, as of a long list; false for any other text, which a full parser must read. */
function readDotted(text: string, into: Uint8Array): boolean {
  let part = 0;
  let digits = 0;
  let value = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : SLASH;
    if (code === DOT || code === SLASH) {
      if (digits === 0 || digits > 3 || value > 255 || part > 3) return false;
      into[12 + part++] = value;
      if (code === SLASH) break;
      digits = 0;
      value = 0;
    } else if (code >= ZERO && code < ZERO + 10) {
      value = value * 10 + code - ZERO;
      digits++;
    } else return false;
  }
  // IPv4-mapped, as all addresses are kept (RFC 4291 2.5.5.2).
  into.fill(0, 0, 10).fill(0xff, 10, 12);
  return part === 4;
}

/** Bits of the prefix, counted from the beginning of 16 bytes. */
function prefixLength(text: string): number {
  const slash = text.indexOf('/');
  if (slash < 0) return BITS;
  const bits = text.slice(slash + 1);
  const length = (text.includes(':') ? 0 : V4_BITS_BEFORE) + (/^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN);
  if (length <= BITS) return length;
  throw new RangeError(`"${text}" is no block of addresses. Expected such as 192.0.2.0/24 or 2001:db8::/32.`);
}

function maskOf(length: number): Uint32Array {
  const bytes = new Uint8Array(BITS / 8);
  for (let bit = 0; bit < length; bit++) bytes[bit >> 3]! |= 0x80 >> (bit & 7);
  return new Uint32Array(bytes.buffer);
}
