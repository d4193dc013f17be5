import {
  type ActivityTable,
  createActivityTable,
  createFlowRecordTable,
  createNoteTable,
  FlowEvent,
  type FlowRecordTable,
  hashAddress,
  type NoteTable,
  type PacketTable,
  Role,
} from '@weir/contracts';
import { FLOAT, RESPONDER, WORD } from './layout.js';
import type { FlowTable } from './table.js';

/** What one transition has to send: rows for each host partition, and flow records. Reused from call to call. */
export class Outbox {
  readonly activity: ActivityTable[];
  readonly notes: NoteTable[];
  readonly records: FlowRecordTable = createFlowRecordTable(256);

  constructor(private readonly hostPartitions: number) {
    this.activity = Array.from({ length: hostPartitions }, () => createActivityTable(1024));
    this.notes = Array.from({ length: hostPartitions }, () => createNoteTable(256));
  }

  clear(): void {
    for (const table of this.activity) table.clear();
    for (const table of this.notes) table.clear();
    this.records.clear();
  }

  /** Host partition of the address at `words[at .. at + 4)`. */
  private home(words: Uint32Array | Int32Array, at: number): number {
    return this.hostPartitions === 1 ? 0 : hashAddress(words, at) % this.hostPartitions;
  }

  /** Writes the pane fields of a flow as a row to the partitions of its two hosts, with `events` added. */
  addActivity(flows: FlowTable, row: number, events: number): void {
    const w = row * WORD.stride;
    const originatorHome = this.home(flows.words, w + WORD.originatorAddress);
    const responderHome = this.home(flows.words, w + WORD.responderAddress);
    if (originatorHome === responderHome) {
      writeActivity(this.activity[originatorHome]!, flows, row, events, Role.originator | Role.responder);
    } else {
      writeActivity(this.activity[originatorHome]!, flows, row, events, Role.originator);
      writeActivity(this.activity[responderHome]!, flows, row, events, Role.responder);
    }
  }

  /** Writes the note of packet `i` to the partition of its client: the packet's source, or its destination. */
  addNote(packets: PacketTable, i: number, clientIsSource: boolean): void {
    const c = packets.columns;
    const client = clientIsSource ? c.sourceAddress : c.destinationAddress;
    const server = clientIsSource ? c.destinationAddress : c.sourceAddress;
    const table = this.notes[this.home(client.words, i * 4)]!;
    const to = table.count;
    if (to === table.capacity) table.grow();
    const out = table.columns;
    out.timeUs[to] = c.timeUs[i]!;
    copyAddress(client.words, i * 4, out.clientAddress.words, to * 4);
    copyAddress(server.words, i * 4, out.serverAddress.words, to * 4);
    out.serverPort[to] = clientIsSource ? c.destinationPort[i]! : c.sourcePort[i]!;
    out.protocol[to] = c.protocol[i]!;
    out.noteKind[to] = c.noteKind[i]!;
    out.noteCode[to] = c.noteCode[i]!;
    out.noteValue[to] = c.noteValue[i]!;
    out.noteText.append(to, c.noteText.data, c.noteText.offsets[i]!, c.noteText.offsets[i + 1]!);
    table.count = to + 1;
  }
}

function copyAddress(from: Uint32Array | Int32Array, at: number, into: Uint32Array, to: number): void {
  into[to] = from[at]!;
  into[to + 1] = from[at + 1]!;
  into[to + 2] = from[at + 2]!;
  into[to + 3] = from[at + 3]!;
}

function writeActivity(table: ActivityTable, flows: FlowTable, row: number, events: number, roles: number): void {
  const to = table.count;
  if (to === table.capacity) table.grow();
  table.count = to + 1;
  const out = table.columns;
  const { words, floats } = flows;
  const w = row * WORD.stride;
  const f = row * FLOAT.stride;
  copyAddress(words, w + WORD.originatorAddress, out.originatorAddress.words, to * 4);
  copyAddress(words, w + WORD.responderAddress, out.responderAddress.words, to * 4);
  out.timeUs[to] = floats[f + FLOAT.paneFirstUs]!;
  out.lastTimeUs[to] = Math.max(floats[f + FLOAT.paneFirstUs]!, floats[f + FLOAT.lastUs]!);
  out.roles[to] = roles;
  out.originatorPort[to] = words[w + WORD.ports]! >>> 16;
  out.responderPort[to] = words[w + WORD.ports]! & 0xffff;
  out.protocol[to] = words[w + WORD.protocol]! & 0xff;
  out.events[to] = words[w + WORD.paneEvents]! | events;
  out.originatorPackets[to] = floats[f + FLOAT.packets]! - floats[f + FLOAT.packetsBefore]!;
  out.responderPackets[to] = floats[f + FLOAT.packets + RESPONDER]! - floats[f + FLOAT.responderPacketsBefore]!;
  out.originatorBytes[to] = floats[f + FLOAT.bytes]! - floats[f + FLOAT.bytesBefore]!;
  out.responderBytes[to] = floats[f + FLOAT.bytes + RESPONDER]! - floats[f + FLOAT.responderBytesBefore]!;
  out.synPackets[to] = words[w + WORD.paneSynPackets]!;
  out.gapCount[to] =
    gapsAmong(floats[f + FLOAT.packets]!) -
    gapsAmong(floats[f + FLOAT.packetsBefore]!) +
    (gapsAmong(floats[f + FLOAT.packets + RESPONDER]!) - gapsAmong(floats[f + FLOAT.responderPacketsBefore]!));
  out.gapSumUs[to] = gapSumUs(floats, f) - floats[f + FLOAT.gapSumBeforeUs]!;
  out.gapSquareSum[to] = Math.round((gapSquareSum(floats, f) - floats[f + FLOAT.gapSquareSumBefore]!) / 1e4);
  out.conformance[to] = words[w + WORD.paneConformance]!;
  out.payloadGuess[to] = words[w + WORD.payloadGuess]!;
  out.payloadEntropy[to] = words[w + WORD.paneEntropy]!;
  const ended = (events & FlowEvent.ended) !== 0;
  out.totalDurationMs[to] = ended ? (floats[f + FLOAT.lastUs]! - floats[f + FLOAT.startUs]!) / 1000 : 0;
  out.totalOriginatorPackets[to] = ended ? floats[f + FLOAT.packets]! : 0;
  out.totalResponderPackets[to] = ended ? floats[f + FLOAT.packets + RESPONDER]! : 0;
  out.totalOriginatorBytes[to] = ended ? Math.min(floats[f + FLOAT.payloadBytes]!, 0xffff_ffff) : 0;
  out.totalResponderBytes[to] = ended ? Math.min(floats[f + FLOAT.payloadBytes + RESPONDER]!, 0xffff_ffff) : 0;
}

/** Sum of the gaps of both directions. Unit: µs. */
export function gapSumUs(floats: Float64Array, f: number): number {
  const r = f + RESPONDER;
  return (
    floats[f + FLOAT.lastInDirectionUs]! -
    floats[f + FLOAT.firstUs]! +
    (floats[r + FLOAT.lastInDirectionUs]! - floats[r + FLOAT.firstUs]!)
  );
}

/** Sum of the squares of the gaps of both directions. Unit: µs². */
export function gapSquareSum(floats: Float64Array, f: number): number {
  return floats[f + FLOAT.gapSquareSum]! + floats[f + RESPONDER + FLOAT.gapSquareSum]!;
}

function gapsAmong(packets: number): number {
  return packets > 0 ? packets - 1 : 0;
}
