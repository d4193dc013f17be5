// First pass: headers. Nearly all packets are TCP or UDP in plain IPv4 in Ethernet, with nothing to remark; those are decoded
// here, in one loop. Of the others, those with all their headers in one piece follow at once (usual.ts); the rest is left to
// the layered decoder, which would give the same row for any packet (a test compares them).

import { isTunnelPort, OPENING, storeAddress } from './frame';
import * as G from './generated';
import { BLOCK, BYTES, ILLEGAL_FLAGS, load16, load32, PACKETS, RAW } from './memory';
import { clearUndecoded, decodeUsual } from './usual';

const ETHERNET_BYTES: usize = 14;
const IPV4_BYTES: i32 = 20;
const UDP_BYTES: i32 = 8;
// Bytes that must be captured: three headers at their shortest.
const TCP_FRAME_BYTES: i32 = 54;
const UDP_FRAME_BYTES: i32 = 42;
// EtherType IPv4 with version 4 and a header of five words, behind one byte of address.
const PLAIN_IPV4: i32 = 0x080045;
const PLAIN_IPV4_MASK: i32 = 0xffffff;

/** Decodes raw rows from `raw` on to rows `[first, end)`. Returns how many are left; the block's column `left` says which. */
export function decodePlain(raw: i32, first: i32, end: i32): i32 {
  clearRows(<usize>first, <usize>(end - first));
  clearUndecoded();
  let left = 0;
  for (let row = first; row < end; row++) {
    const i = <usize>row;
    const r = <usize>(raw + row - first);
    store<f64>(PACKETS + (i << 3), load<f64>(RAW + (r << 3), G.RAW_timeUs), G.PACKETS_timeUs);
    store<u32>(PACKETS + (i << 2), load<u32>(RAW + (r << 2), G.RAW_wireBytes), G.PACKETS_lengthBytes);
    if (!decodeRow(i, r) && !decodeUsual(i, r)) store<i32>(BLOCK + (<usize>(left++) << 2), row, G.BLOCK_left);
  }
  return left;
}

/** Writes a plain packet's row from its raw row. Returns false, and has written nothing that matters, for any other. */
function decodeRow(i: usize, r: usize): bool {
  const i4 = i << 2;
  if (load<u16>(RAW + (r << 1), G.RAW_linkType) != <u16>G.LinkType_ethernet) return false;
  const captured = load<i32>(RAW + (r << 2), G.RAW_capturedBytes);
  if (captured < UDP_FRAME_BYTES) return false;
  const at = load<u32>(RAW + (r << 2), G.RAW_offset);
  const frame = BYTES + <usize>at;
  if ((load32(frame + 11) & PLAIN_IPV4_MASK) != PLAIN_IPV4 || load<u8>(frame, 6) & 1) return false;
  const network = frame + ETHERNET_BYTES;
  const first = load32(network);
  const second = load32(network + 4);
  const third = load32(network + 8);
  const source = load32(network + 12);
  const destination = load32(network + 16);
  const totalBytes = first & 0xffff;
  const transport = network + <usize>IPV4_BYTES;
  const ports = load32(transport);
  const sourceHead = source >>> 24;
  const isOrdinary =
    (hasChecksum(first, second, third, source, destination) || (third & 0xffff) == 0) &&
    (second & 0x3fff) == 0 &&
    <i32>ETHERNET_BYTES + totalBytes <= load<i32>(RAW + (r << 2), G.RAW_wireBytes) &&
    source != destination &&
    <u32>sourceHead < 224 &&
    sourceHead != 127 &&
    sourceHead != 0 &&
    ports >>> 16 != 0 &&
    (ports & 0xffff) != 0;
  if (!isOrdinary) return false;
  const protocol = (third >>> 16) & 0xff;
  let payloadBytes: i32;
  let look = 0;
  if (protocol == G.Protocol_tcp && captured >= TCP_FRAME_BYTES) {
    const offsetAndFlags = load16(transport + 12);
    const headerBytes = (offsetAndFlags >>> 12) << 2;
    payloadBytes = totalBytes - IPV4_BYTES - headerBytes;
    if (headerBytes < 20 || payloadBytes < 0 || load<u8>(ILLEGAL_FLAGS + <usize>(offsetAndFlags & 63))) return false;
    store<i32>(PACKETS + i4, load32(transport + 4), G.PACKETS_tcpSequence);
    store<i32>(PACKETS + i4, load32(transport + 8), G.PACKETS_tcpAcknowledgment);
    store<u16>(PACKETS + (i << 1), <u16>load16(transport + 14), G.PACKETS_tcpWindow);
    store<u8>(PACKETS + i, <u8>offsetAndFlags, G.PACKETS_tcpFlags);
    if ((offsetAndFlags & OPENING) == G.TcpFlag_syn) look = G.Look_streamStart;
  } else if (protocol == G.Protocol_udp) {
    payloadBytes = totalBytes - IPV4_BYTES - UDP_BYTES;
    if (payloadBytes < 0 || load16(transport + 4) != totalBytes - IPV4_BYTES) return false;
    if (isTunnelPort(ports >>> 16) || isTunnelPort(ports & 0xffff)) return false;
    store<u32>(PACKETS + i4, 0, G.PACKETS_tcpSequence);
    store<u32>(PACKETS + i4, 0, G.PACKETS_tcpAcknowledgment);
    store<u16>(PACKETS + (i << 1), 0, G.PACKETS_tcpWindow);
    store<u8>(PACKETS + i, 0, G.PACKETS_tcpFlags);
  } else return false;
  store<u8>(PACKETS + i, <u8>G.NetworkLayer_ipv4, G.PACKETS_networkLayer);
  store<u8>(PACKETS + i, <u8>protocol, G.PACKETS_protocol);
  storeAddress(PACKETS + G.PACKETS_sourceAddress + (i << 4), load<u32>(network, 12));
  storeAddress(PACKETS + G.PACKETS_destinationAddress + (i << 4), load<u32>(network, 16));
  store<u16>(PACKETS + (i << 1), <u16>(ports >>> 16), G.PACKETS_sourcePort);
  store<u16>(PACKETS + (i << 1), <u16>ports, G.PACKETS_destinationPort);
  store<i32>(PACKETS + i4, payloadBytes, G.PACKETS_payloadBytes);
  const end = <i32>at + <i32>ETHERNET_BYTES + totalBytes;
  const payloadAt = end - payloadBytes;
  const capturedEnd = min(end, <i32>at + captured);
  if (payloadAt < capturedEnd) {
    if (look == 0) look = G.Look_payload;
    store<i32>(BLOCK + i4, payloadAt, G.BLOCK_payloadAt);
    store<i32>(BLOCK + i4, capturedEnd, G.BLOCK_payloadEnd);
  } else store<i32>(BLOCK + i4, 0, G.BLOCK_payloadAt);
  store<u8>(BLOCK + i, <u8>look, G.BLOCK_look);
  return true;
}

/** Whether the IPv4 header sums up (RFC 1071). */
function hasChecksum(first: i32, second: i32, third: i32, source: i32, destination: i32): bool {
  const sum =
    (first >>> 16) +
    (first & 0xffff) +
    (second >>> 16) +
    (second & 0xffff) +
    (third >>> 16) +
    (third & 0xffff) +
    (source >>> 16) +
    (source & 0xffff) +
    (destination >>> 16) +
    (destination & 0xffff);
  return (sum >>> 16) + (sum & 0xffff) == 0xffff;
}

/** First row of `[from, end)` with a breach, or `end`. */
export function nextBreach(from: i32, end: i32): i32 {
  const conformance = PACKETS + G.PACKETS_conformance;
  let row = from;
  while (row < end && load<i32>(conformance + (<usize>row << 2)) == 0) row++;
  return row;
}

/** Zeroes the columns that only some rows have. The headers' own columns are written for every row. */
function clearRows(first: usize, rows: usize): void {
  const bytes = PACKETS + first;
  const words = PACKETS + (first << 2);
  memory.fill(BLOCK + G.BLOCK_look + first, 0, rows);
  memory.fill(words + G.PACKETS_watermarkS, 0, rows << 2);
  memory.fill(bytes + G.PACKETS_tunnelKind, 0, rows);
  memory.fill(words + G.PACKETS_tunnelId, 0, rows << 2);
  memory.fill(words + G.PACKETS_conformance, 0, rows << 2);
  memory.fill(bytes + G.PACKETS_payloadGuess, 0, rows);
  memory.fill(bytes + G.PACKETS_payloadEntropy, 0, rows);
  memory.fill(bytes + G.PACKETS_noteKind, 0, rows);
  memory.fill(PACKETS + (first << 1) + G.PACKETS_noteCode, 0, rows << 1);
  memory.fill(words + G.PACKETS_noteValue, 0, rows << 2);
}
