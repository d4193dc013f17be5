import { formatCount } from '../report/numbers.js';
import { formatTable } from '../report/table.js';
import type { ClusterLoad, ClusterResult, EmbeddedResult } from './cluster.js';

/** A run through a cluster. */
export interface ClusterRow {
  readonly load: ClusterLoad;
  readonly result: ClusterResult;
}

/** A table of runs, beside the same packets in one process. */
export function clusterTable(embedded: EmbeddedResult, rows: readonly ClusterRow[]): string {
  const embeddedRate = embedded.packets / embedded.cpuSeconds;
  const head = `${formatCount(embedded.packets)} packets, ${embedded.incidents.size} incidents; one process: ${formatCount(embeddedRate)} packets per CPU-second`;
  const table = formatTable(
    [
      { title: 'partitions', align: 'right' },
      { title: 'packets/s end to end', align: 'right' },
      { title: 'of one process', align: 'right' },
      { title: 'same incidents' },
      { title: 'delay p50', align: 'right' },
      { title: 'p95', align: 'right' },
    ],
    rows.map((row) => cellsOf(row, embeddedRate)),
  );
  return `${head}\n${table}\n`;
}

function cellsOf({ load, result }: ClusterRow, embeddedRate: number): string[] {
  const rate = result.packets / result.seconds;
  return [
    String(load.partitions),
    formatCount(rate),
    (rate / embeddedRate).toFixed(2),
    result.isSame ? 'yes' : 'NO',
    delayText(result.delaysMs, 0.5),
    delayText(result.delaysMs, 0.95),
  ];
}

function delayText(sortedMs: readonly number[], share: number): string {
  if (sortedMs.length === 0) return '';
  const at = Math.min(sortedMs.length - 1, Math.floor(share * sortedMs.length));
  return `${Math.round(sortedMs[at]!)} ms`;
}
