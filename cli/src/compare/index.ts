import { type Comparison, compareViews } from './compare.js';
import { readWithTshark } from './tshark-view.js';
import { readWithWeir } from './weir-view.js';

export type { Comparison, Difference } from './compare.js';
export { REASONS, type Reason } from './explain.js';
export { comparisonTable, differenceList, type FileComparison, isUnexplained, reasonList } from './report.js';
export { tsharkVersion } from './tshark-view.js';

/** Compares what Weir and tshark make of a capture file. Rejects when either cannot read it. */
export async function compareWithTshark(path: string): Promise<Comparison> {
  return compareViews(await readWithWeir(path), await readWithTshark(path));
}
