import { CONFORMANCE_BREACHES, createPacketTable, formatAddress, type PacketTable } from '@weir/contracts';
import { createRawPackets, LinkType, type RawPackets } from '../sources/source.js';
import { Decoder, type DecoderOptions } from './decoder.js';

/** One captured packet of a test. Times are seconds apart unless given. */
export interface Captured {
  data: Uint8Array;
  timeUs?: number;
  wireBytes?: number;
  linkType?: number;
}

/** A row as an object, for tests; breaches by name, the note's text byte by byte. */
export type Row = ReturnType<typeof rowAt>;

/** The packets as a source would give them. */
export function rawPackets(packets: readonly (Uint8Array | Captured)[]): RawPackets {
  const captured = packets.map((packet) => (packet instanceof Uint8Array ? { data: packet } : packet) as Captured);
  const raw = createRawPackets(captured.length);
  raw.bytes = new Uint8Array(captured.reduce((sum, { data }) => sum + data.length, 0));
  raw.count = captured.length;
  let at = 0;
  for (const [i, { data, timeUs, wireBytes, linkType }] of captured.entries()) {
    raw.bytes.set(data, at);
    raw.timeUs[i] = timeUs ?? 1.7e15 + i * 1e6;
    raw.offset[i] = at;
    raw.capturedBytes[i] = data.length;
    raw.wireBytes[i] = wireBytes ?? data.length;
    raw.linkType[i] = linkType ?? LinkType.ethernet;
    at += data.length;
  }
  return raw;
}

/** Decodes the packets in one block. */
export function decodeTable(packets: readonly (Uint8Array | Captured)[], options?: DecoderOptions): PacketTable {
  const table = createPacketTable(1);
  new Decoder(options).decodeBlock(rawPackets(packets), 0, packets.length, table);
  return table;
}

/** Decodes the packets with one decoder, by both of its ways, which must agree; the rows as objects. */
export function decodeRows(packets: readonly (Uint8Array | Captured)[]): Row[] {
  const table = decodeTable(packets);
  const rows = Array.from({ length: table.count }, (_, row) => rowAt(table, row));
  const layered = decodeTable(packets, { layersOnly: true });
  for (let row = 0; row < rows.length; row++) {
    const [plain, other] = [JSON.stringify(rows[row]), JSON.stringify(rowAt(layered, row))];
    if (plain !== other) throw new Error(`The fast path and the layers disagree on row ${row}: ${plain} and ${other}`);
  }
  return rows;
}

/** Where TCP payload begins in an Ethernet frame without options. */
const TCP_PAYLOAD_AT = 54;

/** The packet that `make` makes for a port, cut at each byte from `from` on; each of another flow, so that none is its second. */
export function cuts(make: (port: number) => Uint8Array, from = TCP_PAYLOAD_AT): Captured[] {
  const wireBytes = make(20_000).length;
  return Array.from({ length: wireBytes - from }, (_, i) => ({ data: make(20_000 + i).slice(0, from + i), wireBytes }));
}

export function decodeRow(packet: Uint8Array | Captured): Row {
  return decodeRows([packet])[0]!;
}

export function rowAt({ columns: c }: PacketTable, row: number) {
  const noteText = c.noteText.data.subarray(c.noteText.offsets[row], c.noteText.offsets[row + 1]);
  return {
    timeUs: c.timeUs[row]!,
    networkLayer: c.networkLayer[row]!,
    source: formatAddress(c.sourceAddress.bytes, row * 16),
    destination: formatAddress(c.destinationAddress.bytes, row * 16),
    sourcePort: c.sourcePort[row]!,
    destinationPort: c.destinationPort[row]!,
    protocol: c.protocol[row]!,
    tcpFlags: c.tcpFlags[row]!,
    flowHash: c.flowHash[row]!,
    tunnelKind: c.tunnelKind[row]!,
    tunnelId: c.tunnelId[row]!,
    lengthBytes: c.lengthBytes[row]!,
    payloadBytes: c.payloadBytes[row]!,
    tcpSequence: c.tcpSequence[row]!,
    tcpAcknowledgment: c.tcpAcknowledgment[row]!,
    tcpWindow: c.tcpWindow[row]!,
    breaches: CONFORMANCE_BREACHES.filter((_, i) => c.conformance[row]! & (1 << i)).map(({ name }) => name),
    payloadGuess: c.payloadGuess[row]!,
    payloadEntropy: c.payloadEntropy[row]!,
    noteKind: c.noteKind[row]!,
    noteCode: c.noteCode[row]!,
    noteValue: c.noteValue[row]!,
    noteText: String.fromCharCode(...noteText),
  };
}
