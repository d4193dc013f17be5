import { formatCount } from '../report/numbers.js';
import { formatTable } from '../report/table.js';
import type { ClusterResult } from './cluster.js';
import type { ClusterLoad, EmbeddedResult } from './cluster-load.js';

/** A run through a cluster. */
export interface ClusterRow {
  readonly load: ClusterLoad;
  readonly result: ClusterResult;
}

/** A table of runs, beside the same packets in one process. */
export function clusterTable(embedded: EmbeddedResult, rows: readonly ClusterRow[]): string {
  const embeddedRate = embedded.packets / embedded.cpuSeconds;
  const head = `${formatCount(embedded.packets)} ${embedded.unit}, ${embedded.incidents.size} incidents; one process: ${formatCount(embeddedRate)} ${embedded.unit} per CPU-second`;
  const table = formatTable(
    [
      { title: 'partitions', align: 'right' },
      { title: `${embedded.unit} a message`, align: 'right' },
      { title: `${embedded.unit}/s end to end`, align: 'right' },
      { title: 'of one process', align: 'right' },
      { title: 'same incidents' },
      { title: 'delay p50', align: 'right' },
      { title: 'p95', align: 'right' },
      { title: 'lag by quarter' },
    ],
    rows.map((row) => cellsOf(row, embeddedRate)),
  );
  return `${head}\n${table}\n`;
}

function cellsOf({ load, result }: ClusterRow, embeddedRate: number): string[] {
  const rate = result.packets / result.seconds;
  return [
    formatCount(load.partitions),
    formatCount(result.packets / result.messages),
    formatCount(rate),
    (rate / embeddedRate).toFixed(2),
    result.isSame ? 'yes' : 'NO',
    delayText(result.delaysMs, 0.5),
    delayText(result.delaysMs, 0.95),
    result.lagsMs.length > 0 ? `${result.lagsMs.map((ms) => Math.round(ms)).join(' ')} ms` : '',
  ];
}

function delayText(sortedMs: readonly number[], share: number): string {
  if (sortedMs.length === 0) return '';
  const at = Math.min(sortedMs.length - 1, Math.floor(share * sortedMs.length));
  return `${Math.round(sortedMs[at]!)} ms`;
}
