import { hashAddress, parseAddress } from '@weir/contracts';

const WORDS = 4;
const BITS = 128;
const V4_BITS_BEFORE = 96;

/** Blocks with prefixes of one length. */
interface SameLength {
  readonly mask: Uint32Array;
  /** By hash of the masked words: the words of the block, and what stands for it. */
  readonly byHash: Map<number, { words: Uint32Array; text: string }[]>;
}

/** Addresses and CIDR blocks (RFC 4632, RFC 4291 2.3), to be asked whether an address is in one of them. */
export class AddressBlocks {
  private readonly lengths = new Map<number, SameLength>();
  private readonly masked = new Uint32Array(WORDS);

  /** Throws a RangeError that names a text which is no address and no block. */
  constructor(blocks: readonly string[]) {
    for (const block of blocks) this.add(block);
  }

  get isEmpty(): boolean {
    return this.lengths.size === 0;
  }

  /** The block that the address in `words[at, at + 4)` is in, as it was written; undefined for none. */
  find(words: Uint32Array, at: number): string | undefined {
    const { masked } = this;
    for (const { mask, byHash } of this.lengths.values()) {
      for (let k = 0; k < WORDS; k++) masked[k] = words[at + k]! & mask[k]!;
      const found = byHash
        .get(hashAddress(masked, 0))
        ?.find((block) => block.words.every((word, k) => word === masked[k]));
      if (found) return found.text;
    }
    return undefined;
  }

  /** The same for an address, or the first of a block, in text; undefined too for anything that is none. */
  findText(address: string): string | undefined {
    try {
      return this.find(wordsOf(address.split('/')[0]!), 0);
    } catch {
      return undefined;
    }
  }

  private add(text: string): void {
    const [address, bits] = text.split('/') as [string, string | undefined];
    const words = wordsOf(address);
    const length = prefixLength(text, address, bits);
    const same = this.lengths.get(length) ?? { mask: maskOf(length), byHash: new Map() };
    this.lengths.set(length, same);
    const masked = words.map((word, k) => word & same.mask[k]!);
    const hash = hashAddress(masked, 0);
    same.byHash.set(hash, [...(same.byHash.get(hash) ?? []), { words: masked, text }]);
  }
}

function wordsOf(address: string): Uint32Array {
  return new Uint32Array(parseAddress(address).buffer);
}

/** Bits of the prefix, counted from the beginning of 16 bytes. */
function prefixLength(text: string, address: string, bits: string | undefined): number {
  const before = address.includes(':') ? 0 : V4_BITS_BEFORE;
  const length = bits === undefined ? BITS : before + (/^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN);
  if (length <= BITS) return length;
  throw new RangeError(`"${text}" is no block of addresses. Expected such as 192.0.2.0/24 or 2001:db8::/32.`);
}

function maskOf(length: number): Uint32Array {
  const bytes = new Uint8Array(BITS / 8);
  for (let bit = 0; bit < length; bit++) bytes[bit >> 3]! |= 0x80 >> (bit & 7);
  return new Uint32Array(bytes.buffer);
}
