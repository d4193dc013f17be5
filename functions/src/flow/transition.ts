import {
  FlowEvent,
  FlowRecordKind,
  type HostBatch,
  NetworkLayer,
  NoteKind,
  type PacketBatch,
  type PacketTable,
  Protocol,
  TcpFlag,
} from '@weir/contracts';
import type { FlowOutput } from '../runtime/port.js';
import type { FlowConfig } from './config.js';
import { FLOAT, FlowState, WORD } from './layout.js';
import { Outbox } from './outbox.js';
import { countPacket, startFlow } from './packet.js';
import { writeFlowRecord } from './records.js';
import type { FlowPartitionState } from './state.js';
import { trackTcp } from './tcp.js';

/**
 * The flow function at work on one partition. Everything it does follows from the packets in their order and the
 * watermark that each of them carries, never from where a batch ends; so any batch size gives the same flows.
 */
export class FlowTransition {
  private readonly outbox: Outbox;
  private state!: FlowPartitionState;

  constructor(private readonly config: FlowConfig) {
    this.outbox = new Outbox(config.hostPartitions);
  }

  run(state: FlowPartitionState, batch: PacketBatch, emit: (output: FlowOutput) => void): void {
    if (!acceptSequence(state, batch.header.sequence)) return;
    this.state = state;
    this.outbox.clear();
    state.sensorCounters = { ...batch.counters };
    this.foldPackets(batch.packets);
    this.advanceTo(batch.header.watermarkS);
    this.send(emit);
  }

  private foldPackets(packets: PacketTable): void {
    const { state } = this;
    const { watermarkS, networkLayer, noteKind, lengthBytes } = packets.columns;
    const count = packets.count;
    let bytes = 0;
    let nonIp = 0;
    for (let i = 0; i < count; i++) {
      if (watermarkS[i]! > state.watermarkS) this.advanceTo(watermarkS[i]!);
      bytes += lengthBytes[i]!;
      const layer = networkLayer[i]!;
      if (layer >= NetworkLayer.ipv4) this.foldPacket(packets, i);
      else {
        nonIp++;
        if (noteKind[i] !== NoteKind.none) this.outbox.addNote(packets, i, true);
      }
    }
    state.counters.packets += count;
    state.counters.bytes += bytes;
    state.counters.nonIpPackets += nonIp;
  }

  private foldPacket(packets: PacketTable, i: number): void {
    const c = packets.columns;
    const { table } = this.state;
    const timeUs = c.timeUs[i]!;
    const second = Math.floor(timeUs / 1e6);
    if (second > this.state.newestS) this.state.newestS = second;
    const hash = c.flowHash[i]!;
    const ports = ((c.sourcePort[i]! << 16) | c.destinationPort[i]!) >>> 0;
    const protocol = c.protocol[i]! | (c.tunnelKind[i]! << 8);
    const source = c.sourceAddress.words;
    const destination = c.destinationAddress.words;
    let row = table.find(hash, source, destination, i * 4, ports, protocol, c.tunnelId[i]!);
    if (row >= 0 && this.isOver(row, packets, i, second)) row = -1;
    if (row < 0) row = this.beginFlow(packets, i);
    const w = row * WORD.stride;
    if (table.words[w + WORD.paneS] !== second) this.enterPane(row, second, timeUs);
    const fromOriginator = isFromOriginator(table.words, w, source, i * 4, ports);
    countPacket(this.state, packets, i, row, fromOriginator);
    if (c.protocol[i] === Protocol.tcp) {
      if (trackTcp(table, packets, i, row, fromOriginator)) this.fileForExpiry(row);
    } else if (!fromOriginator) {
      const answered = FlowEvent.answered & ~table.words[w + WORD.lifetimeEvents]!;
      table.words[w + WORD.lifetimeEvents]! |= answered;
      table.words[w + WORD.paneEvents]! |= answered;
    }
    const noteKind = c.noteKind[i]!;
    if (noteKind !== NoteKind.none) this.noteOf(packets, i, noteKind, fromOriginator);
  }

  private noteOf(packets: PacketTable, i: number, noteKind: number, fromOriginator: boolean): void {
    const fromClient = noteKind === NoteKind.dnsQuery || (noteKind !== NoteKind.dnsResponse && fromOriginator);
    this.outbox.addNote(packets, i, fromClient);
  }

  /** Whether the packet belongs to a later flow with the same key; then the old one is ended. */
  private isOver(row: number, packets: PacketTable, i: number, second: number): boolean {
    const { words, floats } = this.state.table;
    const w = row * WORD.stride;
    const deadlineS = this.deadlineS(row);
    if (second >= deadlineS) {
      this.endFlow(row, this.idleEvents(row), deadlineS * 1e6);
      return true;
    }
    const flags = packets.columns.tcpFlags[i]!;
    const isNewSyn =
      (flags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn && words[w + WORD.state] === FlowState.closed;
    if (isNewSyn) this.endFlow(row, FlowEvent.ended, floats[row * FLOAT.stride + FLOAT.lastUs]!);
    return isNewSyn;
  }

  private beginFlow(packets: PacketTable, i: number): number {
    const { state } = this;
    if (state.table.isFull) this.evictOne();
    const row = startFlow(state.table, packets, i, this.config);
    state.counters.flowsStarted++;
    this.fileForExpiry(row);
    return row;
  }

  /** Second at which the flow is over if no packet comes: whole idle seconds have passed. */
  private deadlineS(row: number): number {
    const { table } = this.state;
    const lastS = Math.floor(table.floats[row * FLOAT.stride + FLOAT.lastUs]! / 1e6);
    return lastS + this.timeoutS(table.words, row * WORD.stride) + 1;
  }

  private timeoutS(words: Uint32Array, w: number): number {
    const config = this.config;
    switch (words[w + WORD.state]) {
      case FlowState.open:
        if (!(words[w + WORD.lifetimeEvents]! & FlowEvent.answered)) return config.unansweredTimeoutS;
        return (words[w + WORD.protocol]! & 0xff) === Protocol.tcp ? config.tcpIdleTimeoutS : config.answeredTimeoutS;
      case FlowState.synSent:
      case FlowState.synAnswered:
        return config.tcpHandshakeTimeoutS;
      case FlowState.closed:
        return config.tcpClosedTimeoutS;
      default:
        return config.tcpIdleTimeoutS;
    }
  }

  /** Files the flow for its deadline or its next interim record, whichever is first. */
  private fileForExpiry(row: number): void {
    const { table } = this.state;
    const dueS = Math.min(this.deadlineS(row), table.words[row * WORD.stride + WORD.interimDueS]!);
    table.file(row, dueS);
  }

  /** Makes the pane fields count second `second`, sending what they held. */
  private enterPane(row: number, second: number, timeUs: number): void {
    const { state } = this;
    const { words, floats } = state.table;
    const w = row * WORD.stride;
    if (words[w + WORD.paneS] !== 0) this.sendPane(row, 0);
    words[w + WORD.paneS] = second;
    floats[row * FLOAT.stride + FLOAT.paneFirstUs] = timeUs;
    floats[row * FLOAT.stride + FLOAT.paneLastUs] = timeUs;
    const touched = state.touched.get(second);
    if (touched) touched.push(row);
    else state.touched.set(second, [row]);
  }

  /** Sends the pane fields of a flow with `events` added, and empties them. */
  private sendPane(row: number, events: number): void {
    const { table } = this.state;
    const { words, floats } = table;
    const w = row * WORD.stride;
    const answered = words[w + WORD.lifetimeEvents]! & (FlowEvent.answered | FlowEvent.rejected);
    this.outbox.addActivity(table, row, events | (answered ? 0 : FlowEvent.unanswered));
    for (let field = WORD.paneS; field <= WORD.paneEntropy; field++) words[w + field] = 0;
    const f = row * FLOAT.stride;
    for (let field = FLOAT.paneFirstUs; field <= FLOAT.paneGapSquareSum; field++) floats[f + field] = 0;
  }

  /** Ends a flow at event time `atUs`: sends its last row and record, and frees it. */
  private endFlow(row: number, events: number, atUs: number): void {
    const { state } = this;
    const { table } = state;
    const w = row * WORD.stride;
    const f = row * FLOAT.stride;
    // An end lies in the pane of `atUs`, which may be later than the last packet's.
    const endS = Math.floor(Math.max(atUs, state.watermarkS * 1e6) / 1e6);
    if (table.words[w + WORD.paneS] !== 0 && table.words[w + WORD.paneS] !== endS) this.sendPane(row, 0);
    if (table.words[w + WORD.paneS] === 0) {
      table.words[w + WORD.paneS] = endS;
      table.floats[f + FLOAT.paneFirstUs] = endS * 1e6;
      table.floats[f + FLOAT.paneLastUs] = endS * 1e6;
    }
    this.sendPane(row, events);
    if (this.config.records !== 'none') writeFlowRecord(this.outbox.records, state, row, FlowRecordKind.ended);
    state.firstPackets.release(table.words[w + WORD.sequenceSlot]!);
    table.remove(row);
    state.counters.flowsEnded++;
  }

  private idleEvents(row: number): number {
    const { words } = this.state.table;
    const answered = words[row * WORD.stride + WORD.lifetimeEvents]! & (FlowEvent.answered | FlowEvent.rejected);
    return answered ? FlowEvent.ended : FlowEvent.ended | FlowEvent.timedOut;
  }

  /** Frees the flow that would expire first. */
  private evictOne(): void {
    const { state } = this;
    for (let second = state.watermarkS; ; second++) {
      for (let row = state.table.firstFiled(second); row >= 0; row = state.table.firstFiled(second)) {
        const deadlineS = this.deadlineS(row);
        const filedForS = state.table.words[row * WORD.stride + WORD.filedForS]!;
        if (deadlineS > filedForS && filedForS === second) {
          this.state.table.file(row, deadlineS);
          continue;
        }
        this.endFlow(row, FlowEvent.ended | FlowEvent.evicted, state.watermarkS * 1e6);
        state.counters.flowsEvicted++;
        return;
      }
    }
  }

  /** Lets event time come to `watermarkS`: expires flows and closes panes, second by second. */
  private advanceTo(watermarkS: number): void {
    const { state } = this;
    if (watermarkS <= state.watermarkS) return;
    if (state.watermarkS === 0) state.watermarkS = Math.min(watermarkS, this.firstSecond());
    while (state.watermarkS < watermarkS) {
      // Nothing lives and nothing is open: time may jump.
      if (state.table.count === 0 && state.touched.size === 0) state.watermarkS = watermarkS;
      else this.closeSecond(state.watermarkS);
    }
  }

  private firstSecond(): number {
    let first = this.state.newestS;
    for (const second of this.state.touched.keys()) first = Math.min(first, second);
    return first;
  }

  private closeSecond(second: number): void {
    const { state } = this;
    const { table } = state;
    let row = table.firstFiled(second);
    while (row >= 0) {
      this.lookAt(row, second);
      row = table.firstFiled(second);
    }
    const touched = state.touched.get(second);
    if (touched) {
      for (const row of touched) if (table.words[row * WORD.stride + WORD.paneS] === second) this.sendPane(row, 0);
      state.touched.delete(second);
    }
    state.watermarkS = second + 1;
  }

  /** A filed row's second has come: it expires, is reported, or is filed anew. */
  private lookAt(row: number, second: number): void {
    const { state } = this;
    const w = row * WORD.stride;
    const deadlineS = this.deadlineS(row);
    if (deadlineS <= second) {
      this.endFlow(row, this.idleEvents(row), deadlineS * 1e6);
      return;
    }
    if (state.table.words[w + WORD.interimDueS]! <= second) {
      if (this.config.records === 'all') writeFlowRecord(this.outbox.records, state, row, FlowRecordKind.interim);
      state.table.words[w + WORD.interimDueS] = second + this.config.activeTimeoutS;
    }
    this.fileForExpiry(row);
  }

  private send(emit: (output: FlowOutput) => void): void {
    const { state, outbox } = this;
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

function isFromOriginator(words: Uint32Array, w: number, source: Uint32Array, at: number, ports: number): boolean {
  return (
    words[w + WORD.ports] === ports &&
    words[w + WORD.originatorAddress + 3] === source[at + 3] &&
    words[w + WORD.originatorAddress] === source[at] &&
    words[w + WORD.originatorAddress + 1] === source[at + 1] &&
    words[w + WORD.originatorAddress + 2] === source[at + 2]
  );
}
