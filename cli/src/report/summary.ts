import { type Incident, SEVERITIES, type SensorCounters } from '@weir/contracts';
import type { CoveredTime } from './covered-time.js';
import { incidentTable, type Layout } from './incident-text.js';
import { counted, formatClock, formatCount, formatDuration, formatShort, formatTime } from './numbers.js';
import { wrapText } from './wrap.js';

/** What a run came to. */
export interface RunFacts {
  readonly source: string;
  readonly sensor: string;
  /** What was read: packets, or rows of a flow table. Default: packets. */
  readonly unit?: 'packets' | 'rows' | undefined;
  readonly packets: number;
  /** The time of the packets, where it is known. */
  readonly covered?: CoveredTime | undefined;
  /** Whether the user stopped the run before the input had ended. */
  readonly isCutShort?: boolean;
  readonly elapsedMs: number;
  readonly counters: SensorCounters;
  readonly warnings: readonly string[];
  /** In final state, by start. */
  readonly incidents: readonly Incident[];
  /** Incidents that were found and printed, but are no longer kept for the table. */
  readonly forgotten: number;
}

/** The closing lines: incidents in a table, how much was read how fast, and how blind the sensor was. */
export function summaryText(facts: RunFacts, layout: Layout): string {
  const { columns, paint } = layout;
  const lines = [paint(countLine(facts), 'bold')];
  if (facts.incidents.length > 0) lines.push('', incidentTable(facts.incidents, layout));
  if (facts.forgotten > 0) lines.push(`… and ${formatCount(facts.forgotten)} earlier ones, printed above.`);
  lines.push('', rateLine(facts), wrapText(blindnessLine(facts), { columns }));
  for (const warning of [...facts.warnings, ...ownWarnings(facts)])
    lines.push(wrapText(`Warning: ${warning}`, { columns }));
  return `${lines.join('\n')}\n`;
}

function countLine({ incidents, forgotten, source }: RunFacts): string {
  const total = incidents.length + forgotten;
  if (total === 0) return `No incidents in ${source}.`;
  const bySeverity = SEVERITIES.toReversed()
    .map((severity) => ({ severity, count: incidents.filter((i) => i.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}`);
  return `${counted(total, 'incident')} in ${source}: ${bySeverity.join(', ')}`;
}

/** What makes "no incidents" say less than it seems to. */
function ownWarnings({ packets, unit = 'packets', isCutShort, counters: { packetsLate } }: RunFacts): string[] {
  const warnings: string[] = [];
  if (isCutShort) warnings.push('Stopped before the end of the input; what came after was not looked at.');
  else if (packets === 0) warnings.push(`There were no ${unit}, so there was nothing to judge.`);
  if (unit === 'packets' && packetsLate > MUCH_LATE * packets)
    warnings.push(
      `${formatCount(packetsLate)} of ${formatCount(packets)} packets came after much newer ones, and count as if they were as new: times and rates may be wrong. Sort a file first, such as with "reordercap FILE sorted.pcapng".`,
    );
  return warnings;
}

/** Share of late packets from which on it is said. */
const MUCH_LATE = 0.01;

/** `439,616 packets of 8 min (2024-05-15 09:00:00 to 09:08:00 UTC), read in 0.4 s (1.1 M/s)`. */
function rateLine({ packets, elapsedMs, covered, unit = 'packets' }: RunFacts): string {
  const perSecond = packets / Math.max(elapsedMs / 1000, 0.001);
  const rate = `${formatDuration(elapsedMs)} (${formatShort(perSecond)}/s)`;
  const count = counted(packets, unit.slice(0, -1));
  return covered ? `${count} of ${timeText(covered)}, read in ${rate}` : `${count} in ${rate}`;
}

function timeText({ firstUs, lastUs }: CoveredTime): string {
  const [first, last] = [formatTime(firstUs / 1000), formatTime(lastUs / 1000)];
  const isOneDay = first.slice(0, 10) === last.slice(0, 10);
  const end = isOneDay ? formatClock(lastUs / 1000) : last;
  return `${formatDuration((lastUs - firstUs) / 1000)} (${first} to ${end} UTC)`;
}

/** What the sensor did not see or could not read. */
function blindnessLine({ sensor, counters, unit }: Pick<RunFacts, 'sensor' | 'counters' | 'unit'>): string {
  if (unit === 'rows')
    return `Sensor ${sensor}: ${counted(counters.packetsLate, 'row')} late, ${formatCount(counters.packetsUndecoded)} skipped.`;
  const dropped = counters.packetsDroppedByKernel + counters.packetsDroppedByInterface;
  const facts = [
    `${counted(dropped, 'packet')} dropped before Weir saw them`,
    `${formatCount(counters.packetsLate)} late`,
    `${formatCount(counters.packetsUndecoded)} not decoded up to a transport layer`,
  ];
  return `Sensor ${sensor}: ${facts.join(', ')}.`;
}
