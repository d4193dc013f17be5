import { isIP } from 'node:net';

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const IPV4 = /(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})((?:\/\d+)*)(?::\d+)?/g;

/** A block of addresses as a range of numbers. */
interface Range {
  readonly version: 4 | 6;
  readonly from: bigint;
  readonly to: bigint;
}

/** Addresses (IPv4, IPv6, MAC) and CIDR blocks, to ask whether two such sets meet. */
export class AddressSet {
  private readonly cards = new Set<string>();
  private readonly ranges: Range[] = [];

  static of(texts: readonly string[]): AddressSet {
    const set = new AddressSet();
    for (const text of texts) set.add(text);
    return set;
  }

  get isEmpty(): boolean {
    return this.cards.size === 0 && this.ranges.length === 0;
  }

  /** Adds an address or block; anything else is left out, as truth files hold remarks too. */
  add(text: string): void {
    const trimmed = text.trim().toLowerCase();
    if (MAC.test(trimmed)) this.cards.add(trimmed);
    const range = rangeOf(trimmed);
    if (range) this.ranges.push(range);
  }

  /**
   * Adds every IPv4 address and block in free text, such as `10.1.2.3:21` or `10.0.0.0/24`. `10.1.2.20/21`, which is no
   * block as bits are set behind its prefix, are two addresses: .20 and .21.
   */
  addFrom(text: string): void {
    for (const [, address, slashes] of text.matchAll(IPV4)) {
      const parts = slashes!.split('/').slice(1);
      const block = parts.length === 1 ? rangeOf(`${address}/${parts[0]}`) : undefined;
      if (block && block.from === numberOf(address!)) {
        this.ranges.push(block);
        continue;
      }
      this.add(address!);
      for (const last of parts) this.add(`${address!.slice(0, address!.lastIndexOf('.'))}.${last}`);
    }
  }

  meets(other: AddressSet): boolean {
    for (const card of this.cards) if (other.cards.has(card)) return true;
    return this.ranges.some((a) => other.ranges.some((b) => overlaps(a, b)));
  }
}

function overlaps(a: Range, b: Range): boolean {
  return a.version === b.version && a.from <= b.to && b.from <= a.to;
}

function rangeOf(text: string): Range | undefined {
  const [address, prefix, ...more] = text.split('/');
  const version = isIP(address!);
  if (version === 0 || more.length > 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  if (!Number.isInteger(length) || length < 0 || length > bits) return undefined;
  const size = 1n << BigInt(bits - length);
  const from = (numberOf(address!) / size) * size;
  return { version: version as 4 | 6, from, to: from + size - 1n };
}

/** An IP address as a number. */
function numberOf(address: string): bigint {
  if (isIP(address) === 4) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = '', tail = ''] = withoutDotted(address.split('%')[0]!).split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const gap = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(address.includes('::') ? gap : 0).fill('0'), ...groups(tail)];
  return all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

/** `::ffff:10.0.0.1` with its last four bytes as two groups. */
function withoutDotted(address: string): string {
  const at = address.lastIndexOf(':');
  if (!address.includes('.')) return address;
  const value = numberOf(address.slice(at + 1));
  return `${address.slice(0, at + 1)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}
