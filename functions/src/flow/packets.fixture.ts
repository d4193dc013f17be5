import {
  type BatchHeader,
  createPacketTable,
  END_OF_TIME_S,
  hashAddress,
  hashEndpoint,
  hashFlow,
  NetworkLayer,
  NO_COUNTERS,
  type PacketBatch,
  type PacketTable,
  Protocol,
  parseAddress,
} from '@weir/contracts';

/** Second at which the time of made packets begins; a multiple of an hour, so that windows begin with it. */
export const START_S = 1_699_999_200;

/** One packet as a test says it: addresses in text, time in seconds after START_S, the rest as in the packet columns. */
export interface SaidPacket {
  atS: number;
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  protocol: number;
  tcpFlags: number;
  networkLayer: number;
  tunnelKind: number;
  tunnelId: number;
  lengthBytes: number;
  payloadBytes: number;
  tcpSequence: number;
  tcpWindow: number;
  conformance: number;
  payloadGuess: number;
  payloadEntropy: number;
  noteKind: number;
  noteCode: number;
  noteValue: number;
  noteText: string;
}

const PLAIN: SaidPacket = {
  atS: 0,
  source: '192.0.2.1',
  destination: '198.51.100.1',
  sourcePort: 40_000,
  destinationPort: 80,
  protocol: Protocol.udp,
  tcpFlags: 0,
  networkLayer: NetworkLayer.ipv4,
  tunnelKind: 0,
  tunnelId: 0,
  lengthBytes: 60,
  payloadBytes: 0,
  tcpSequence: 0,
  tcpWindow: 0,
  conformance: 0,
  payloadGuess: 0,
  payloadEntropy: 0,
  noteKind: 0,
  noteCode: 0,
  noteValue: 0,
  noteText: '',
};

/** The same packet from the other side. */
export function reply(said: Partial<SaidPacket>, more: Partial<SaidPacket> = {}): Partial<SaidPacket> {
  const packet = { ...PLAIN, ...said };
  const { source, destination, sourcePort, destinationPort } = packet;
  const turned = { source: destination, destination: source, sourcePort: destinationPort, destinationPort: sourcePort };
  return { ...packet, ...turned, ...more };
}

/** Packets in the order said, stamped as the agent does it: watermark a second behind the newest, late times raised. */
export function packetTable(packets: readonly Partial<SaidPacket>[], allowedLatenessS = 1): PacketTable {
  const table = createPacketTable(Math.max(1, packets.length));
  for (const packet of packets) appendPacket(table, { ...PLAIN, ...packet });
  stampTimes(table, allowedLatenessS);
  return table;
}

const addresses = new Map<string, Uint8Array>();

function addressBytes(text: string): Uint8Array {
  let bytes = addresses.get(text);
  if (!bytes) {
    bytes = parseAddress(text);
    addresses.set(text, bytes);
  }
  return bytes;
}

function appendPacket(table: PacketTable, packet: SaidPacket): void {
  const i = table.count++;
  const c = table.columns;
  const { atS, source, destination, noteText, ...plain } = packet;
  c.timeUs[i] = Math.round((START_S + atS) * 1e6);
  c.sourceAddress.bytes.set(addressBytes(source), i * 16);
  c.destinationAddress.bytes.set(addressBytes(destination), i * 16);
  for (const [name, value] of Object.entries(plain)) c[name as keyof typeof plain][i] = value;
  const text = new TextEncoder().encode(noteText);
  c.noteText.append(i, text, 0, text.length);
  writeFlowHash(table, i);
}

/** Fills in the flow hash of row `i` from its key; 0 where there is no flow. */
export function writeFlowHash({ columns: c }: PacketTable, i: number): void {
  c.flowHash[i] = 0;
  if (c.networkLayer[i]! < NetworkLayer.ipv4) return;
  const a = hashEndpoint(hashAddress(c.sourceAddress.words, i * 4), c.sourcePort[i]!);
  const b = hashEndpoint(hashAddress(c.destinationAddress.words, i * 4), c.destinationPort[i]!);
  c.flowHash[i] = hashFlow(a, b, (c.protocol[i]! | (c.tunnelKind[i]! << 8)) ^ c.tunnelId[i]!);
}

/** Writes the watermark before each row, and raises times that are older. */
export function stampTimes({ columns: { timeUs, watermarkS }, count }: PacketTable, allowedLatenessS: number): void {
  let watermarkUs = 0;
  for (let i = 0; i < count; i++) {
    watermarkS[i] = Math.floor(watermarkUs / 1e6);
    timeUs[i] = Math.max(timeUs[i]!, watermarkUs);
    watermarkUs = Math.max(watermarkUs, timeUs[i]! - allowedLatenessS * 1e6);
  }
}

/** How a table is cut into batches. */
export interface Cut {
  /** Packets in each batch. */
  size: number;
  header?: Partial<BatchHeader>;
  /** Watermark of the last batch. Default: the end of time. */
  endS?: number;
}

/** The table in batches of `size`, numbered from 0; each says the watermark that its successor's first row carries. */
export function cutBatches(table: PacketTable, { size, header = {}, endS = END_OF_TIME_S }: Cut): PacketBatch[] {
  const batches: PacketBatch[] = [];
  for (let from = 0; from === 0 || from < table.count; from += size) {
    const to = Math.min(table.count, from + size);
    const packets = createPacketTable(Math.max(1, to - from));
    packets.appendRows(table, from, to);
    const watermarkS = to < table.count ? table.columns.watermarkS[to]! : endS;
    const sequence = batches.length;
    batches.push({
      header: { sensor: 'test', partition: 0, partitions: 1, epoch: 0, sequence, watermarkS, ...header },
      counters: { ...NO_COUNTERS },
      packets,
    });
  }
  return batches;
}
