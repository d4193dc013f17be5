import {
  FIRST_PACKETS,
  FlowEvent,
  type HostBatch,
  NetworkLayer,
  NoteKind,
  type PacketBatch,
  type PacketTable,
  Protocol,
} from '@weir/contracts';
import type { FlowOutput } from '../runtime/port.js';
import type { FlowConfig } from './config.js';
import { FlowLife } from './flow-life.js';
import { FLOAT, RESPONDER, WORD } from './layout.js';
import { Outbox } from './outbox.js';
import { countPayload, keepFirstPacket } from './packet.js';
import type { FlowPartitionState } from './state.js';
import { isPair, WHEEL_SLOTS } from './table.js';
import { trackTcp } from './tcp.js';

/** Rows after which the outbox is sent without waiting for the end of the batch. */
const FULL_OUTBOX_ROWS = 16_384;

/**
 * The flow function at work on one partition. Everything it does follows from the packets in their order and the
 * watermark that each of them carries, never from where a batch ends; so any batch size gives the same flows.
 */
export class FlowTransition {
  private readonly outbox: Outbox;
  private readonly life: FlowLife;
  private state!: FlowPartitionState;
  private emit!: (output: FlowOutput) => void;

  constructor(private readonly config: FlowConfig) {
    this.outbox = new Outbox(config.hostPartitions);
    this.life = new FlowLife(config, this.outbox);
  }

  run(state: FlowPartitionState, batch: PacketBatch, emit: (output: FlowOutput) => void): void {
    if (!acceptSequence(state, batch.header.sequence)) return;
    this.state = state;
    this.life.state = state;
    this.emit = emit;
    state.sensorCounters = { ...batch.counters };
    this.foldPackets(batch.packets);
    this.advanceTo(batch.header.watermarkS);
    this.send();
  }

  /** The hot loop. Columns are taken once, and what every packet needs is written out; what is rare is called. */
  private foldPackets(packets: PacketTable): void {
    const { state, life } = this;
    const { table } = state;
    const { timeUs, watermarkS, networkLayer, sourcePort, destinationPort, protocol, tcpFlags } = packets.columns;
    const { flowHash, tunnelKind, tunnelId, lengthBytes, payloadBytes, noteKind } = packets.columns;
    const { conformance, payloadGuess, payloadEntropy } = packets.columns;
    const source = packets.columns.sourceAddress.words;
    const destination = packets.columns.destinationAddress.words;
    const count = packets.count;
    let bytes = 0;
    let nonIp = 0;
    let second = 0;
    let secondEndUs = 0;
    let reachedS = state.watermarkS;
    for (let i = 0; i < count; i++) {
      if (watermarkS[i]! > reachedS) {
        reachedS = watermarkS[i]!;
        this.advanceTo(reachedS);
      }
      const length = lengthBytes[i]!;
      bytes += length;
      if (networkLayer[i]! < NetworkLayer.ipv4) {
        nonIp++;
        if (noteKind[i] !== NoteKind.none) this.outbox.addNote(packets, i, true);
        continue;
      }
      const time = timeUs[i]!;
      if (time >= secondEndUs || time < secondEndUs - 1e6) {
        second = Math.floor(time / 1e6);
        secondEndUs = (second + 1) * 1e6;
        life.openPane(second);
      }
      const ports = (sourcePort[i]! << 16) | destinationPort[i]!;
      const transport = protocol[i]!;
      const carrier = transport | (tunnelKind[i]! << 8);
      let row = table.find(flowHash[i]! | 0, source, destination, i * 4, ports, carrier, tunnelId[i]! | 0);
      if (row >= 0 && life.isOver(row, tcpFlags[i]!, second)) row = -1;
      if (row < 0) row = life.begin(packets, i, second);
      const { words, floats } = table;
      const w = (row * WORD.stride) | 0;
      const f = (row * FLOAT.stride) | 0;
      if (words[w + WORD.paneS] !== second) life.enterPane(row, second, time);
      const fromOriginator = isFrom(words, w, ports, source, destination, i);
      const d = fromOriginator ? f : f + RESPONDER;

      const gap = time - floats[f + FLOAT.lastUs]!;
      if (gap > 0) {
        floats[f + FLOAT.lastUs] = time;
        if (second > words[w + WORD.lastS]!) words[w + WORD.lastS] = second;
      }
      const payload = payloadBytes[i]!;
      const sent = floats[d + FLOAT.packets]!;
      floats[d + FLOAT.packets] = sent + 1;
      floats[d + FLOAT.bytes]! += length;
      floats[d + FLOAT.payloadBytes]! += payload;
      floats[d + FLOAT.lengthSquareSum]! += length * length;
      if (sent === 0) {
        floats[d + FLOAT.firstUs] = time;
        floats[d + FLOAT.lastInDirectionUs] = time;
        floats[d + FLOAT.gapMinUs] = Number.POSITIVE_INFINITY;
      } else {
        // A packet out of order counts as no gap; so the gaps add up to the time from first to last.
        const directed = Math.max(0, time - floats[d + FLOAT.lastInDirectionUs]!);
        floats[d + FLOAT.lastInDirectionUs]! += directed;
        floats[d + FLOAT.gapSquareSum]! += directed * directed;
        if (directed < floats[d + FLOAT.gapMinUs]!) floats[d + FLOAT.gapMinUs] = directed;
        if (directed > floats[d + FLOAT.gapMaxUs]!) floats[d + FLOAT.gapMaxUs] = directed;
      }
      const lengths = w + (fromOriginator ? WORD.originatorLengthMinMax : WORD.responderLengthMinMax);
      const minMax = words[lengths]!;
      if (length < minMax >>> 16 || length > (minMax & 0xffff)) words[lengths] = widened(minMax, length);
      if (words[w + WORD.sequenceCount]! < FIRST_PACKETS)
        keepFirstPacket(state, row, fromOriginator ? payload : -payload, gap > 0 ? gap / 1000 : 0);
      if (conformance[i]! | payloadGuess[i]! | payloadEntropy[i]!) countPayload(words, w, packets, i, fromOriginator);
      if (transport === Protocol.tcp) {
        if (trackTcp(table, packets, i, row, fromOriginator)) life.stateChanged(row);
      } else if (!fromOriginator && !(words[w + WORD.lifetimeEvents]! & FlowEvent.answered)) life.answered(row);
      if (noteKind[i] !== NoteKind.none) this.noteOf(packets, i, noteKind[i]!, fromOriginator);
    }
    state.counters.packets += count;
    state.counters.bytes += bytes;
    state.counters.nonIpPackets += nonIp;
  }

  private noteOf(packets: PacketTable, i: number, noteKind: number, fromOriginator: boolean): void {
    const fromClient = noteKind === NoteKind.dnsQuery || (noteKind !== NoteKind.dnsResponse && fromOriginator);
    this.outbox.addNote(packets, i, fromClient);
  }

  /** Lets event time come to `watermarkS`: expires flows and closes panes, second by second. */
  private advanceTo(watermarkS: number): void {
    const { state } = this;
    if (watermarkS <= state.watermarkS) return;
    if (state.watermarkS === 0) state.watermarkS = Math.min(watermarkS, this.firstSecond());
    let quietSeconds = 0;
    while (state.watermarkS < watermarkS) {
      // Nothing to do for a round of the wheel: time may jump to where there is.
      if (quietSeconds > WHEEL_SLOTS) {
        state.watermarkS = Math.min(watermarkS, this.nextSecond());
        quietSeconds = 0;
      } else quietSeconds = this.closeSecond(state.watermarkS) ? 0 : quietSeconds + 1;
    }
  }

  /** First second for which a flow is filed or a pane is open; Infinity without. */
  private nextSecond(): number {
    const { state } = this;
    let next = state.table.firstFiledS();
    for (const second of state.touched.keys()) next = Math.min(next, second);
    return next;
  }

  private firstSecond(): number {
    let first = this.state.newestS;
    for (const second of this.state.touched.keys()) first = Math.min(first, second);
    return first;
  }

  /** Looks at the flows filed for a second and sends its panes. Returns whether there were any. */
  private closeSecond(second: number): boolean {
    const { state } = this;
    const { table } = state;
    let isQuiet = true;
    for (let row = table.nextFiled(second); row >= 0; row = table.nextFiled(second)) {
      this.life.lookAt(row, second);
      isQuiet = false;
    }
    const touched = state.touched.get(second);
    if (touched) {
      this.sendPanes(touched, second);
      state.touched.delete(second);
      isQuiet = false;
    }
    state.watermarkS = second + 1;
    // A flood fills the outbox by itself; what is sent as it comes need not be held.
    if (this.outbox.activity[0]!.count > FULL_OUTBOX_ROWS) this.send();
    return !isQuiet;
  }

  private sendPanes(rows: number[], second: number): void {
    const { words } = this.state.table;
    for (let k = 0; k < rows.length; k++)
      if (words[rows[k]! * WORD.stride + WORD.paneS] === second) this.life.sendPane(rows[k]!, 0);
  }

  /** Sends what is in the outbox, and empties it. */
  private send(): void {
    const { state, outbox, emit } = this;
    state.counters.flowsLive = state.table.count;
    const sequence = state.nextHostSequence++;
    for (let partition = 0; partition < this.config.hostPartitions; partition++) {
      const batch: HostBatch = {
        upstream: state.address,
        sensor: state.sensor,
        sequence,
        watermarkS: state.watermarkS,
        activity: outbox.activity[partition]!,
        notes: outbox.notes[partition]!,
        counters: state.counters,
        sensorCounters: state.sensorCounters,
      };
      emit({ kind: 'host-batch', partition, batch });
    }
    if (outbox.records.count > 0) emit({ kind: 'flow-records', sensor: state.sensor, records: outbox.records });
    outbox.clear();
  }
}

/** Whether a batch is new; repeats are dropped and gaps counted. */
function acceptSequence(state: FlowPartitionState, sequence: number): boolean {
  if (sequence < state.nextSequence) {
    state.counters.batchesRepeated++;
    return false;
  }
  state.counters.batchesMissing += sequence - state.nextSequence;
  state.nextSequence = sequence + 1;
  return true;
}

/** Shortest frame in the upper half, longest in the lower, with one more; lengths past 65,535 count as that. */
function widened(minMax: number, lengthBytes: number): number {
  const length = Math.min(lengthBytes, 0xffff);
  if (minMax === 0) return (length << 16) | length;
  const shortest = Math.min(minMax >>> 16, length);
  return (shortest << 16) | Math.max(minMax & 0xffff, length);
}

/** Whether packet `i` came from the originator of the row that was found for it. */
function isFrom(
  words: Int32Array,
  w: number,
  ports: number,
  source: Uint32Array,
  destination: Uint32Array,
  i: number,
): boolean {
  // Found by its key, so different ports tell the side; equal ones leave it to the addresses.
  if (words[w + WORD.ports] !== ports) return false;
  return ports >>> 16 !== (ports & 0xffff) || isPair(words, w, source, destination, 4 * i);
}
