import { FEATURE_LISTS, type FeatureListName, type FlowRecordTable } from '@weir/contracts';
import type { FlowSettings } from '../flow/config.js';
import { FeatureRows } from './feature-rows.js';
import { appendFlowRows, writeFlowFeatures } from './flow-features.js';
import { writeSequenceFeatures } from './sequence-features.js';
import { type HostWindowFacts, WindowRows } from './window-features.js';

/** Makes the rows of one feature list from what flow and host functions send on; the same for training and for scoring. */
export class FeatureCollector {
  readonly rows: FeatureRows;
  /** What longer windows of hosts have told. */
  readonly windows = new WindowRows();

  constructor(
    readonly list: FeatureListName,
    private readonly settings: FlowSettings,
  ) {
    this.rows = new FeatureRows(FEATURE_LISTS[list].length);
  }

  /** Takes flow records; lists of windows pass them by. */
  takeRecords(records: FlowRecordTable): void {
    const { list, rows, settings } = this;
    if (list === 'host-window') return;
    const write = list === 'flow' ? writeFlowFeatures : writeSequenceFeatures;
    appendFlowRows(rows, records, { settings, write });
  }

  /** Takes a closed window; lists of flows pass it by. */
  takeWindow(window: HostWindowFacts): void {
    if (this.list === 'host-window') this.windows.take(window, this.rows);
  }
}
