import { readFileSync } from 'node:fs';
import {
  type ActivityTable,
  type FlowRecordTable,
  type Layout,
  type NoteTable,
  type PacketTable,
  type PlacedTable,
  viewTable,
} from '@weir/contracts';
import type { FlowConfig } from './config.js';
import { ACTIVITY, NOTES, PACKETS, PACKETS_AT, RECORDS } from './core-layout.js';
import { Staging } from './staging.js';

/** What the compiled core (functions/flow-core) exports. Numbers are i32 unless they are globals of f64; `watermarkS` is i64. */
interface CoreExports {
  readonly memory: WebAssembly.Memory;
  begin(maxFlows: number, hostPartitions: number): void;
  setTimeouts(handshakeS: number, idleS: number, closedS: number, unansweredS: number, answeredS: number): void;
  setReporting(activeTimeoutS: number, records: number): void;
  foldPackets(from: number, count: number): number;
  advanceTo(toS: bigint): number;
  activityCount(partition: number): number;
  noteCount(partition: number): number;
  clearOutbox(): void;
  reset(): void;
  partAt(part: number): number;
  partBytes(part: number): number;
  paneCount(): number;
  usedSequences(): number;
  freeSequenceCount(): number;
  isFreeRow(row: number): number;
  freeRow(row: number): void;
  beginRestore(usedRows: number, panes: number, usedSequences: number, freeSequences: number): void;
  endRestore(watermarkS: bigint, newestS: number): void;
  /** Zeroes what freed slots hold, which is of no use to anyone. */
  clearFreeSequences(): void;
  readonly recordCount: WebAssembly.Global<'i32'>;
  readonly usedRows: WebAssembly.Global<'i32'>;
  readonly flowsLive: WebAssembly.Global<'i32'>;
  readonly newestS: WebAssembly.Global<'i32'>;
  readonly watermarkS: WebAssembly.Global<'i64'>;
  readonly flowsStarted: WebAssembly.Global<'f64'>;
  readonly flowsEnded: WebAssembly.Global<'f64'>;
  readonly flowsEvicted: WebAssembly.Global<'f64'>;
  readonly nonIpPackets: WebAssembly.Global<'f64'>;
  readonly bytes: WebAssembly.Global<'f64'>;
}

/** The same path from src/flow and from dist/flow. */
const CORE_FILE = new URL('../../flow-core/build/flow-core.wasm', import.meta.url);

const RECORDS_WRITTEN = { none: 0, ended: 1, all: 2 } as const;

let compiled: WebAssembly.Module | undefined;

function coreModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(CORE_FILE));
  return compiled;
}

/** One instance of the compiled core: the flows of one partition, and views of what goes in and out. */
export class FlowCore {
  readonly exports: CoreExports;
  /** By host partition, as they are after the last call; valid until the next. */
  activity: ActivityTable[] = [];
  notes: NoteTable[] = [];
  records!: FlowRecordTable;
  private staging!: Staging;
  private viewed: ArrayBuffer | undefined;

  constructor(private readonly config: FlowConfig) {
    this.exports = new WebAssembly.Instance(coreModule()).exports as unknown as CoreExports;
    const core = this.exports;
    core.begin(config.maxFlows, config.hostPartitions);
    core.setTimeouts(
      config.tcpHandshakeTimeoutS,
      config.tcpIdleTimeoutS,
      config.tcpClosedTimeoutS,
      config.unansweredTimeoutS,
      config.answeredTimeoutS,
    );
    core.setReporting(config.activeTimeoutS, RECORDS_WRITTEN[config.records]);
    this.view();
  }

  /** Copies packets of a batch from `from` on into the core, as many as fit. Returns how many. */
  stage(packets: PacketTable, from: number): number {
    this.view();
    return this.staging.copy(packets, from);
  }

  /** Takes what the core has to tell into `activity` and `records`. */
  readOutbox(): void {
    this.view();
    const core = this.exports;
    for (let partition = 0; partition < this.activity.length; partition++) {
      this.activity[partition]!.count = core.activityCount(partition);
      this.notes[partition]!.count = core.noteCount(partition);
    }
    this.records.count = core.recordCount.value;
  }

  /** Memory that has grown is a new buffer; its views are made anew. */
  private view(): void {
    const { buffer } = this.exports.memory;
    if (this.viewed === buffer) return;
    this.viewed = buffer;
    let at = PACKETS_AT;
    const next = <L extends Layout>(placed: PlacedTable<L>) => {
      const table = viewTable(placed, buffer, at);
      at += placed.size;
      return table;
    };
    const eachHostPartition = { length: this.config.hostPartitions };
    this.staging = new Staging(next(PACKETS));
    this.records = next(RECORDS);
    this.activity = Array.from(eachHostPartition, () => next(ACTIVITY));
    this.notes = Array.from(eachHostPartition, () => next(NOTES));
  }
}
