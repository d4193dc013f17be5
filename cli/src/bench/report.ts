import { formatCount, formatShort } from '../report/numbers.js';
import { formatTable } from '../report/table.js';
import type { PeerResult } from './peers.js';
import type { Stage, StageResult } from './stages.js';

/** Results of all stages on one capture. */
export type StageResults = Readonly<Record<Stage, StageResult>>;

const STAGE_TITLES: Readonly<Record<Stage, string>> = {
  read: 'read the file',
  decode: 'read + decode',
  flow: 'read + decode + flow',
  records: 'read + decode + flow + flow records',
  count: 'read + decode + flow + count hosts, without detectors',
  whole: 'read + decode + flow + detect (whole)',
};

/** Packets per CPU-second; 0 when nothing was measured. */
export function packetsPerCpuSecond({ packets, cpuSeconds }: Pick<StageResult, 'packets' | 'cpuSeconds'>): number {
  return cpuSeconds > 0 ? packets / cpuSeconds : 0;
}

/** The same without the time for reading the file. */
export function withoutReading(result: StageResult, read: StageResult): number {
  return packetsPerCpuSecond({ packets: result.packets, cpuSeconds: Math.max(0, result.cpuSeconds - read.cpuSeconds) });
}

/** Share of the whole that is spent in detectors, 0 to 1: what it takes more than counting hosts alone. */
export function detectorShare({ count, whole }: Pick<StageResults, 'count' | 'whole'>): number {
  return whole.cpuSeconds > 0 ? Math.max(0, 1 - count.cpuSeconds / whole.cpuSeconds) : 0;
}

/** A table of the stages, each including those before it. */
export function stageTable(results: StageResults): string {
  const rows = Object.entries(results).map(([stage, result]) => [
    STAGE_TITLES[stage as Stage],
    formatCount(packetsPerCpuSecond(result)),
    stage === 'read' ? '' : formatCount(withoutReading(result, results.read)),
    `${formatShort(result.peakBytes)}B`,
  ]);
  return formatTable(
    [
      { title: 'stage' },
      { title: 'packets per CPU-second', align: 'right' },
      { title: 'without reading', align: 'right' },
      { title: 'peak memory', align: 'right' },
    ],
    rows,
  );
}

/** A table of other programs on the same packets, and Weir over each; reading the file counts for all. */
export function peerTable(peers: readonly PeerResult[], results: StageResults): string {
  const rows = peers.map((peer) => {
    if (peer.kind === 'missing') return [peer.name, 'not installed', '', '', ''];
    if (peer.kind === 'failed') return [peer.name, `failed: ${peer.reason}`, '', '', ''];
    const rate = packetsPerCpuSecond(peer);
    const ratio = (stage: Stage) => (packetsPerCpuSecond(results[stage]) / rate).toFixed(2);
    return [peer.name, formatCount(rate), ratio('flow'), ratio('records'), ratio('whole')];
  });
  return formatTable(
    [
      { title: 'peer' },
      { title: 'packets per CPU-second', align: 'right' },
      { title: 'Weir flow / peer', align: 'right' },
      { title: 'with records / peer', align: 'right' },
      { title: 'Weir whole / peer', align: 'right' },
    ],
    rows,
  );
}
