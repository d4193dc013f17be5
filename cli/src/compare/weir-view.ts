import { Batcher, createCaptureFileSource, createRawPackets, Decoder } from '@weir/capture-agent';
import {
  communityId,
  type FlowRecordTable,
  formatAddress,
  NetworkLayer,
  NoteKind,
  type PacketTable,
} from '@weir/contracts';
import { EmbeddedRuntime, parseDetectionConfig } from '@weir/functions';
import { plainName } from './dns-name.js';
import { type Totals, totalsOf } from './totals.js';
import { conversationKey, type WeirPacket, type WeirView } from './views.js';

const BLOCK_PACKETS = 4096;
/** A name that was cut to fit a note of 255 bytes is at least this long, as only its front is dropped, in pieces. */
const SHORTEST_CUT_BYTES = 128;
const TEXT = new TextDecoder();
/** Answers of NetBIOS are no DNS. */
const NETBIOS_PORT = 137;

/** Runs Weir up to its flow records over a capture file. Rejects with a SourceError. */
export async function readWithWeir(path: string): Promise<WeirView> {
  const view = { packets: [] as WeirPacket[], conversations: new Map<string, Totals>(), communityIds: new Map() };
  const runtime = new EmbeddedRuntime({
    config: parseDetectionConfig({}),
    stages: 'flow',
    records: 'ended',
    sink: { incident: () => {}, flowRecords: (_sensor, records) => addRecords(view, records) },
  });
  const options = { sensor: 'local', partitions: 1, maxPackets: BLOCK_PACKETS, decoder: new Decoder() };
  const batcher = new Batcher(options, (batch) => {
    for (let row = 0; row < batch.packets.count; row++) view.packets.push(packetAt(batch.packets, row));
    runtime.deliver(batch);
  });
  await readAll(path, batcher);
  return view;
}

async function readAll(path: string, batcher: Batcher): Promise<void> {
  const source = createCaptureFileSource({ path });
  const block = createRawPackets(BLOCK_PACKETS);
  await source.open();
  try {
    while (await source.read(block)) batcher.push(block);
    batcher.finish();
  } finally {
    await source.close();
  }
}

function packetAt(table: PacketTable, row: number): WeirPacket {
  const c = table.columns;
  return {
    conversation: c.networkLayer[row]! < NetworkLayer.ipv4 ? undefined : conversationOf(table, row),
    lengthBytes: c.lengthBytes[row]!,
    names: dnsNames(table, row),
    isNameCut: c.noteText.offsets[row + 1]! - c.noteText.offsets[row]! >= SHORTEST_CUT_BYTES,
    breaches: c.conformance[row]!,
    protocol: c.protocol[row]!,
  };
}

function conversationOf({ columns: c }: PacketTable, row: number): string {
  const source = { address: formatAddress(c.sourceAddress.bytes, row * 16), port: c.sourcePort[row]! };
  const destination = { address: formatAddress(c.destinationAddress.bytes, row * 16), port: c.destinationPort[row]! };
  return conversationKey(c.protocol[row]!, source, destination);
}

function dnsNames({ columns: c }: PacketTable, row: number): readonly string[] {
  const kind = c.noteKind[row];
  const isLocalDns = kind === NoteKind.nameAnswer && c.sourcePort[row] !== NETBIOS_PORT;
  if (kind !== NoteKind.dnsQuery && kind !== NoteKind.dnsResponse && !isLocalDns) return NO_NAMES;
  const { data, offsets } = c.noteText;
  return [plainName(TEXT.decode(data.subarray(offsets[row], offsets[row + 1])))];
}

const NO_NAMES: readonly string[] = [];

type Sums = { conversations: Map<string, Totals>; communityIds: Map<string, string> };

function addRecords({ conversations, communityIds }: Sums, records: FlowRecordTable): void {
  const c = records.columns;
  for (let row = 0; row < records.count; row++) {
    const from = c.originatorAddress.bytes.subarray(row * 16, row * 16 + 16);
    const to = c.responderAddress.bytes.subarray(row * 16, row * 16 + 16);
    const [sourcePort, destinationPort] = [c.originatorPort[row]!, c.responderPort[row]!];
    const protocol = c.protocol[row]!;
    const originator = { address: formatAddress(from), port: sourcePort };
    const key = conversationKey(protocol, originator, { address: formatAddress(to), port: destinationPort });
    communityIds.set(communityId({ source: from, destination: to, sourcePort, destinationPort, protocol }), key);
    const totals = totalsOf(conversations, key);
    totals.packets += c.originatorPackets[row]! + c.responderPackets[row]!;
    totals.bytes += c.originatorBytes[row]! + c.responderBytes[row]!;
  }
}
