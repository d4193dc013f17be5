import {
  FIRST_PACKETS,
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
import { FLOAT, FlowState, RESPONDER, WORD } from './layout.js';
import { gapSquareSum, gapSumUs, Outbox } from './outbox.js';
import { countPayload, keepFirstPacket, startFlow } from './packet.js';
import { writeFlowRecord } from './records.js';
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
  private state!: FlowPartitionState;
  private emit!: (output: FlowOutput) => void;
  /** Of `state.touched`: the list of the second that packets come from now. */
  private touchedRows: number[] = [];

  constructor(private readonly config: FlowConfig) {
    this.outbox = new Outbox(config.hostPartitions);
  }

  run(state: FlowPartitionState, batch: PacketBatch, emit: (output: FlowOutput) => void): void {
    if (!acceptSequence(state, batch.header.sequence)) return;
    this.state = state;
    this.emit = emit;
    state.sensorCounters = { ...batch.counters };
    this.foldPackets(batch.packets);
    this.advanceTo(batch.header.watermarkS);
    this.send();
  }

  /** The hot loop. Columns are taken once, and what every packet needs is written out; what is rare is called. */
  private foldPackets(packets: PacketTable): void {
    const { state } = this;
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
        this.openPane(second);
      }
      const ports = (sourcePort[i]! << 16) | destinationPort[i]!;
      const transport = protocol[i]!;
      const carrier = transport | (tunnelKind[i]! << 8);
      let row = table.find(flowHash[i]! | 0, source, destination, i * 4, ports, carrier, tunnelId[i]! | 0);
      if (row >= 0 && this.isOver(row, tcpFlags[i]!, second)) row = -1;
      if (row < 0) row = this.beginFlow(packets, i, second);
      const { words, floats } = table;
      const w = (row * WORD.stride) | 0;
      const f = (row * FLOAT.stride) | 0;
      if (words[w + WORD.paneS] !== second) this.enterPane(row, second, time);
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
        if (trackTcp(table, packets, i, row, fromOriginator)) this.stateChanged(row);
      } else if (!fromOriginator && !(words[w + WORD.lifetimeEvents]! & FlowEvent.answered)) this.answered(row);
      if (noteKind[i] !== NoteKind.none) this.noteOf(packets, i, noteKind[i]!, fromOriginator);
    }
    state.counters.packets += count;
    state.counters.bytes += bytes;
    state.counters.nonIpPackets += nonIp;
  }

  /** Packets of `second` come: their rows will be noted in its list. */
  private openPane(second: number): void {
    const { state } = this;
    if (second > state.newestS) state.newestS = second;
    let touched = state.touched.get(second);
    if (!touched) {
      touched = [];
      state.touched.set(second, touched);
    }
    this.touchedRows = touched;
  }

  private answered(row: number): void {
    const { words } = this.state.table;
    const w = row * WORD.stride;
    words[w + WORD.lifetimeEvents]! |= FlowEvent.answered;
    words[w + WORD.paneEvents]! |= FlowEvent.answered;
    words[w + WORD.timeoutS] = this.config.answeredTimeoutS;
  }

  /** TCP came to another state: another timeout holds, which may be nearer than the one the row is filed for. */
  private stateChanged(row: number): void {
    const { words } = this.state.table;
    const w = row * WORD.stride;
    const timeoutS = timeoutOf(words[w + WORD.state]!, this.config);
    words[w + WORD.timeoutS] = timeoutS;
    if (words[w + WORD.state] !== FlowState.closed) return;
    this.fileForExpiry(row);
    if (!isEndOfInterest(words, w)) return;
    // Told at once; stragglers may still come, but the conversation is over.
    this.sendPane(row, FlowEvent.ended);
    words[w + WORD.lifetimeEvents]! |= FlowEvent.ended;
  }

  private noteOf(packets: PacketTable, i: number, noteKind: number, fromOriginator: boolean): void {
    const fromClient = noteKind === NoteKind.dnsQuery || (noteKind !== NoteKind.dnsResponse && fromOriginator);
    this.outbox.addNote(packets, i, fromClient);
  }

  /** Whether a packet with these flags belongs to a later flow with the same key; then the old one is ended. */
  private isOver(row: number, flags: number, second: number): boolean {
    const { words } = this.state.table;
    const w = row * WORD.stride;
    const deadlineS = words[w + WORD.lastS]! + words[w + WORD.timeoutS]! + 1;
    if (second >= deadlineS) {
      this.endFlow(row, this.idleEvents(row), deadlineS);
      return true;
    }
    if (words[w + WORD.state] !== FlowState.closed) return false;
    const isNewSyn = (flags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn;
    if (isNewSyn) this.endFlow(row, FlowEvent.ended, second);
    return isNewSyn;
  }

  private beginFlow(packets: PacketTable, i: number, second: number): number {
    const { state, config } = this;
    if (state.table.isFull) this.evictOne();
    const row = startFlow(state.table, packets, i);
    const { words } = state.table;
    const w = row * WORD.stride;
    words[w + WORD.lastS] = second;
    words[w + WORD.interimDueS] = second + config.activeTimeoutS;
    words[w + WORD.timeoutS] =
      words[w + WORD.state] === FlowState.open ? config.unansweredTimeoutS : config.tcpHandshakeTimeoutS;
    state.counters.flowsStarted++;
    this.fileForExpiry(row);
    return row;
  }

  /** Second at which the flow is over if no packet comes: whole idle seconds have passed. */
  private deadlineS(row: number): number {
    const { words } = this.state.table;
    const w = row * WORD.stride;
    return words[w + WORD.lastS]! + words[w + WORD.timeoutS]! + 1;
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
    this.touchedRows.push(row);
  }

  /** Sends the pane fields of a flow with `events` added, and empties them. */
  private sendPane(row: number, events: number): void {
    const { table } = this.state;
    const { words, floats } = table;
    const w = row * WORD.stride;
    const answered = words[w + WORD.lifetimeEvents]! & (FlowEvent.answered | FlowEvent.rejected);
    this.outbox.addActivity(table, row, events | (answered ? 0 : FlowEvent.unanswered));
    if (this.config.records === 'all' && words[w + WORD.paneEvents]! & FlowEvent.started)
      writeFlowRecord(this.outbox.records, this.state, row, FlowRecordKind.started);
    words[w + WORD.paneS] = 0;
    words[w + WORD.paneEvents] = 0;
    words[w + WORD.paneSynPackets] = 0;
    words[w + WORD.paneConformance] = 0;
    words[w + WORD.paneEntropy] = 0;
    const f = row * FLOAT.stride;
    floats[f + FLOAT.packetsBefore] = floats[f + FLOAT.packets]!;
    floats[f + FLOAT.responderPacketsBefore] = floats[f + FLOAT.packets + RESPONDER]!;
    floats[f + FLOAT.bytesBefore] = floats[f + FLOAT.bytes]!;
    floats[f + FLOAT.responderBytesBefore] = floats[f + FLOAT.bytes + RESPONDER]!;
    floats[f + FLOAT.gapSumBeforeUs] = gapSumUs(floats, f);
    floats[f + FLOAT.gapSquareSumBefore] = gapSquareSum(floats, f);
  }

  /** Ends a flow in pane `atS`: sends its last row and record, and frees it. */
  private endFlow(row: number, events: number, atS: number): void {
    const { state } = this;
    const { table } = state;
    const { words, floats } = table;
    const w = row * WORD.stride;
    const endS = Math.max(atS, state.watermarkS);
    if (words[w + WORD.paneS] !== 0 && words[w + WORD.paneS] !== endS) this.sendPane(row, 0);
    const isTold = (words[w + WORD.lifetimeEvents]! & FlowEvent.ended) !== 0;
    if (words[w + WORD.paneS] !== 0) this.sendPane(row, isTold ? 0 : events);
    else if (isEndOfInterest(words, w) || events & FlowEvent.evicted) {
      // An end by silence lies in the pane of the deadline, not in the last packet's.
      floats[row * FLOAT.stride + FLOAT.paneFirstUs] = endS * 1e6;
      this.sendPane(row, events);
    }
    if (this.config.records !== 'none') writeFlowRecord(this.outbox.records, state, row, FlowRecordKind.ended);
    state.firstPackets.release(words[w + WORD.sequenceSlot]!);
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
        this.endFlow(row, FlowEvent.ended | FlowEvent.evicted, state.watermarkS);
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
      this.lookAt(row, second);
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
      if (words[rows[k]! * WORD.stride + WORD.paneS] === second) this.sendPane(rows[k]!, 0);
  }

  /** A filed row's second has come: it expires, is reported, or is filed anew. */
  private lookAt(row: number, second: number): void {
    const { state } = this;
    const w = row * WORD.stride;
    const deadlineS = this.deadlineS(row);
    if (deadlineS <= second) {
      this.endFlow(row, this.idleEvents(row), deadlineS);
      return;
    }
    if (state.table.words[w + WORD.interimDueS]! <= second) {
      if (this.config.records === 'all') writeFlowRecord(this.outbox.records, state, row, FlowRecordKind.interim);
      state.table.words[w + WORD.interimDueS] = second + this.config.activeTimeoutS;
    }
    // Within one turn of the wheel: a row filed a whole turn ahead would come up again in this very second, for ever.
    const dueS = Math.min(deadlineS, state.table.words[w + WORD.interimDueS]!, second + WHEEL_SLOTS - 1);
    state.table.file(row, dueS);
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

/**
 * Only the end of a conversation tells a host anything new, and only once; that a probe stayed unanswered was said with it.
 */
function isEndOfInterest(words: Int32Array, w: number): boolean {
  return (words[w + WORD.lifetimeEvents]! & (FlowEvent.established | FlowEvent.ended)) === FlowEvent.established;
}

/** Idle seconds after which a TCP flow in this state is over. */
function timeoutOf(state: number, config: FlowConfig): number {
  switch (state) {
    case FlowState.synSent:
    case FlowState.synAnswered:
      return config.tcpHandshakeTimeoutS;
    case FlowState.closed:
      return config.tcpClosedTimeoutS;
    default:
      return config.tcpIdleTimeoutS;
  }
}
