import { createFlowRowTable, END_OF_TIME_S, type FlowRowBatch, type FlowRowTable, NO_COUNTERS } from '@weir/contracts';
import { Scatter } from '../batches/scatter.js';
import { SensorClock } from '../batches/sensor-clock.js';
import type { FlowTableCounters } from './flow-table-source.js';

/** How the rows of a flow table become batches; each as in BatcherOptions. */
export interface FlowRowBatcherOptions {
  sensor: string;
  partitions: number;
  /** Rows of all partitions in one round. */
  maxRows: number;
  /** Unit: ms; 1,000 by default. */
  allowedLatenessMs?: number | undefined;
  epoch?: number | undefined;
}

/**
 * Cuts a sensor's flow rows into batches, one a partition and round, as Batcher does with packets: the rows of a partition
 * do not depend on where rounds end. Fill `rows`, then call `flush`; at the end call `finish`.
 *
 * A batch is the consumer's until `emit` returns.
 */
export class FlowRowBatcher {
  /** The round that is being filled, with room for `maxRows`. */
  readonly rows: FlowRowTable;
  private readonly clock: SensorClock;
  private readonly tables: readonly FlowRowTable[];
  private readonly scatter: Scatter;
  private sequence = 0;

  constructor(
    private readonly options: FlowRowBatcherOptions,
    private readonly emit: (batch: FlowRowBatch) => void,
  ) {
    const { partitions, maxRows, allowedLatenessMs = 1000 } = options;
    this.clock = new SensorClock(allowedLatenessMs * 1000);
    this.rows = createFlowRowTable(maxRows);
    this.tables =
      partitions === 1
        ? [this.rows]
        : Array.from({ length: partitions }, () => createFlowRowTable(Math.ceil(maxRows / partitions)));
    this.scatter = new Scatter(partitions);
  }

  /** Ends a round: emits one batch a partition, empty ones too. */
  flush(counters: FlowTableCounters): void {
    this.clock.stamp(this.rows.columns, 0, this.rows.count);
    this.emitRound(counters, this.clock.watermarkS);
  }

  /** Ends the sensor: what is left goes out with the watermark at the end of time. */
  finish(counters: FlowTableCounters): void {
    this.clock.stamp(this.rows.columns, 0, this.rows.count);
    this.emitRound(counters, END_OF_TIME_S);
  }

  private emitRound({ rows, rowsSkipped }: FlowTableCounters, watermarkS: number): void {
    const { sensor, partitions, epoch = 0 } = this.options;
    if (partitions > 1) this.scatter.distribute(this.rows, this.tables);
    const sequence = this.sequence++;
    const counters = {
      ...NO_COUNTERS,
      packetsCaptured: rows,
      packetsLate: this.clock.late,
      packetsUndecoded: rowsSkipped,
    };
    for (let partition = 0; partition < partitions; partition++) {
      const header = { sensor, partition, partitions, epoch, sequence, watermarkS };
      this.emit({ header, counters: { ...counters }, rows: this.tables[partition]! });
    }
    this.rows.clear();
  }
}
