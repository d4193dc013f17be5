import { FlowEvent, FlowRecordKind, type PacketTable, TcpFlag } from '@weir/contracts';
import type { FlowConfig } from './config.js';
import { FLOAT, FlowState, RESPONDER, WORD } from './layout.js';
import { gapSquareSum, gapSumUs, type Outbox } from './outbox.js';
import { startFlow } from './packet.js';
import { writeFlowRecord } from './records.js';
import type { FlowPartitionState } from './state.js';
import { WHEEL_SLOTS } from './table.js';

/** From a flow's first packet to its last record: beginning, panes, timeouts, end. Works on the partition in `state`. */
export class FlowLife {
  state!: FlowPartitionState;
  /** Of `state.touched`: the list of the second that packets come from now. */
  private touchedRows: number[] = [];

  constructor(
    private readonly config: FlowConfig,
    private readonly outbox: Outbox,
  ) {}

  /** Packets of `second` come: their rows will be noted in its list. */
  openPane(second: number): void {
    const { state } = this;
    if (second > state.newestS) state.newestS = second;
    let touched = state.touched.get(second);
    if (!touched) {
      touched = [];
      state.touched.set(second, touched);
    }
    this.touchedRows = touched;
  }

  answered(row: number): void {
    const { words } = this.state.table;
    const w = row * WORD.stride;
    words[w + WORD.lifetimeEvents]! |= FlowEvent.answered;
    words[w + WORD.paneEvents]! |= FlowEvent.answered;
    words[w + WORD.timeoutS] = this.config.answeredTimeoutS;
  }

  /** TCP came to another state: another timeout holds, which may be nearer than the one the row is filed for. */
  stateChanged(row: number): void {
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

  /** Whether a packet with these flags belongs to a later flow with the same key; then the old one is ended. */
  isOver(row: number, flags: number, second: number): boolean {
    const { words } = this.state.table;
    const w = row * WORD.stride;
    const deadlineS = words[w + WORD.lastS]! + words[w + WORD.timeoutS]! + 1;
    if (second >= deadlineS) {
      this.end(row, this.idleEvents(row), deadlineS);
      return true;
    }
    if (words[w + WORD.state] !== FlowState.closed) return false;
    const isNewSyn = (flags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn;
    if (isNewSyn) this.end(row, FlowEvent.ended, second);
    return isNewSyn;
  }

  begin(packets: PacketTable, i: number, second: number): number {
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
  enterPane(row: number, second: number, timeUs: number): void {
    const { state } = this;
    const { words, floats } = state.table;
    const w = row * WORD.stride;
    if (words[w + WORD.paneS] !== 0) this.sendPane(row, 0);
    words[w + WORD.paneS] = second;
    floats[row * FLOAT.stride + FLOAT.paneFirstUs] = timeUs;
    this.touchedRows.push(row);
  }

  /** Sends the pane fields of a flow with `events` added, and empties them. */
  sendPane(row: number, events: number): void {
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
  private end(row: number, events: number, atS: number): void {
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
        this.end(row, FlowEvent.ended | FlowEvent.evicted, state.watermarkS);
        state.counters.flowsEvicted++;
        return;
      }
    }
  }

  /** A filed row's second has come: it expires, is reported, or is filed anew. */
  lookAt(row: number, second: number): void {
    const { state } = this;
    const w = row * WORD.stride;
    const deadlineS = this.deadlineS(row);
    if (deadlineS <= second) {
      this.end(row, this.idleEvents(row), deadlineS);
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
