export { FlowRowBatcher, type FlowRowBatcherOptions } from './flow-row-batcher.js';
export {
  type FlowTableCounters,
  type FlowTableOptions,
  type FlowTableSource,
  openFlowTable,
} from './flow-table-source.js';
export { isFlowTable } from './recognise.js';
export type { FlowTableFormat } from './table-shape.js';
