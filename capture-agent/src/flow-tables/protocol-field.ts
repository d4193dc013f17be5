import { Protocol } from '@weir/contracts';
import { readNumber, readText } from './field-text.js';

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ...Object.entries(Protocol),
  ['icmp6', Protocol.icmpv6],
  ['ipv6-icmp', Protocol.icmpv6],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['ospf', 89],
  // Zeek's word for a transport that it does not follow.
  ['unknown_transport', 0],
]);

/** Protocol number (IANA) of a field that holds it or its name; NaN for anything else. */
export function readProtocol(bytes: Uint8Array, start: number, end: number): number {
  if (end - start === 3) {
    const key = ((bytes[start]! | 32) << 16) | ((bytes[start + 1]! | 32) << 8) | bytes[start + 2]! | 32;
    if (key === 0x746370) return Protocol.tcp;
    if (key === 0x756470) return Protocol.udp;
  }
  const number = readNumber(bytes, start, end);
  if (Number.isInteger(number) && number >= 0 && number <= 255) return number;
  if (end - start > 20) return Number.NaN;
  return NUMBERS.get(readText(bytes, start, end).toLowerCase()) ?? Number.NaN;
}
