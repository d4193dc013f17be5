import { NetworkLayer, Protocol, TcpFlag } from '@weir/contracts';
import { LinkType } from '../sources/source.js';
import { type Block, Look } from './block.js';
import { IPV4_PREFIX_WORD, LITTLE_ENDIAN } from './frame.js';
import { ILLEGAL_FLAGS, STREAM_FLAGS } from './transport.js';
import { isTunnelPort } from './tunnels.js';

// Copies: the compiler folds constants of this module, but loads and checks imported ones for each packet.
const ETHERNET = LinkType.ethernet;
const IPV4 = NetworkLayer.ipv4;
const TCP = Protocol.tcp;
const UDP = Protocol.udp;
const SYN = TcpFlag.syn;
const OPENING = STREAM_FLAGS;
const ILLEGAL = ILLEGAL_FLAGS;
const PREFIX = IPV4_PREFIX_WORD;
const IS_LITTLE_ENDIAN = LITTLE_ENDIAN;
const PAYLOAD = Look.payload;
const STREAM_START = Look.streamStart;

/** EtherType IPv4 with version 4 and a header of five words, and the mask for it behind one byte of address. */
const PLAIN_IPV4 = 0x080045;
const PLAIN_IPV4_MASK = 0xffffff;
const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const UDP_BYTES = 8;
/** Bytes that must be captured: three headers at their shortest. */
const TCP_FRAME_BYTES = 54;
const UDP_FRAME_BYTES = 42;

/**
 * First pass: headers. Nearly all packets are TCP or UDP in plain IPv4 in Ethernet, with nothing to remark; those are
 * decoded here, in one loop without a call. Whatever is unusual in any way, above all every breach, is left to the layered
 * decoder, which would give the same row for a plain packet too (a test compares them). Returns how many rows are left;
 * their numbers within the block are in `block.left`.
 */
export function decodePlainPackets(block: Block, bytes: Uint8Array, view: DataView): number {
  const { firstPacket, firstRow, rows, look, payloadAt, payloadEnd, left } = block;
  let leftCount = 0;
  const { offset, capturedBytes, wireBytes, linkType } = block.raw;
  const { networkLayer, protocol, sourcePort, destinationPort, tcpFlags } = block.table.columns;
  const { tcpSequence, tcpAcknowledgment, tcpWindow, payloadBytes } = block.table.columns;
  const sourceWords = block.table.columns.sourceAddress.words;
  const destinationWords = block.table.columns.destinationAddress.words;
  for (let i = 0; i < rows; i++) {
    const packet = firstPacket + i;
    // Signed, or the compiler would reckon with doubles.
    const at = offset[packet]! | 0;
    const captured = capturedBytes[packet]! | 0;
    const isPlain =
      linkType[packet] === ETHERNET &&
      captured >= UDP_FRAME_BYTES &&
      at >= 0 &&
      at + captured <= bytes.length &&
      (view.getInt32(at + 11) & PLAIN_IPV4_MASK) === PLAIN_IPV4 &&
      (bytes[at + 6]! & 1) === 0;
    if (!isPlain) {
      left[leftCount++] = i;
      continue;
    }
    const network = at + ETHERNET_BYTES;
    const first = view.getInt32(network);
    const second = view.getInt32(network + 4);
    const third = view.getInt32(network + 8);
    const source = view.getInt32(network + 12);
    const destination = view.getInt32(network + 16);
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
    const transport = network + IPV4_BYTES;
    const totalBytes = first & 0xffff;
    const transportProtocol = (third >>> 16) & 0xff;
    const sourceHead = source >>> 24;
    const ports = view.getInt32(transport);
    const isOrdinary =
      ((sum >>> 16) + (sum & 0xffff) === 0xffff || (third & 0xffff) === 0) &&
      (second & 0x3fff) === 0 &&
      ETHERNET_BYTES + totalBytes <= wireBytes[packet]! &&
      source !== destination &&
      sourceHead < 224 &&
      sourceHead !== 127 &&
      sourceHead !== 0 &&
      ports >>> 16 !== 0 &&
      (ports & 0xffff) !== 0;
    if (!isOrdinary) {
      left[leftCount++] = i;
      continue;
    }
    const row = firstRow + i;
    let payloadStart = transport + UDP_BYTES;
    let inspection = 0;
    if (transportProtocol === TCP && captured >= TCP_FRAME_BYTES) {
      const offsetAndFlags = view.getUint16(transport + 12);
      const headerBytes = (offsetAndFlags >>> 12) << 2;
      if (headerBytes < 20 || IPV4_BYTES + headerBytes > totalBytes || ILLEGAL[offsetAndFlags & 63] === 1) {
        left[leftCount++] = i;
        continue;
      }
      payloadStart = transport + headerBytes;
      tcpSequence[row] = view.getInt32(transport + 4);
      tcpAcknowledgment[row] = view.getInt32(transport + 8);
      tcpWindow[row] = view.getUint16(transport + 14);
      tcpFlags[row] = offsetAndFlags;
      if ((offsetAndFlags & OPENING) === SYN) inspection = STREAM_START;
    } else if (
      transportProtocol === UDP &&
      view.getUint16(transport + 4) === totalBytes - IPV4_BYTES &&
      totalBytes >= IPV4_BYTES + UDP_BYTES &&
      !isTunnelPort(ports >>> 16, ports & 0xffff)
    ) {
      tcpSequence[row] = 0;
      tcpAcknowledgment[row] = 0;
      tcpWindow[row] = 0;
      tcpFlags[row] = 0;
    } else {
      left[leftCount++] = i;
      continue;
    }
    const word = 4 * row;
    networkLayer[row] = IPV4;
    protocol[row] = transportProtocol;
    sourceWords[word] = 0;
    sourceWords[word + 1] = 0;
    sourceWords[word + 2] = PREFIX;
    sourceWords[word + 3] = view.getInt32(network + 12, IS_LITTLE_ENDIAN);
    destinationWords[word] = 0;
    destinationWords[word + 1] = 0;
    destinationWords[word + 2] = PREFIX;
    destinationWords[word + 3] = view.getInt32(network + 16, IS_LITTLE_ENDIAN);
    sourcePort[row] = ports >>> 16;
    destinationPort[row] = ports;
    const networkEnd = network + totalBytes;
    payloadBytes[row] = networkEnd - payloadStart;
    const capturedEnd = Math.min(networkEnd, at + captured);
    if (payloadStart < capturedEnd) {
      if (inspection === 0) inspection = PAYLOAD;
      payloadAt[i] = payloadStart;
      payloadEnd[i] = capturedEnd;
    } else payloadAt[i] = 0;
    look[i] = inspection;
  }
  return leftCount;
}
