import { FEATURE_LISTS, type FeatureListName, type FlowRecordTable } from '@weir/contracts';
import type { FlowSettings } from '../flow/config.js';
import { FeatureRows } from './feature-rows.js';
import { FlowContext } from './flow-context.js';
import { appendFlowRows, writeFlowFeatures } from './flow-features.js';
import { writeSequenceFeatures } from './sequence-features.js';
import type { ByteReader, ByteWriter } from './state-bytes.js';
import { type HostWindowFacts, WindowRows } from './window-features.js';

/** Makes the rows of one feature list from what flow and host functions send on; the same for training and for scoring. */
export class FeatureCollector {
  readonly rows: FeatureRows;
  /** Features of a row as models see it. */
  readonly width: number;
  /** What longer windows of hosts have told. */
  private readonly windows = new WindowRows();
  /** What was done before a flow, where models look at that too. */
  private readonly context: FlowContext | undefined;

  constructor(
    readonly list: FeatureListName,
    private readonly settings: FlowSettings,
  ) {
    this.width = FEATURE_LISTS[list].length;
    this.rows = new FeatureRows(collectedWidth(list));
    this.context = list === 'flow-context' ? new FlowContext() : undefined;
  }

  /** Takes flow records; lists of windows pass them by. */
  takeRecords(records: FlowRecordTable): void {
    const { list, rows, settings } = this;
    if (list === 'host-window') return;
    const write = list === 'sequence' ? writeSequenceFeatures : writeFlowFeatures;
    appendFlowRows(rows, records, { settings, write });
  }

  /** Takes a closed window; lists of flows pass it by. */
  takeWindow(window: HostWindowFacts): void {
    if (this.list === 'host-window') this.windows.take(window, this.rows);
  }

  /** Writes what models see of a row at `out[at ..]`. To be called once for each row, in the order of time. */
  writeFeatures(row: number, out: Float32Array, at: number): void {
    const { matrix, width } = this.rows;
    const from = row * width;
    for (let k = 0; k < width; k++) out[at + k] = matrix[from + k]!;
    this.context?.tell(this.rows, row, { out, at: at + width });
  }

  /** Time begins anew: nothing of before is known. */
  forget(): void {
    this.windows.clear();
    this.context?.clear();
  }

  /** What is known of before, as bytes. */
  write(writer: ByteWriter): void {
    this.windows.write(writer);
    this.context?.write(writer);
  }

  /** Knows what `write` wrote, and nothing else. */
  read(reader: ByteReader): void {
    this.windows.read(reader);
    this.context?.read(reader);
  }
}

/** Features of a row as it is collected: what was done before a flow is told when its time has come. */
export function collectedWidth(list: FeatureListName): number {
  return FEATURE_LISTS[list === 'flow-context' ? 'flow' : list].length;
}
