/** IP addresses in 16 bytes, network order, IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2). */

const V4_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** Whether the 16 bytes at `at` hold an IPv4 address. */
export function isIpv4(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 12; i++) if (bytes[at + i] !== V4_PREFIX[i]) return false;
  return true;
}

/** Text of the address at `bytes[at, at + 16)`: dotted for IPv4, RFC 5952 for IPv6. */
export function formatAddress(bytes: Uint8Array, at = 0): string {
  if (isIpv4(bytes, at)) return `${bytes[at + 12]}.${bytes[at + 13]}.${bytes[at + 14]}.${bytes[at + 15]}`;
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push((bytes[at + 2 * i]! << 8) | bytes[at + 2 * i + 1]!);
  const { start, length } = longestZeroRun(groups);
  const text = (part: number[]) => part.map((g) => g.toString(16)).join(':');
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** An address in text with a port: `192.0.2.1:443`, `[2001:db8::1]:443` (RFC 5952 section 6). */
export function formatEndpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let i = 0; i < groups.length; i++) {
    let end = i;
    while (groups[end] === 0) end++;
    if (end - i > best.length) best = { start: i, length: end - i };
    i = Math.max(i, end);
  }
  return best;
}

/**
 * The 16 bytes of an address in text. Throws a RangeError that names the text when it is neither IPv4 nor IPv6.
 */
export function parseAddress(text: string): Uint8Array<ArrayBuffer> {
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  if (!bytes) throw new RangeError(`"${text}" is not an IP address. Expected such as 192.0.2.1 or 2001:db8::1.`);
  return bytes;
}

function parseIpv4(text: string): Uint8Array<ArrayBuffer> | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((p) => /^\d{1,3}$/.test(p) && Number(p) < 256)) return undefined;
  return Uint8Array.from([...V4_PREFIX, ...parts.map(Number)]);
}

function parseIpv6(text: string): Uint8Array<ArrayBuffer> | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const v4 = parseIpv4(dotted[2]!);
    if (!v4) return undefined;
    const hex = (i: number) => ((v4[i]! << 8) | v4[i + 1]!).toString(16);
    return parseIpv6(`${dotted[1]}${hex(12)}:${hex(14)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[] | undefined];
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<string>(tail ? missing : 0).fill('0'), ...(tail ?? [])];
  if (!groups.every((g) => /^[0-9a-fA-F]{1,4}$/.test(g))) return undefined;
  return Uint8Array.from(groups.flatMap((g) => [Number.parseInt(g, 16) >> 8, Number.parseInt(g, 16) & 255]));
}
