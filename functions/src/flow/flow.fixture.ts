import {
  ADDRESS_WORDS,
  AddressColumn,
  BytesColumn,
  ColumnTable,
  flowOutcomeName,
  formatAddress,
  type HostBatch,
  type Layout,
  type PacketBatch,
} from '@weir/contracts';
import { DEFAULT_DETECTION_CONFIG } from '../config.js';
import { createFlowFunction, type FlowConfig, type FlowPartitionState } from './index.js';
import { cutBatches, packetTable, type SaidPacket } from './packets.fixture.js';

/** A row of any table: addresses as text, byte strings in hex. */
export type Row = Record<string, number | string>;

/** A table's rows as plain objects. */
export function rowsOf<L extends Layout>(table: ColumnTable<L>): Row[] {
  const columns = Object.entries(table.columns);
  return Array.from({ length: table.count }, (_, i) =>
    Object.fromEntries(columns.map(([name, column]) => [name, valueAt(column, i)])),
  );
}

function valueAt(column: unknown, i: number): number | string {
  if (column instanceof AddressColumn) return formatAddress(column.bytes, i * ADDRESS_WORDS * 4);
  if (column instanceof BytesColumn)
    return Buffer.from(column.data.subarray(column.offsets[i], column.offsets[i + 1])).toString('hex');
  return (column as Float64Array)[i]!;
}

/** A copy that outlives `emit`. */
export function keepBatch(batch: HostBatch): HostBatch {
  return { ...batch, counters: { ...batch.counters }, activity: copy(batch.activity), notes: copy(batch.notes) };
}

function copy<L extends Layout>(table: ColumnTable<L>): ColumnTable<L> {
  const kept = new ColumnTable(table.layout, Math.max(1, table.count));
  kept.appendRows(table, 0, table.count);
  return kept;
}

/** The flow function with one partition, and what it has sent. */
export class FlowBench {
  readonly flows;
  state: FlowPartitionState;
  /** All that was sent, by host partition. */
  readonly activity: Row[][];
  readonly notes: Row[][];
  readonly records: Row[] = [];
  readonly hostBatches: HostBatch[] = [];

  constructor(config: Partial<FlowConfig> = {}) {
    const whole = { ...DEFAULT_DETECTION_CONFIG.flow, hostPartitions: 1, records: 'ended' as const, ...config };
    this.flows = createFlowFunction(whole);
    this.state = this.flows.initialState('flow/test/0');
    this.activity = Array.from({ length: whole.hostPartitions }, () => []);
    this.notes = Array.from({ length: whole.hostPartitions }, () => []);
  }

  /** Sends one batch after the others. */
  send(batch: PacketBatch): this {
    this.flows.transition(this.state, batch, (output) => {
      if (output.kind === 'flow-records') {
        this.records.push(...rowsOf(output.records));
        return;
      }
      this.hostBatches.push(keepBatch(output.batch));
      this.activity[output.partition]!.push(...rowsOf(output.batch.activity));
      this.notes[output.partition]!.push(...rowsOf(output.batch.notes));
    });
    return this;
  }

  /** Sends packets in batches, by default all in one, and then time up to the last batch's watermark. */
  play(packets: readonly Partial<SaidPacket>[], cut: Partial<Parameters<typeof cutBatches>[1]> = {}): this {
    for (const batch of cutBatches(packetTable(packets), { size: Math.max(1, packets.length), ...cut }))
      this.send(batch);
    return this;
  }

  /** Replaces the state by what its bytes say, as a restart would. */
  restart(): this {
    this.state = this.flows.decode(this.flows.encode(this.state));
    return this;
  }

  /** What may not depend on how packets are cut into batches. */
  get said() {
    return { activity: this.activity, notes: this.notes, records: this.records };
  }

  get outcomes(): string[] {
    return this.records.map(({ outcome }) => flowOutcomeName(outcome as number));
  }
}
