import { FlowRowBatcher, type FlowTableSource } from '@weir/capture-agent';
import type { FlowRowBatch } from '@weir/contracts';
import type { RuntimeSink } from '@weir/functions';
import { type AgentOptions, type AgentResult, createRuntime, type DetectionOptions } from './pipeline.js';

/** How the rows of a flow table become batches. */
export interface FlowTableRun extends Pick<AgentOptions, 'sensor' | 'allowedLatenessMs' | 'partitions' | 'stop'> {
  /** Open; it is closed at the end. */
  readonly table: FlowTableSource;
  /** Rows of all partitions that go out together. The results do not depend on it. */
  readonly maxBatchRows: number;
  /** Pause after each round of batches; 0 for none. Unit: ms. */
  readonly delayMs: number;
  readonly sleepMs: (ms: number) => Promise<void>;
  /** Run of the sensor, for the headers. 0 by default. */
  readonly epoch?: number;
  /** Called after each round, with all rows so far. */
  readonly onProgress?: (rows: number) => void;
  /** Awaited after each round, for models that come to their answers later. */
  readonly ready?: () => Promise<void>;
}

/**
 * flow table → batches → `emit`, to the end of the table or until stopped. The result counts rows where a capture's counts
 * packets. Rejects with a SourceError.
 */
export async function runFlowTable(run: FlowTableRun, emit: (batch: FlowRowBatch) => void): Promise<AgentResult> {
  const { table, sensor, partitions, allowedLatenessMs, epoch, maxBatchRows: maxRows } = run;
  const batcher = new FlowRowBatcher({ sensor, partitions, maxRows, allowedLatenessMs, epoch }, emit);
  try {
    while (!run.stop.aborted && (await table.read(batcher.rows))) {
      batcher.flush(table.counters());
      run.onProgress?.(table.counters().rows);
      await run.ready?.();
      if (run.delayMs > 0) await run.sleepMs(run.delayMs);
    }
    const { rows, warnings } = table.counters();
    batcher.finish(table.counters());
    return { packets: rows, warnings };
  } finally {
    await table.close();
  }
}

/** The whole of Weir in one process, from a flow table: rows → batches → hosts → models → incidents → `sink`. */
export async function detectInFlowTable(run: FlowTableRun & DetectionOptions, sink: RuntimeSink): Promise<AgentResult> {
  const runtime = createRuntime({ ...run, flowPartitions: run.partitions }, sink);
  const result = await runFlowTable({ ...run, ready: () => runtime.settle() }, (batch) => runtime.deliver(batch));
  await runtime.settle();
  run.onModels?.(runtime.modelStatus(), runtime.shadowStatus());
  return result;
}
