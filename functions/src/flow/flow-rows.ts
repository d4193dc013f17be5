import {
  type ActivityTable,
  ConformanceBreach,
  createActivityTable,
  createFlowRecordTable,
  createPacketTable,
  END_OF_TIME_S,
  FlowEvent,
  type FlowRecordTable,
  type FlowRowBatch,
  type FlowRowTable,
  hashAddress,
  Role,
} from '@weir/contracts';
import type { FlowOutput } from '../runtime/port.js';
import type { FlowConfig } from './config.js';
import { prepareRecords, writeRowRecord } from './row-record.js';
import { EVENTS_OF_OUTCOME, eventsOfRow, isSynOnly } from './row-story.js';
import type { FlowPartitionState } from './state.js';
import type { FlowTransition } from './transition.js';

/** A flow's packets are laid out over at most this much of its time; what follows is in its record only. */
const FOLLOWED_US = 120e6;
/** Flows of fewer packets a second than this are laid out in steps of ten seconds, the shortest window. */
const SPARSE_PACKETS_PER_SECOND = 5;
const STEP_US = { sparse: 10e6, dense: 1e6 } as const;
const MAX_COUNT = 0xffff_ffff;
/** More is no count of anything; sums of what is hostile must stay finite. */
const MAX_TOLD = 2 ** 53;
const NO_PACKETS = createPacketTable(0);

/**
 * Flows that another program has put together: each row is a whole flow, so nothing is kept of it. Its start, its
 * packets second by second, and its end go to the host partitions at once, as if its packets had been evenly spaced.
 */
export class FlowRowTransition {
  private readonly activity: ActivityTable[];
  private readonly records: FlowRecordTable = createFlowRecordTable(256);
  private rows!: FlowRowTable;

  constructor(
    private readonly config: FlowConfig,
    private readonly packets: FlowTransition,
  ) {
    this.activity = Array.from({ length: config.hostPartitions }, () => createActivityTable(1024));
  }

  /**
   * Numbers, time, and flows that packets began are the business of the packets' transition: it gets a batch without
   * packets, and what the rows say joins what it sends. A batch that it drops sends nothing.
   */
  run(state: FlowPartitionState, batch: FlowRowBatch, emit: (output: FlowOutput) => void): void {
    const { header, counters, rows } = batch;
    // A run that follows one that has ended begins time anew.
    const reachedUs = state.watermarkS === END_OF_TIME_S ? 0 : state.watermarkS * 1e6;
    let isFolded = false;
    this.packets.run(state, { header, counters, packets: NO_PACKETS }, (output) => {
      if (!isFolded) this.fold(state, rows, reachedUs);
      isFolded = true;
      if (output.kind === 'host-batch') this.emitWithRows(output, emit);
      else emit(output);
    });
    if (this.records.count > 0) emit({ kind: 'flow-records', sensor: state.sensor, records: this.records });
    this.records.clear();
  }

  /** The rows go in front of what packets gave: the table of those is lent, and of fixed size. */
  private emitWithRows(output: FlowOutput & { kind: 'host-batch' }, emit: (output: FlowOutput) => void): void {
    const { batch, partition } = output;
    const activity = this.activity[partition]!;
    activity.appendRows(batch.activity, 0, batch.activity.count);
    emit({ kind: 'host-batch', partition, batch: { ...batch, activity } });
    activity.clear();
  }

  private fold(state: FlowPartitionState, rows: FlowRowTable, reachedUs: number): void {
    const { counters } = state;
    const { timeUs, conformance, originatorPackets, responderPackets, originatorBytes, responderBytes } = rows.columns;
    this.rows = rows;
    if (this.config.records !== 'none') prepareRecords(this.records, rows.count);
    for (let i = 0; i < rows.count; i++) {
      if (timeUs[i]! < reachedUs) {
        timeUs[i] = reachedUs;
        conformance[i]! |= ConformanceBreach.timeLate;
      }
      counters.packets += Math.min(originatorPackets[i]! + responderPackets[i]!, MAX_TOLD);
      counters.bytes += Math.min(originatorBytes[i]! + responderBytes[i]!, MAX_TOLD);
      this.foldRow(i);
    }
    counters.flowsStarted += rows.count;
    counters.flowsEnded += rows.count;
  }

  private foldRow(i: number): void {
    const { words: originator } = this.rows.columns.originatorAddress;
    const { words: responder } = this.rows.columns.responderAddress;
    const events = eventsOfRow(this.rows, i);
    if (this.config.records !== 'none') writeRowRecord(this.records, this.rows, i, events);
    const originatorHome = this.home(originator, i * 4);
    const responderHome = this.home(responder, i * 4);
    if (originatorHome === responderHome) {
      this.layOut(this.activity[originatorHome]!, i, events, Role.originator | Role.responder);
    } else {
      this.layOut(this.activity[originatorHome]!, i, events, Role.originator);
      this.layOut(this.activity[responderHome]!, i, events, Role.responder);
    }
  }

  private home(words: Uint32Array, at: number): number {
    return this.config.hostPartitions === 1 ? 0 : hashAddress(words, at) % this.config.hostPartitions;
  }

  /** Writes row `i` as what happened in each second, or each ten, of its time. */
  private layOut(table: ActivityTable, i: number, events: number, roles: number): void {
    const c = this.rows.columns;
    const durationUs = c.durationUs[i]!;
    const sent = c.originatorPackets[i]!;
    const received = c.responderPackets[i]!;
    const isSparse = (sent + received) * 1e6 < SPARSE_PACKETS_PER_SECOND * durationUs;
    const stepUs = isSparse ? STEP_US.sparse : STEP_US.dense;
    const steps = durationUs < 1e6 || sent + received < 2 ? 1 : Math.floor(durationUs / stepUs) + 1;
    const isFollowedToEnd = durationUs <= FOLLOWED_US;
    const last = isFollowedToEnd ? steps : Math.floor(FOLLOWED_US / stepUs);
    const later = events & EVENTS_AT_END;
    const isOfInterest = (events & EVENTS_OF_OUTCOME) !== 0;
    for (let step = 0; step < last; step++) {
      const isLast = step === last - 1;
      const row = this.writeStep(table, i, roles, { step, steps, stepUs });
      const isEmpty = table.columns.originatorPackets[row]! + table.columns.responderPackets[row]! === 0;
      if (isEmpty && step > 0 && !isLast) continue;
      let told = step === 0 ? events & ~later : events & FlowEvent.unanswered;
      if (isLast && isFollowedToEnd) told |= isOfInterest ? later | FlowEvent.ended : later;
      table.columns.events[row] = told;
      if (told & FlowEvent.ended) writeTotals(table, row, this.rows, i);
      table.count = row + 1;
    }
  }

  /** Writes step `step` of `steps` behind the rows of `table`, without counting it, and gives its row. */
  private writeStep(
    table: ActivityTable,
    i: number,
    roles: number,
    { step, steps, stepUs }: { step: number; steps: number; stepUs: number },
  ): number {
    const row = table.count;
    if (row === table.capacity) table.grow();
    const out = table.columns;
    const c = this.rows.columns;
    const startUs = c.timeUs[i]! + step * stepUs;
    out.timeUs[row] = startUs;
    out.lastTimeUs[row] = Math.min(startUs + stepUs, c.timeUs[i]! + c.durationUs[i]!);
    out.roles[row] = roles;
    copyAddress(c.originatorAddress.words, i * 4, out.originatorAddress.words, row * 4);
    copyAddress(c.responderAddress.words, i * 4, out.responderAddress.words, row * 4);
    out.originatorPort[row] = c.originatorPort[i]!;
    out.responderPort[row] = c.responderPort[i]!;
    out.protocol[row] = c.protocol[i]!;
    out.originatorPackets[row] = share(c.originatorPackets[i]!, step, steps);
    out.responderPackets[row] = share(c.responderPackets[i]!, step, steps);
    out.originatorBytes[row] = share(c.originatorBytes[i]!, step, steps);
    out.responderBytes[row] = share(c.responderBytes[i]!, step, steps);
    out.synPackets[row] = this.synPackets(i, step, out.originatorPackets[row]!);
    out.gapCount[row] = 0;
    out.gapSumUs[row] = 0;
    out.gapSquareSum[row] = 0;
    out.conformance[row] = step === 0 ? c.conformance[i]! : 0;
    out.payloadGuess[row] = 0;
    out.payloadEntropy[row] = 0;
    out.totalDurationMs[row] = 0;
    out.totalOriginatorPackets[row] = 0;
    out.totalResponderPackets[row] = 0;
    out.totalOriginatorBytes[row] = 0;
    out.totalResponderBytes[row] = 0;
    return row;
  }

  /** A flow that never got an answer sent nothing but SYNs; any other sent one. */
  private synPackets(i: number, step: number, sentInStep: number): number {
    const syn = isSynOnly(this.rows, i);
    if (syn === 'only') return sentInStep;
    return syn === 'first' && step === 0 ? 1 : 0;
  }
}

/** What is told with the last step of a flow; all else with its first. */
const EVENTS_AT_END = FlowEvent.finished | FlowEvent.reset;

/** What falls on step `step` when `total` is laid out evenly over `steps`, the first getting what is left over. At most 2^32 − 1. */
function share(total: number, step: number, steps: number): number {
  if (steps === 1) return Math.min(total, MAX_COUNT);
  const whole = Math.min(total, MAX_TOLD);
  const before = Math.ceil((whole * step) / steps);
  return Math.min(Math.ceil((whole * (step + 1)) / steps) - before, MAX_COUNT);
}

function writeTotals(table: ActivityTable, row: number, rows: FlowRowTable, i: number): void {
  const out = table.columns;
  const c = rows.columns;
  out.totalDurationMs[row] = Math.min(c.durationUs[i]! / 1000, MAX_COUNT);
  out.totalOriginatorPackets[row] = Math.min(c.originatorPackets[i]!, MAX_COUNT);
  out.totalResponderPackets[row] = Math.min(c.responderPackets[i]!, MAX_COUNT);
  out.totalOriginatorBytes[row] = Math.min(c.originatorPayloadBytes[i]!, MAX_COUNT);
  out.totalResponderBytes[row] = Math.min(c.responderPayloadBytes[i]!, MAX_COUNT);
}

function copyAddress(from: Uint32Array, at: number, into: Uint32Array, to: number): void {
  into[to] = from[at]!;
  into[to + 1] = from[at + 1]!;
  into[to + 2] = from[at + 2]!;
  into[to + 3] = from[at + 3]!;
}
