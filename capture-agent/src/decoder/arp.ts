import { ConformanceBreach, NetworkLayer } from '@weir/contracts';
import { cutShort, type Frame, IPV4_PREFIX_WORD, Layer, LITTLE_ENDIAN } from './frame.js';
import { Look } from './look.js';
import { acceptNetwork } from './network.js';

/** Ethernet, and IEEE 802 networks. */
const HARDWARE_TYPES = [1, 6];
const LAST_OPCODE = 25;

/** ARP for IPv4 over Ethernet (RFC 826): the row gets the protocol addresses and a note with the sender's MAC. */
export function arp(f: Frame): number {
  const { view, at, row } = f;
  if (at + 28 > f.end) return cutShort(f, 28, ConformanceBreach.arpMalformed);
  const opcode = view.getUint16(at + 6);
  const isIpv4 = view.getUint16(at + 2) === 0x0800 && view.getUint16(at + 4) === 0x0604;
  if (!isIpv4 || !HARDWARE_TYPES.includes(view.getUint16(at)) || opcode === 0 || opcode > LAST_OPCODE) {
    f.breaches |= ConformanceBreach.arpMalformed;
    return Layer.end;
  }
  acceptNetwork(f, NetworkLayer.arp);
  f.protocol[row] = 0;
  writeIpv4(f.sourceWords, row, view.getUint32(at + 14, LITTLE_ENDIAN));
  writeIpv4(f.destinationWords, row, view.getUint32(at + 24, LITTLE_ENDIAN));
  f.decoded = 1;
  f.payloadAt = at;
  if (opcode <= 2) f.look = Look.arp;
  return Layer.end;
}

function writeIpv4(words: Uint32Array, row: number, address: number): void {
  words[4 * row] = 0;
  words[4 * row + 1] = 0;
  words[4 * row + 2] = IPV4_PREFIX_WORD;
  words[4 * row + 3] = address;
}
