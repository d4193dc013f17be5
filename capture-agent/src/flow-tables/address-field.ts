import { type AddressColumn, parseAddress } from '@weir/contracts';

const DOT = 46;
const LONGEST_ADDRESS = 45;
/** Third word of an IPv4 address (::ffff:0:0/96), as this machine loads it. */
const IPV4_PREFIX_WORD = new Uint32Array(Uint8Array.of(0, 0, 0xff, 0xff).buffer)[0]!;

/** Writes the address in `bytes[start, end)` as row `row` of `column`; false when it is none. */
export function readAddress(
  column: AddressColumn,
  row: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  return readIpv4(column, row, bytes, start, end) || readAnyAddress(column, row, bytes, start, end);
}

function readIpv4(
  { bytes: to, words }: AddressColumn,
  row: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  let part = 0;
  let digits = 0;
  let at = row * 16 + 12;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === DOT) {
      if (digits === 0 || at >= row * 16 + 15) return false;
      to[at++] = part;
      part = 0;
      digits = 0;
      continue;
    }
    const digit = byte - 48;
    part = part * 10 + digit;
    if (digit < 0 || digit > 9 || ++digits > 3 || part > 255) return false;
  }
  if (digits === 0 || at !== row * 16 + 15) return false;
  to[at] = part;
  words[row * 4] = 0;
  words[row * 4 + 1] = 0;
  words[row * 4 + 2] = IPV4_PREFIX_WORD;
  return true;
}

function readAnyAddress(
  { bytes: to }: AddressColumn,
  row: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (end - start > LONGEST_ADDRESS || end - start < 2) return false;
  try {
    to.set(parseAddress(String.fromCharCode(...bytes.subarray(start, end))), row * 16);
    return true;
  } catch {
    return false;
  }
}
